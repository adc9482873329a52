"""What storage reports, as a decision the caller can take, with the address and what to do."""

import errno

from include.errors import NotFound, Outage


def explained(address: str, error: OSError) -> NotFound | Outage:
    """NotFound where somebody has to create or allow something, Outage where trying again may help."""
    observed = str(error)
    bucket = address.removeprefix("s3://").split("/", maxsplit=1)[0]
    if "NO_SUCH_BUCKET" in observed:
        return NotFound(f"There is no bucket {bucket} ({address}). Create it, or name another in the address.")
    if any(code in observed for code in ("ACCESS_DENIED", "INVALID_ACCESS_KEY", "SIGNATURE_DOES_NOT_MATCH")):
        return NotFound(
            f"No access to bucket {bucket} ({address}): {observed}. "
            "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the bucket's policy."
        )
    if "NETWORK_CONNECTION" in observed:
        return Outage(f"S3 did not answer for {address}: {observed}. Check AWS_ENDPOINT_URL and that it is up.")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Outage(f"The disk is full, {address} was not written. Free space and run the step again.")
    return Outage(f"{address} could not be read or written: {observed}. Check the storage and run the step again.")
