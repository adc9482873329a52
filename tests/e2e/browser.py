"""A headless Chromium, driven over its DevTools socket: open a page as a logged-in user, read it, take its picture."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import urlopen

import websocket

from include.platform.ports import free_port

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--remote-allow-origins=*",
)  # fmt: skip


def program() -> str | None:
    """The browser of this machine; installed where we may (root on Debian), None where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *command], stdout=subprocess.DEVNULL, timeout=600, check=False)
        found = shutil.which("chromium")
    return found


class Browser:
    """One browser window of the given size in pixels."""

    def __init__(self, program: str, width: int = 1440, height: int = 900) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="perennial-browser-", ignore_cleanup_errors=True)
        port = free_port()
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--remote-debugging-port={port}", f"--user-data-dir={self._profile.name}",
             f"--window-size={width},{height}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._numbers = count(1)
        self._socket = websocket.create_connection(self._address(port), timeout=60)
        self._size = (width, height)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=20)
        self._profile.cleanup()

    def login(self, base_url: str, token: str) -> None:
        """Lets the browser act as the user the token belongs to."""
        self._call("Network.setCookie", name="_token", value=token, url=base_url)

    def open(self, url: str, wait_for: str = "", seconds: float = 60) -> str:
        """The page's text, frames included, once it contains `wait_for`."""
        self._call("Page.navigate", url=url)
        begin = time.monotonic()
        while wait_for not in (text := self.text()) or not text:
            if time.monotonic() - begin > seconds:
                raise AssertionError(f"{url} did not show {wait_for!r} in {seconds:g} s but: {text[:500]!r}")
            time.sleep(0.3)
        return text

    def text(self) -> str:
        """What the page shows now, frames of the same origin included."""
        script = (
            "[document, ...[...document.querySelectorAll('iframe')].map(f => f.contentDocument)]"
            ".map(d => d && d.body ? d.body.innerText : '').join('\\n')"
        )
        found = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        return str(found["result"].get("value", ""))

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression on the page."""
        return self._call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def picture(self, path: Path) -> None:
        """Writes what the window shows as a PNG."""
        shot = self._call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def _address(self, port: int) -> str:
        for _ in range(100):
            try:
                with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
                    return str(
                        next(page for page in json.load(answer) if page["type"] == "page")["webSocketDebuggerUrl"]
                    )
            except (OSError, StopIteration):
                time.sleep(0.2)
        raise AssertionError("the browser did not start in 20 s")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])
