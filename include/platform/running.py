"""A platform as others see it: where it is, and how to talk to it."""

from dataclasses import dataclass
from pathlib import Path

from include.errors import NotFound
from include.platform.client import AirflowClient
from include.platform.credentials import ADMIN, passwords
from include.platform.environment import airflow_url, environment, mlflow_url, service_url
from include.platform.home import Choices, Home


@dataclass(frozen=True)
class Platform:
    """A started platform."""

    home: Home
    choices: Choices

    @property
    def airflow_url(self) -> str:
        return airflow_url(self.choices)

    @property
    def mlflow_url(self) -> str:
        return mlflow_url(self.choices)

    @property
    def service_url(self) -> str:
        return service_url(self.choices)

    @property
    def passwords(self) -> dict[str, str]:
        """User name -> password."""
        return passwords(self.home)

    def environment(self) -> dict[str, str]:
        """Variables to lay over `os.environ` for any command that works with this platform."""
        return environment(self.home, self.choices)

    def client(self, user: str = ADMIN) -> AirflowClient:
        """A session with this Airflow."""
        return AirflowClient(self.airflow_url, user, self.passwords[user])


def platform(home: Path | str | None = None) -> Platform:
    """The platform that was started in a state folder."""
    place = Home.at(home)
    if (choices := place.choices()) is None:
        raise NotFound(f"No platform was ever started in {place.root}. Start one: make up")
    return Platform(place, choices)
