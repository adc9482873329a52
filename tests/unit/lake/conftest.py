"""Every lake test runs on a folder and on S3."""

from tests.storage import s3, s3_endpoint, store

__all__ = ["s3", "s3_endpoint", "store"]
