"""The folder of reports: whole files, what each was made from, and the index."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from giikit import files
from giikit._warm import Failure, Result
from giikit.files import writing
from giikit.reports.html import export_html

Status = Literal["done", "up-to-date", "failed"]
ACROSS = "across-clusters"
_SUFFIXES = ".ipynb", ".html"


@dataclass(frozen=True)
class Report:
    """One report of a run.

    ``name`` is ``edition/cluster_id`` or ``edition/across-clusters``; ``error`` names
    the cell, counted among code cells from 1, and what it raised.
    """

    name: str
    status: Status
    seconds: float
    outputs: tuple[Path, ...]
    error: str | None = None

    def __str__(self) -> str:
        result = self.error or (self.outputs[-1] if self.outputs else "")
        return f"{self.status:<7} {self.name:<36} {self.seconds:>6.1f} s  {result}"


@dataclass(frozen=True)
class ReportRun:
    """What a run did: its reports, in the order of the index.

    ``errors`` counts the error findings in the data, of whatever page.
    """

    reports: tuple[Report, ...]
    index: Path
    seconds: float
    errors: int

    @property
    def failed(self) -> tuple[Report, ...]:
        """The reports that failed."""
        return tuple(r for r in self.reports if r.status == "failed")

    def __str__(self) -> str:
        counts = Counter(report.status for report in self.reports)
        words = [f"{counts[s]} {s}" for s in ("done", "up-to-date", "failed")]
        last = f"{', '.join(words)} in {self.seconds:.1f} s: {self.index}"
        done = [r for r in self.reports if r.status == "done"]
        remark = f"error findings on the pages: {self.errors} (giikit check)"
        remarks = [remark] if self.errors else []
        return "\n".join([*map(str, done), *map(str, self.failed), *remarks, last])


@dataclass(frozen=True, eq=False)
class Plan:
    """A report as it is to be; ``data`` is the digest of all the data it can see."""

    name: str
    title: str
    notebook: Path
    text: str
    parameters: Mapping[str, Any]
    data: str

    @property
    def edition(self) -> int:
        """The year."""
        return int(self.name.partition("/")[0])

    @property
    def key(self) -> str:
        """The cluster_id, or ``across-clusters``."""
        return self.name.partition("/")[2]

    def list_dependencies(self) -> dict[str, Any]:
        """Return parameters and digests: while they stay, so does the report."""
        return {
            "notebook": files.hash_value(self.text),
            "parameters": dict(self.parameters),
            "data": self.data,
            "code": files.hash_code(),
            "versions": files.hash_value(files.list_versions()),
        }


class Store:
    """The folder of reports while one run holds it.

    ``run.json`` is its memory: written after every report, it is what a killed run
    leaves to the next.
    """

    def __init__(self, out: Path, work: Path, options: Mapping[str, Any]) -> None:
        self.out, self.work = out, work
        self.state: dict[str, Any] = {}
        # If there is no run.json, or it is not ours, everything is redone.
        with suppress(OSError, ValueError, TypeError):
            self.state |= json.loads((out / "run.json").read_text(encoding="utf-8"))
        self.records: dict[str, dict[str, Any]] = self.state.setdefault("reports", {})
        self.state |= {
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": None,
            "options": dict(options),
            "versions": files.list_versions(),
        }
        self._saved_at = self._saving_took = 0.0

    def get_status(self, plan: Plan) -> str | None:
        """Return how the last run of a report ended, None if there was none."""
        return self.records.get(plan.name, {}).get("status")

    def is_current(self, plan: Plan) -> bool:
        """Tell whether the report is there, whole, and would come out the same."""
        record = self.records.get(plan.name, {})
        return (
            record.get("status") == "done"
            and record.get("depends") == plan.list_dependencies()
            and len(record.get("outputs", ())) == len(_SUFFIXES)
            and all(
                files.hash_file(self.out / path) == digest
                for path, digest in record["outputs"].items()
            )
        )

    def forget_others(self, plans: Sequence[Plan]) -> None:
        """Remove reports on pages that are gone, unless someone edited them."""
        names = {plan.name for plan in plans}
        for name in set(self.records) - names:
            for path, digest in self.records.pop(name).get("outputs", {}).items():
                if files.hash_file(self.out / path) == digest:
                    (self.out / path).unlink()

    def add(self, plan: Plan, result: Result | Exception) -> Report:
        """Write a report, also of a notebook that failed, and record it."""
        import nbformat

        failure: Failure | None
        if isinstance(result, Exception):  # of giikit, or of Dask's worker
            failure = Failure(None, "", type(result).__name__, str(result))
            contents, seconds, cell_seconds = {}, 0.0, 0.0
        else:
            failure, seconds = result.failure, result.seconds
            cell_seconds = result.cell_seconds
            page = {"title": plan.title, "root": "../", "name": plan.name}
            texts = (
                f"{nbformat.writes(result.notebook)}\n",
                export_html(result.notebook, page),
            )
            contents = dict(zip(_SUFFIXES, map(str.encode, texts), strict=True))
        record = {
            "status": "failed" if failure else "done",
            "notebook": plan.notebook.name,
            "depends": plan.list_dependencies(),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
            "cell_seconds": round(cell_seconds, 3),
            "error": asdict(failure) if failure else None,
            "text": str(failure) if failure else None,
            "outputs": {
                plan.name + suffix: self.write(plan.name + suffix, content)
                for suffix, content in contents.items()
            },
        }
        self.records[plan.name] = record
        # Every report, unless there are so many that writing takes a tenth of the time.
        if monotonic() - self._saved_at > 10 * self._saving_took:
            self._save()
        return self._describe(plan, self.get_status(plan))

    def write(self, name: str, content: bytes) -> str:
        """Write a file whole or not at all; return its digest."""
        path, temporary = self.out / name, self.work / "output"
        with writing(path):
            path.parent.mkdir(exist_ok=True)
            temporary.write_bytes(content)
            temporary.replace(path)
        return files.hash_file(path)

    def _save(self) -> None:
        started = monotonic()
        # Options may be paths.
        text = json.dumps(self.state, indent=1, ensure_ascii=False, default=str)
        self.write("run.json", text.encode() + b"\n")
        self._saved_at = monotonic()
        self._saving_took = self._saved_at - started

    def finish(self, seconds: float) -> None:
        """Record the end of the run, and how long it took."""
        self.state["seconds"] = round(seconds, 3)
        self._save()

    def make_run(
        self,
        plans: Sequence[Plan],
        redone: Sequence[Plan],
        findings: Sequence[Mapping[str, str]],
    ) -> ReportRun:
        """Return what a run did."""
        reports = [
            self._describe(p, self.get_status(p) if p in redone else "up-to-date")
            for p in plans
        ]
        errors = sum(f["severity"] == "error" for f in findings)
        index, seconds = self.out / "index.html", self.state["seconds"]
        return ReportRun(tuple(reports), index, seconds, errors)

    def _describe(self, plan: Plan, status: Any) -> Report:
        record = self.records[plan.name]
        outputs = tuple(self.out / path for path in record["outputs"])
        seconds = 0.0 if status == "up-to-date" else record["seconds"]
        return Report(plan.name, status, seconds, outputs, record["text"])

    def write_index(
        self,
        plans: Sequence[Plan],
        processed: Path,
        findings: Sequence[Mapping[str, str]],
    ) -> None:
        """Write the page that links all reports, with the figures of each cluster."""
        from giikit.vocabulary import load_templates

        rows = {
            f"{row['edition']}/{row['cluster_id']}": row
            for row in read_rows(processed / "clusters.csv")
        }
        counts = Counter(
            (f"{f['edition']}/{f['cluster_id']}", f["severity"]) for f in findings
        )
        most = {
            rate: max([int(row[rate]) for row in rows.values() if row[rate]], default=0)
            for rate in ("pct_per_million", "articles_per_million")
        }
        editions: dict[int, list[dict[str, Any]]] = {}
        for plan in plans:
            row = rows.get(plan.name, {})
            entry = {
                "plan": plan,
                "row": row,
                "parts": {
                    rate: round(100 * int(row.get(rate) or 0) / (top or 1), 1)
                    for rate, top in most.items()
                },
                "record": self.records.get(plan.name),
                "findings": {
                    s: counts[plan.name, s] for s in ("error", "warning", "info")
                },
            }
            editions.setdefault(plan.edition, []).append(entry)
        html = load_templates(Path(__file__).parent).get_template("index.html.j2")
        unplaced = [f for f in findings if not f["cluster_id"]]
        text = html.render(editions=editions, unplaced=unplaced, across=ACROSS)
        if (content := text.encode()) != self._read_index():
            self.write("index.html", content)

    def _read_index(self) -> bytes:
        try:
            return (self.out / "index.html").read_bytes()
        except OSError:
            return b""


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a table as text, quickly; a missing value is the empty text."""
    with path.open(encoding="utf-8", newline="") as content:
        return list(csv.DictReader(content))
