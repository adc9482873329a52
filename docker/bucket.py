"""Creates the bucket that the lake and the models live in, unless it is there: `python docker/bucket.py BUCKET`."""

import sys
from http import HTTPStatus

import boto3
from botocore.exceptions import ClientError


def ensure(bucket: str) -> None:
    """Leave a bucket of this name behind. Anything but "no such bucket" is raised as the store said it."""
    s3 = boto3.client("s3")
    try:
        s3.head_bucket(Bucket=bucket)
        return
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
            raise
    region = s3.meta.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **where)


if __name__ == "__main__":
    ensure(sys.argv[1])
