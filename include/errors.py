"""The few kinds of failure, each one a decision the caller can take.

A message is complete for the person who reads it at night: what failed, what was observed and what was required,
for which partition or version, where the evidence is, and what to do next.
"""


class PerennialError(Exception):
    """A failure that Perennial explains; `exit_code` is what the command line ends with.

    `evidence` is a path in the lake where the facts behind it are stored.
    """

    exit_code = 1

    def __init__(self, message: str, evidence: str | None = None) -> None:
        super().__init__(message)
        self.evidence = evidence


class SpecError(PerennialError):
    """A `model.yaml` or `contract.yaml` that cannot be used: file, key, value and choices are in the message."""

    exit_code = 64


class BadData(PerennialError):
    """Data that will be as bad on the next try: never retried."""

    exit_code = 65


class NotFound(PerennialError):
    """A partition, version, model or bucket that is not there: never retried."""

    exit_code = 66


class Outage(PerennialError):
    """A server, disk or network that did not answer: worth another try."""

    exit_code = 75


class Conflict(PerennialError):
    """Somebody else moved the champion, or judged the partition, first: look again before you decide."""

    exit_code = 76


class NothingToDo(PerennialError):
    """A normal end without a result, with its reason: green, skipped."""

    exit_code = 99
