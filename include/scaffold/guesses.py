"""Rules guessed from a sample: wide on purpose, and each with what it stands on."""

import math
import re
from collections.abc import Iterator

import yaml

from include.lake.profile import CategoryProfile, NumericProfile
from include.scaffold.sample import Sample, SampledColumn

MOST_LISTED = 20
SEEN_OFTEN = 50
ENOUGH_ROWS = 1000
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_RESERVED = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
_LARGEST_WHOLE = 1e15


def contract_text(sample: Sample, dataset: str, owner: str) -> str:
    """The text of a first contract.yaml."""
    lines = [*_head(sample, dataset, owner), "", "columns:"]
    lines += [line for column in sample.columns for line in _column(column, sample)]
    lines += [f"  # left out: {text(name)} ({text(why)})" for name, why in sample.left_out]
    return "\n".join(lines) + "\n"


def text(value: str) -> str:
    """The text as YAML reads it back."""
    if _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return yaml.safe_dump(value, default_style='"', width=math.inf).strip()


def _head(sample: Sample, dataset: str, owner: str) -> Iterator[str]:
    yield f"# A first contract, guessed from {sample.rows} rows. Read each line: a guess says what it stands on."
    yield "# Bounds are wide, so that no honest day is refused; look at real days, then tighten."
    yield f"dataset: {dataset}"
    yield f"owner: {text(owner)}  # who answers for the data"
    yield 'partition_format: "%Y-%m-%d"'
    why = "the first timestamp without nulls" if sample.event_time else "there is no timestamp without nulls; name one"
    yield f"event_time: {text(sample.event_time or 'REPLACE_ME')}  # guess: {why}"
    why = "all rows of the sample differ in them" if sample.keys else "no three columns tell all rows apart; name some"
    yield f"keys: [{', '.join(map(text, sample.keys)) or 'REPLACE_ME'}]  # guess: {why}"
    yield f"rows: {{min: {max(1, min(sample.days) // 4)}, max: {max(sample.days) * 4}}}  # guess: {_days(sample)}"


def _days(sample: Sample) -> str:
    if len(sample.days) == 1:
        return "a quarter of the sample to four times it, which had better be one day"
    return f"a quarter of the smallest of {len(sample.days)} folders to four times the largest; one had better be a day"


def _column(column: SampledColumn, sample: Sample) -> Iterator[str]:
    yield f"  {text(column.name)}:"
    yield f"    type: {column.kind}"
    if column.name not in sample.keys and column.name != sample.event_time:
        yield from _nulls(column)
    if isinstance(column.profile, NumericProfile) and column.profile.count:
        yield from _range(column.profile)
    if isinstance(column.profile, CategoryProfile) and column.kind == "string" and column.profile.count:
        yield from _words(column, column.profile)
    if column.personal:
        yield "    personal: true  # guess: by its name; masked in evidence, not profiled, no feature"


def _nulls(column: SampledColumn) -> Iterator[str]:
    if column.nulls:
        share = column.nulls / column.rows
        most = min(1.0, math.ceil(20 * max(2 * share, share + 0.1)) / 20)
        yield "    nullable: true"
        yield f"    max_null_share: {most:g}  # guess: {share:.1%} are null in the sample"
    elif column.rows < ENOUGH_ROWS:
        yield f"    nullable: true  # guess: none is null in the sample, but {column.rows} rows tell little"
    else:
        yield f"    # guess: never null, as in all {column.rows} rows of the sample"


def _range(profile: NumericProfile) -> Iterator[str]:
    low, high = float(profile.min or 0), float(profile.max or 0)
    room = max(high - low, abs(high), 1.0)
    least, most = (0.0 if low >= 0 else -_rounded_up(room - low)), _rounded_up(high + room)
    yield f"    min: {_number(least)}"
    yield f"    max: {_number(most)}  # guess: {_number(low)} to {_number(high)} in the sample, and as much room again"
    yield "    severity: warn  # guess: a range from one sample is no reason to refuse a day"


def _rounded_up(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten; the largest number there is where that would be none."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(min(value, 1e307)))
    return next((step * unit for step in (1, 2, 5, 10) if step * unit >= value), 1.7e308)


def _number(value: float) -> str:
    """The number as YAML reads it back: an exponent needs a point before it."""
    if value == round(value) and abs(value) < _LARGEST_WHOLE:
        return f"{value:.0f}"
    return f"{value:.6e}" if abs(value) >= _LARGEST_WHOLE or abs(value) < 1e-3 else f"{value:.6g}"  # noqa: PLR2004


def _words(column: SampledColumn, profile: CategoryProfile) -> Iterator[str]:
    listed = sorted(profile.counts)
    if column.personal:  # its values are nobody's business
        listed = []
    if listed and _is_whole(profile) and len(listed) <= MOST_LISTED and min(profile.counts.values()) >= SEEN_OFTEN:
        often = f"all there are, each seen {SEEN_OFTEN} times or more"
        yield f"    one_of: [{', '.join(map(text, listed))}]  # guess: {often}"
        yield "    severity: warn  # guess: a new value may be no error"
    elif listed and all(re.fullmatch(f"[A-Z0-9]{{{column.longest}}}", word) for word in listed):
        yield f'    pattern: "^[A-Z0-9]{{{column.longest}}}$"  # guess: every code in the sample has this form'
        yield "    severity: warn  # guess: a new form may be no error"
    else:
        most = _number(_rounded_up(2 * max(column.longest, 1)))
        yield f"    max_length: {most}  # guess: up to {column.longest} in the sample"


def _is_whole(profile: CategoryProfile) -> bool:
    """Whether every word is counted by its name."""
    return profile.registers is None
