"""What a person sees while the demonstration runs: where it is, how far, and how long it takes."""

import sys
import time
from collections.abc import Callable

POLL_SECONDS = 0.5
QUIET_SECONDS = 5.0  # between two lines where the output is no terminal


class Progress:
    """Prints chapters and notes with the seconds since the start, and a line that moves while something is awaited."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._live = sys.stdout.isatty()

    def chapter(self, title: str) -> None:
        """A new part of the story."""
        print(f"\n{self._clock()}  == {title}", flush=True)

    def note(self, line: str) -> None:
        """Something that happened."""
        print(f"{self._clock()}     {line}", flush=True)

    def until(self, done: Callable[[], bool], state: Callable[[], str], seconds: float = 300.0) -> bool:
        """Waits until `done`, showing `state`; False where it took too long."""
        begin = shown = time.monotonic()
        while not (finished := done()) and time.monotonic() - begin < seconds:
            if self._live:
                print(f"\r{self._clock()}     {state()[:100]:<100}", end="", flush=True)
            elif time.monotonic() - shown > QUIET_SECONDS:
                self.note(state())
                shown = time.monotonic()
            time.sleep(POLL_SECONDS)
        if self._live:
            print("\r" + " " * 116 + "\r", end="", flush=True)
        return finished

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._start), 60)
        return f"{minutes:2d}:{seconds:02d}"
