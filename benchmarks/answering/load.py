"""Load by wrk (https://github.com/wg/wrk): requests a second, latencies, and what was not answered."""

import json
import shutil
import subprocess
from pathlib import Path

from benchmarks.answering.sides import Side
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
  io.write(string.format('{"requests": %%d, "seconds": %%f, "p50": %%f, "p99": %%f, "wrong": %%d, "late": %%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, wrong,
    summary.errors.timeout))
end
"""


def load(home: Path, side: Side, connections: int, seconds: int) -> dict[str, float]:
    """One round: requests a second and milliseconds. NotFound where wrk is not installed."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NotFound("wrk is not installed, which makes the load: apt install wrk.")
    script = home / f"{side.name}.lua"
    script.write_text(SCRIPT % {"questions": home / f"{side.form}.jsonl"})
    before = side.cpu_seconds()
    done = subprocess.run(
        [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), side.url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["wrong"] == 0, (side.name, found)
    cpu_ms = 1000 * (side.cpu_seconds() - before) / found["requests"]
    rate = found["requests"] / found["seconds"]
    return {"per_second": rate, "p50": found["p50"], "p99": found["p99"], "cpu_ms": cpu_ms}
