"""What is kept of a refused partition: the data as it landed, and why it was refused, for machines and for people."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from include.contract.check import CheckResult
from include.contract.findings import Finding
from include.lake import Store, layout
from include.lake.staged import Staged

_STYLE = (
    "body{font:15px system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #8884;padding:.4em .6em;text-align:left;"
    "vertical-align:top;overflow-wrap:break-word}.fail{color:#b00020}.warn{color:#8a5a00}code{font-size:13px}"
)
_DATA_DOCS = " Every rule, broken or not, is in <a href=validation.html>Great Expectations' Data Docs</a>."


@dataclass(frozen=True)
class Refusal:
    """One landing of a partition, as it was judged, and what is wrong with it."""

    dataset: str
    staged: Staged
    result: CheckResult


def quarantine(refusal: Refusal, store: Store) -> str:
    """Keeps data and evidence; gives the path of the page for people. The same again changes nothing."""
    landed = refusal.staged.landed
    folder = layout.quarantine(refusal.dataset, landed.key, landed.fingerprint)
    for file in refusal.staged.files:
        store.upload(file.path, f"{folder}/data/{file.name}")
    keep_validation(refusal.result, store, folder)
    store.write_bytes(f"{folder}/reasons.json", _reasons(refusal).encode())
    store.write_bytes(f"{folder}/evidence.html", _page(refusal).encode())
    return f"{folder}/evidence.html"


def keep_validation(result: CheckResult, store: Store, folder: str) -> str | None:
    """Keeps Great Expectations' result and its page; gives the page's path, None where it was not asked."""
    if result.validation is None or result.data_docs is None:
        return None
    store.write_bytes(f"{folder}/validation.json", result.validation.encode())
    store.write_bytes(f"{folder}/validation.html", result.data_docs.encode())
    return f"{folder}/validation.html"


def _reasons(refusal: Refusal) -> str:
    landed = refusal.staged.landed
    reasons = {
        "dataset": refusal.dataset,
        "key": landed.key,
        "fingerprint": landed.fingerprint,
        "files": [file.name for file in refusal.staged.files],
        "statistics": refusal.result.statistics,
        "findings": [finding.model_dump() for finding in refusal.result.findings],
    }
    return json.dumps(reasons, indent=1)


def _page(refusal: Refusal) -> str:
    landed, result = refusal.staged.landed, refusal.result
    title = escape(f"{refusal.dataset} {landed.key} was quarantined")
    files = escape(", ".join(file.name for file in refusal.staged.files) or "none")
    facts = escape(", ".join(f"{count} {name}" for name, count in result.statistics.items()) or "could not be read")
    head = "".join(f"<th>{name}" for name in ("", "column", "rule", "observed", "required", "failing rows", "examples"))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
        f"<h1>{title}</h1><p>Landing <code>{landed.fingerprint}</code> in "
        f"<code>{escape(landed.store.locate(landed.key))}</code>; files: {files}; checked: {facts}."
        "<p>Fix the data upstream and land the partition again: it is judged anew. "
        "The data as it landed is in <code>data/</code> beside this page."
        f"{_DATA_DOCS if result.data_docs else ''}"
        f"<table><tr>{head}{''.join(_row(finding) for finding in result.findings)}</table></html>\n"
    )


def _row(finding: Finding) -> str:
    texts = (finding.column or "", finding.rule, finding.observed, finding.required, str(finding.failing_rows))
    cells = "".join(f"<td>{escape(text)}" for text in texts)
    return f"<tr><td class={finding.severity}>{finding.severity}{cells}<td>{_examples(finding.examples)}"


def _examples(rows: Iterable[dict[str, str]]) -> str:
    lines = (", ".join(f"{name}={value}" for name, value in row.items()) for row in rows)
    return "<br>".join(f"<code>{escape(line)}</code>" for line in lines)
