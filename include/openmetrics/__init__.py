"""OpenMetrics: what the ledger says as numbers, for Prometheus and whoever else watches from outside."""

from include.openmetrics.collect import collect
from include.openmetrics.text import CONTENT_TYPE, render

__all__ = ["CONTENT_TYPE", "collect", "render"]
