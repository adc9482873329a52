"""Whether traces are asked for, in OpenTelemetry's own words; nothing of OpenTelemetry is imported for the answer."""

from collections.abc import Mapping

from include.errors import SpecError

SPOKEN = "http/protobuf"
COLLECTORS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def traces(environ: Mapping[str, str]) -> bool:
    """Whether the environment names a collector, and does not switch traces off. SpecError where it is to be gRPC."""
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    if off or not any(environ.get(name) for name in COLLECTORS):
        return False
    for name in PROTOCOLS:
        if environ.get(name, SPOKEN) != SPOKEN:
            raise SpecError(f"{name} '{environ[name]}' is not spoken; required: {SPOKEN} (port 4318).")
    return True
