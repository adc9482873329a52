"""A request that is not answered, and what its client is told: the same form on every path."""

import msgspec

from include.serving.cells import Problem

_encode = msgspec.json.Encoder(enc_hook=str).encode


class Refusal(msgspec.Struct):
    """Why a request was not answered; which cells were refused, if some were."""

    error: str
    problems: list[Problem] = []


class Trouble(Exception):
    """A request that is not answered: status, what to say, and the refusals found."""

    def __init__(self, status: int, error: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(error)
        self.status, self.refusal = status, Refusal(error, list(problems))

    def told(self) -> bytes:
        """The body of the answer."""
        return bytes(_encode(self.refusal))
