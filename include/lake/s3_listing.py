"""Listing S3 with the tags of its objects: S3 dates them in whole seconds, so that a date alone hides a rewrite."""

import logging
import os
from collections.abc import Iterator
from typing import Any

from include.errors import NotFound, Outage

MISSING = {"404", "NoSuchBucket"}
REFUSED = {"403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"}

# It says where it found the endpoint each time, and the watcher lists every other second.
logging.getLogger("botocore.configprovider").setLevel(logging.WARNING)


def objects(bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Every object whose key starts with the prefix: `Key`, `Size`, `LastModified` and `ETag`.

    Raises NotFound where the bucket is missing or closed to us, Outage where S3 does not answer.
    """
    import boto3  # noqa: PLC0415 - a third of a second that only S3 needs
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    settings = Config(connect_timeout=5, read_timeout=60, s3={"addressing_style": "path"})
    client = boto3.client("s3", region_name=region(), config=settings)
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from page.get("Contents", ())
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in MISSING:
            raise NotFound(
                f"There is no bucket {bucket} (s3://{bucket}/{prefix}). Create it, or name another in the address."
            ) from error
        if code in REFUSED:
            raise NotFound(
                f"No access to bucket {bucket} (s3://{bucket}/{prefix}): {error}. "
                "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy."
            ) from error
        raise Outage(f"S3 refused to list s3://{bucket}/{prefix}: {error}. Run the step again.") from error
    except BotoCoreError as error:
        raise Outage(
            f"S3 did not answer for s3://{bucket}/{prefix}: {error}. Check AWS_ENDPOINT_URL and that it is up."
        ) from error


def region() -> str:
    return os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION") or "us-east-1"
