"""What is kept of a refused partition: the data as it landed, and why it was refused, for machines and for people."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from include.contract.findings import Finding
from include.lake import Landed, Store, layout

_STYLE = (
    "body{font:15px system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #8884;padding:.4em .6em;text-align:left;"
    "vertical-align:top;overflow-wrap:break-word}.fail{color:#b00020}.warn{color:#8a5a00}code{font-size:13px}"
)


@dataclass(frozen=True)
class Refusal:
    """One landing of a partition and what is wrong with it."""

    dataset: str
    landed: Landed
    findings: tuple[Finding, ...]
    statistics: dict[str, int]
    validation: str | None = None


def quarantine(refusal: Refusal, store: Store) -> str:
    """Keeps data and evidence; gives the path of the page for people. The same again changes nothing."""
    landed = refusal.landed
    folder = layout.quarantine(refusal.dataset, landed.key, landed.fingerprint)
    for entry in landed.files:
        store.write_bytes(f"{folder}/data/{entry.name}", landed.store.read_bytes(entry.path))
    if refusal.validation is not None:
        store.write_bytes(f"{folder}/validation.json", refusal.validation.encode())
    store.write_bytes(f"{folder}/reasons.json", _reasons(refusal).encode())
    store.write_bytes(f"{folder}/evidence.html", _page(refusal).encode())
    return f"{folder}/evidence.html"


def _reasons(refusal: Refusal) -> str:
    reasons = {
        "dataset": refusal.dataset,
        "key": refusal.landed.key,
        "fingerprint": refusal.landed.fingerprint,
        "files": [entry.name for entry in refusal.landed.files],
        "statistics": refusal.statistics,
        "findings": [finding.model_dump() for finding in refusal.findings],
    }
    return json.dumps(reasons, indent=1)


def _page(refusal: Refusal) -> str:
    landed = refusal.landed
    title = escape(f"{refusal.dataset} {landed.key} was quarantined")
    files = escape(", ".join(entry.name for entry in landed.files) or "none")
    facts = escape(", ".join(f"{count} {name}" for name, count in refusal.statistics.items()) or "could not be read")
    head = "".join(f"<th>{name}" for name in ("", "column", "rule", "observed", "required", "failing rows", "examples"))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
        f"<h1>{title}</h1><p>Landing <code>{landed.fingerprint}</code> in "
        f"<code>{escape(landed.store.locate(landed.key))}</code>; files: {files}; checked: {facts}."
        "<p>Fix the data upstream and land the partition again: it is judged anew. "
        "The data as it landed is in <code>data/</code> beside this page."
        f"<table><tr>{head}{''.join(_row(finding) for finding in refusal.findings)}</table></html>\n"
    )


def _row(finding: Finding) -> str:
    texts = (finding.column or "", finding.rule, finding.observed, finding.required, str(finding.failing_rows))
    cells = "".join(f"<td>{escape(text)}" for text in texts)
    return f"<tr><td class={finding.severity}>{finding.severity}{cells}<td>{_examples(finding.examples)}"


def _examples(rows: Iterable[dict[str, str]]) -> str:
    lines = (", ".join(f"{name}={value}" for name, value in row.items()) for row in rows)
    return "<br>".join(f"<code>{escape(line)}</code>" for line in lines)
