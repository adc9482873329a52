"""Replay: what other policies would have done with the history one has, before one of them goes live."""

from include.replay.command import folder, run
from include.replay.outcome import Outcome
from include.replay.policies import POLICIES, Policy
from include.replay.replay import replay
from include.replay.report import Report

__all__ = ["POLICIES", "Outcome", "Policy", "Report", "folder", "replay", "run"]
