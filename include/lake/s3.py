"""What the Arrow file system cannot do in S3: listing objects with their tags, and uploading a file as a whole."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from include.errors import NotFound, Outage

MISSING = {"404", "NoSuchBucket"}
REFUSED = {"403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"}

# It says where it found the endpoint each time, and the watcher lists every other second.
logging.getLogger("botocore.configprovider").setLevel(logging.WARNING)


def objects(bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Every object whose key starts with the prefix: `Key`, `Size`, `LastModified` and `ETag`.

    S3 dates objects in whole seconds, so that a date alone hides a rewrite.
    """
    with _explaining(bucket, prefix):
        for page in _client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from page.get("Contents", ())


def upload(source: Path, bucket: str, key: str) -> None:
    """Uploads a file in parts. The object appears when all of them are there; an upload that breaks leaves nothing."""
    with _explaining(bucket, key):
        _client().upload_file(str(source), bucket, key)


def _client() -> Any:
    import boto3  # noqa: PLC0415 - a third of a second that only S3 needs
    from botocore.config import Config  # noqa: PLC0415

    settings = Config(connect_timeout=5, read_timeout=60, s3={"addressing_style": "path"})
    return boto3.client("s3", region_name=region(), config=settings)


@contextmanager
def _explaining(bucket: str, prefix: str) -> Iterator[None]:
    """Raises NotFound where the bucket is missing or closed to us, Outage where S3 does not answer."""
    from boto3.exceptions import S3UploadFailedError  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (ClientError, S3UploadFailedError) as error:
        answer = error if isinstance(error, ClientError) else error.__context__
        code = str(getattr(answer, "response", {}).get("Error", {}).get("Code", ""))
        if code in MISSING:
            raise NotFound(
                f"There is no bucket {bucket} (s3://{bucket}/{prefix}). Create it, or name another in the address."
            ) from error
        if code in REFUSED:
            raise NotFound(
                f"No access to bucket {bucket} (s3://{bucket}/{prefix}): {error}. "
                "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy."
            ) from error
        raise Outage(f"S3 refused s3://{bucket}/{prefix}: {error}. Run the step again.") from error
    except BotoCoreError as error:
        raise Outage(
            f"S3 did not answer for s3://{bucket}/{prefix}: {error}. Check AWS_ENDPOINT_URL and that it is up."
        ) from error


def region() -> str:
    return os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION") or "us-east-1"
