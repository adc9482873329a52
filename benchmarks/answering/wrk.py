"""Load by wrk (https://github.com/wg/wrk): requests a second, latencies, and what was not answered."""

import json
import shutil
import subprocess
from pathlib import Path

from include.errors import NotFound

SCRIPT = """
local lines = {}
for line in io.lines("%(questions)s") do lines[#lines + 1] = line end
local turn = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  turn = turn %% #lines + 1
  return wrk.format(nil, nil, nil, lines[turn])
end
done = function(summary, latency, requests)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
  io.write(string.format('{"requests": %%d, "seconds": %%f, "p50": %%f, "p99": %%f, "slowest": %%f, "wrong": %%d, ' ..
    '"late": %%d}\\n', summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3, wrong, summary.errors.timeout))
end
"""


def wrk(url: str, questions: Path, connections: int, seconds: int, key: str = "") -> dict[str, float]:
    """One round: requests, milliseconds, and how many requests failed. NotFound where wrk is not installed.

    `questions` has a body a line; they are sent in turns, with the API key if there is one.
    """
    command = shutil.which("wrk")
    if command is None:
        raise NotFound("wrk is not installed, which makes the load: apt install wrk.")
    script = questions.with_suffix(".lua")
    script.write_text(SCRIPT % {"questions": questions})
    done = subprocess.run(
        [command, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script),
         *(["-H", f"Authorization: Bearer {key}"] if key else []), url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
