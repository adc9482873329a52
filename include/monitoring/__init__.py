"""Monitoring: drift, verdict, policy and report."""
