"""Incidents: rolling back."""
