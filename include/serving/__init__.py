"""Serving: predictions of the champion."""
