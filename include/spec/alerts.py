"""Who is told when something is wrong, and from which tier on. Nobody is, unless a file says so."""

from typing import Literal, Self

from pydantic import Field, model_validator

from include.spec.frozen import Frozen

Told = Literal["warn", "alert", "critical"]


class Channel(Frozen):
    """One way to reach people. Addresses and secrets are in the Airflow connection, never here."""

    kind: Literal["email", "slack", "webhook"]
    connection: str = Field(
        min_length=1, description="id of the Airflow connection: of type `smtp`, or `http` for slack and webhook"
    )
    to: tuple[str, ...] = Field((), description="email only: the recipients")
    tier: Told = Field("alert", description="the lowest tier that is told")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.kind == "email") != bool(self.to):
            raise ValueError("to lists the recipients of kind email, and only of that")
        if wrong := [one for one in self.to if one.count("@") != 1 or any(sign in one for sign in " ,;\r\n")]:
            raise ValueError(f"to lists addresses such as ops@example.org, one by one; got {', '.join(wrong)}")
        return self
