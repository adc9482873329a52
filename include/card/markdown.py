"""The card in Markdown: all of it for an archive, its core for the approver and the registry."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from include.card import facts
from include.card.card import Card
from include.card.facts import Fact
from include.card.numbers import between, shown
from include.card.plots.plot import Plot
from include.card.rulings import Ruling
from include.gates.result import Check
from include.ledger import Override

CORE_LENGTH = 5000  # what MLflow keeps of a version's description
LINE_LENGTH = 220
FEW_CHECKS = 3  # so many are told one by one in a line


def core(card: Card) -> str:
    """What decides, short enough for a form: overrides and warnings, metrics side by side, a line per gate."""
    data, lineage = _chosen(card.data, "Learnt from", "Judged on"), _chosen(card.lineage, "Commit", "Model file")
    parts = [
        *_top(card),
        *_metrics(card),
        "",
        *(f"- {_gate_line(one)}" for one in card.gates),
        "",
        _facts_line(data),
        "",
        _facts_line(lineage),
    ]
    return _cut("\n".join(parts), CORE_LENGTH)


def whole(card: Card, plots: Sequence[Plot]) -> str:
    """The whole card. Plots are links to files in a folder `card` beside it."""
    parts = [
        f"# {_plain(card.name)}", "", _plain(card.description), "", *_top(card),
        *_section("What it is", _facts(card.about)),
        *_section("Metrics", [*_metrics(card), "", *(f"![{_plain(one.says)}](card/{one.file})" for one in plots)]),
        *_section("Limits", [*(f"- {_plain(text)}" for text in _limits(card))]),
        *_section("Gates", [line for one in card.gates for line in _gate(one)]),
        *_section("Data", _facts(card.data)),
        *_section("Lineage", _facts(card.lineage)),
    ]  # fmt: skip
    if card.promotion:
        parts += _section("Promotion", _facts(facts.promotion(card.promotion)))
    return "\n".join(parts) + "\n"


def _top(card: Card) -> Iterator[str]:
    yield f"**{_plain(card.sentence)}**"
    if card.promotion:
        yield ""
        yield _facts_line(islice(facts.promotion(card.promotion), 3))
    yield ""
    yield from (f"- {_override(one)}" for one in card.overrides)
    yield from (f"- **Note:** {_brief(text)}" for text in card.warnings)
    if card.overrides or card.warnings:
        yield ""


def _override(one: Override) -> str:
    said = f"It said {one.outcome}: {_brief(one.sentence)}"
    return f"**OVERRIDDEN: {one.gate}** by {_plain(one.actor)}: {_brief(one.reason)}. {said}"


def _metrics(card: Card) -> Iterator[str]:
    yield f"| metric | challenger | {card.champion} | change |"
    yield "|---|---|---|---|"
    for one in card.metrics:
        yield f"| {one.name} | {one.challenger} | {one.champion} | {one.change} |"


def _gate_line(ruling: Ruling) -> str:
    result = ruling.result
    if result is None:
        return f"**{ruling.gate}** not decided"
    told = result.sentence
    if result.passed and len(result.checks) > FEW_CHECKS:
        told = f"all {len(result.checks)} checks"
    return f"**{ruling.gate}** {ruling.outcome}: {_brief(told)}"


def _gate(ruling: Ruling) -> Iterator[str]:
    yield f"### {ruling.gate}: {ruling.outcome}"
    yield ""
    if ruling.result is None:
        return
    yield "| check | outcome | observed | interval | threshold | |"
    yield "|---|---|---|---|---|---|"
    yield from (_check(one) for one in ruling.result.checks)
    yield ""


def _check(one: Check) -> str:
    numbers = f"{shown(one.observed)} | {between(one.lower, one.upper)} | {shown(one.threshold)}"
    return f"| {_plain(one.name)} | {one.status} | {numbers} | {_plain(one.sentence)} |"


def _limits(card: Card) -> Iterator[str]:
    if card.owner_limits:
        yield card.owner_limits
    yield from (one.text for one in card.remarks)


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return ["", f"## {title}", "", *lines]


def _facts(lines: Iterable[Fact]) -> list[str]:
    return ["| | |", "|---|---|", *(f"| {one.name} | {_plain(one.value)} |" for one in lines)]


def _facts_line(lines: Iterable[Fact]) -> str:
    return "; ".join(f"{one.name}: {_brief(one.value)}" for one in lines)


def _chosen(lines: Iterable[Fact], *names: str) -> Iterator[Fact]:
    return (one for one in lines if one.name in names)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line: no tags, no tables, no links of somebody else's making."""
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    for sign in "|*[]`":
        escaped = escaped.replace(sign, f"\\{sign}")
    return escaped


def _brief(text: str) -> str:
    return _plain(_cut(text, LINE_LENGTH))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
