"""A version in memory, ready to answer."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from include.errors import BadData
from include.serving.admission import Admission
from include.serving.compiled import Answer, compiled
from include.serving.plan import Plan, Value
from include.serving.routing import Slot
from include.spec import ContractSpec, ModelSpec

Rows = Sequence[tuple[Value, ...]]
Said = list[list[float]]
TOLERANCE = 1e-6
AT_ONCE = 64  # rows that are answered before other requests get a turn


@dataclass(frozen=True, eq=False)
class Version:
    """One loaded version. `answer` is None where the pipeline itself answers, in a thread of its own."""

    plan: Plan
    slot: Slot
    admission: Admission
    answer: Answer | None
    pipeline: Callable[[Rows], Said] | None
    thread: ThreadPoolExecutor | None

    async def say(self, rows: Rows, seconds: float) -> Said:
        """What the version says of the rows.

        TimeoutError where it takes longer than so many seconds, ArithmeticError where it says what is no number.
        """
        said = await self._said(rows, seconds)
        if not all(map(math.isfinite, chain.from_iterable(said))):
            raise ArithmeticError("it says what is no finite number")
        return said

    async def _said(self, rows: Rows, seconds: float) -> Said:
        if self.answer is not None and len(rows) <= AT_ONCE:
            return [self.answer(row) for row in rows]
        if self.answer is not None:
            return await _in_turns(self.answer, rows, time.monotonic() + seconds)
        loop = asyncio.get_running_loop()
        assert self.pipeline is not None  # noqa: S101 - one of both is there
        return await asyncio.wait_for(loop.run_in_executor(self.thread, self.pipeline, rows), seconds)


async def _in_turns(answer: Answer, rows: Rows, deadline: float) -> Said:
    said: Said = []
    for first in range(0, len(rows), AT_ONCE):
        said += [answer(row) for row in rows[first : first + AT_ONCE]]
        await asyncio.sleep(0)
        if time.monotonic() > deadline:
            raise TimeoutError
    return said


def load(plan: Plan, slot: Slot, folder: Path, contract: ContractSpec) -> Version:
    """The version, compiled if its plan allows it, warmed and self-tested. BadData where it fails its own samples."""
    admission = Admission(plan, contract)
    if plan.computation is None:
        pipeline = _pipeline(plan, folder)
        version = Version(plan, slot, admission, None, pipeline, ThreadPoolExecutor(1, f"{plan.model}-pipeline"))
        said = pipeline([tuple(one.row) for one in plan.samples])
        _self_test(plan, said)
        return version
    places = [plan.features.index(name) for name in plan.float32]
    answer = compiled(plan.computation, len(plan.features), places)
    _self_test(plan, (answer(one.row) for one in plan.samples))
    return Version(plan, slot, admission, answer, None, None)


def check_windows(plan: Plan, spec: ModelSpec) -> None:
    """BadData where it learnt from window features that mean something else now: the store has the new ones."""
    now = {name: one.model_dump_json() for name, one in spec.windows.items()}
    other = [name for name, learnt in plan.windows.items() if now.get(name, learnt) != learnt]
    if other:
        raise BadData(
            f"{plan.model} v{plan.version} learnt from another {', '.join(other)} than features.yaml declares now: it "
            "is not served. Give what means something else another name, and restart the service."
        )


def _self_test(plan: Plan, said: Iterable[list[float]]) -> None:
    for sample, answer in zip(plan.samples, said, strict=True):
        apart = max(abs(a - b) for a, b in zip(answer, sample.said, strict=True))
        if not apart <= TOLERANCE * max(1.0, *map(abs, sample.said)):
            raise BadData(
                f"{plan.model} v{plan.version} fails its self-test: it says {answer} where the registered pipeline "
                f"said {sample.said}. It is not served; remove its folder under versions/ to prepare it anew."
            )


def _pipeline(plan: Plan, folder: Path) -> Callable[[Rows], Said]:
    """The pipeline itself, its file checked once more; the libraries are imported by the workers that need them."""
    from include.serving.uncompiled import pipeline_of  # noqa: PLC0415

    return pipeline_of(plan, folder)
