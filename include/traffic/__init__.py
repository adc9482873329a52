"""Admitted rows sent to the service as live requests: for demonstrations, drills, and releases without users yet."""

from include.traffic.replayed import Request, replayed, requests
from include.traffic.traffic import Traffic

__all__ = ["Request", "Traffic", "replayed", "requests"]
