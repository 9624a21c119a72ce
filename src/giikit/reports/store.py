"""The folder of reports: what each is to be, what it was made from, and the index."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from giikit import files
from giikit.reports.notebooks import Notebook, Status
from giikit.vocabulary import make_printable

if TYPE_CHECKING:
    from giikit._warm import Result

_SUFFIXES = ".ipynb", ".html"


@dataclass(frozen=True)
class Report:
    """One report of a run.

    ``name`` is its path below the folder of reports, without suffix; ``error`` names
    the cell, counted among code cells from 1, and what it raised. Of a list of
    reports, ``to-do`` are those that a run would make, and ``gone`` those whose
    notebook or page is no longer there. A notebook that is not in Python is
    ``left-out``.
    """

    name: str
    status: Status
    seconds: float
    outputs: tuple[Path, ...]
    error: str | None = None

    def __str__(self) -> str:
        result = self.error or (self.outputs[-1] if self.outputs else "")
        line = f"{self.status:<10} {self.name:<36} {self.seconds:>6.1f} s  {result}"
        return make_printable(line)


@dataclass(frozen=True)
class ReportRun:
    """What a run did: its reports, in the order of notebooks and size ranks.

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
        shown = dict.fromkeys(["done", "up-to-date", "failed", *counts])
        words = ", ".join(f"{counts[s]} {s}" for s in shown)
        last = ["up-to-date", "failed"]
        lines = [str(r) for r in self.reports if r.status not in last]
        lines += map(str, self.failed)
        if self.errors:
            lines.append(f"error findings on the pages: {self.errors} (giikit check)")
        return "\n".join([*lines, f"{words} in {self.seconds:.1f} s: {self.index}"])


@dataclass(frozen=True, eq=False)
class Plan:
    """A report as it is to be.

    ``edition`` is None for one over editions, ``cluster_id`` empty for one on no single
    cluster. While ``depends`` stays the same, so does the report. ``page`` is what
    `export_html` is told.
    """

    name: str
    notebook: Notebook
    edition: int | None
    cluster_id: str
    parameters: Mapping[str, Any]
    depends: Mapping[str, Any]
    page: Mapping[str, Any]


class Store:
    """The folder of reports.

    ``run.json`` is its memory: written as reports come, it is what a killed run
    leaves to the next.
    """

    def __init__(self, out: Path, options: Mapping[str, Any]) -> None:
        self.out, self._options = out, options
        self._started, self._saved_at = monotonic(), 0.0
        self._read()

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return round(monotonic() - self._started, 3)

    def _read(self) -> None:
        self.state: dict[str, Any] = {}
        # If there is no run.json, or it is not ours, everything is redone.
        with suppress(OSError, ValueError, TypeError):
            self.state |= json.loads((self.out / "run.json").read_bytes())
        self.records: dict[str, dict[str, Any]] = self.state.setdefault("reports", {})
        self._digests: dict[str, str] | None = None

    @contextmanager
    def hold(self, tell: Callable[[str], None]) -> Iterator[Path]:
        """Keep other runs out, and return an empty working folder.

        A second run waits for the first, and tells it. What a killed run left in its
        working folder is removed.
        """
        from filelock import FileLock, Timeout

        work = self.out / ".work"
        with files.writing(self.out):
            self.out.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.out / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                tell(f"waiting for another run in {self.out}")
                lock.acquire()
        try:
            with files.writing(self.out):
                shutil.rmtree(work, ignore_errors=True)
                work.mkdir()
            self._read()
            self.state |= {
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "seconds": None,
                "options": dict(self._options),
                "versions": files.list_versions(),
            }
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
            lock.release()

    def hash_place(
        self, name: str, folder: Path, left_out: Collection[Path] = ()
    ) -> dict[str, str]:
        """Return the digests of the files below a folder, by their paths in it.

        Under its name is kept what they are, so that only what changed is read again.
        """
        known = self.state.setdefault("files", {})
        known[name] = files.hash_files(folder, known.get(name, {}), left_out)
        return {path: entry[-1] for path, entry in known[name].items()}

    def is_current(self, plan: Plan) -> bool:
        """Tell whether the report is there, whole, and would come out the same."""
        record = self.records.get(plan.name, {})
        return (
            record.get("status") == "done"
            and files.hash_value(record.get("depends"))
            == files.hash_value(plan.depends)
            and len(record.get("outputs", ())) == len(_SUFFIXES)
            and all(self._is_ours(*output) for output in record["outputs"].items())
        )

    def _is_ours(self, path: str, digest: str) -> bool:
        if self._digests is None:
            self._digests = self.hash_place("reports", self.out)
        # What lies in a linked folder is not among them.
        return (self._digests.get(path) or files.hash_file(self.out / path)) == digest

    def list_gone(self, names: set[str], kept: set[str]) -> list[str]:
        """Return the reports not among ``names``, nor of the notebooks ``kept``."""
        gone = self.records.keys() - names
        return sorted(
            name for name in gone if self.records[name]["notebook"] not in kept
        )

    def prune(self, gone: Iterable[str]) -> None:
        """Remove the reports that are gone, but no file that someone edited."""
        for name in gone:
            for path, digest in self.records.pop(name).get("outputs", {}).items():
                if self._is_ours(path, digest):
                    (self.out / path).unlink()
                with suppress(OSError):  # there is more in it
                    (self.out / path).parent.rmdir()

    def add(self, plan: Plan, result: Result, html: str) -> Report:
        """Write a report, also of a notebook that failed, and record it."""
        contents = (result.notebook.encode(), html.encode())
        outputs = {}
        for suffix, content in zip(_SUFFIXES, contents, strict=True):
            if content:
                self.write(plan.name + suffix, content)
                outputs[plan.name + suffix] = sha256(content).hexdigest()
        failure = result.failure
        self.records[plan.name] = {
            "status": "failed" if failure else "done",
            "notebook": plan.notebook.path.name,
            "depends": plan.depends,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(result.seconds, 3),
            "cell_seconds": round(result.cell_seconds, 3),
            "error": asdict(failure) if failure else None,
            "text": str(failure) if failure else None,
            "outputs": outputs,
        }
        # With thousands of reports, this takes a while.
        if monotonic() > self._saved_at + 2:
            self.save()
        return self.describe(plan.name)

    def is_settled(self, index: str) -> bool:
        """Tell whether the index is there, and nothing of a run that was killed."""
        digest, made_of = self.state.get("index", ("", ""))
        there = self._is_ours("index.html", digest) and made_of == index
        return there and not (self.out / ".work").exists()

    def write_index(self, content: bytes, made_of: str) -> None:
        """Write the index, and remember what it was made of."""
        self.write("index.html", content)
        self.state["index"] = sha256(content).hexdigest(), made_of
        self.hash_place("reports", self.out)

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all."""
        with files.writing(self.out / name):
            files.write_whole(self.out / name, content)

    def save(self) -> None:
        """Write ``run.json``."""
        # Options may be paths.
        text = json.dumps(self.state, indent=1, ensure_ascii=False, default=str)
        self.write("run.json", text.encode() + b"\n")
        self._saved_at = monotonic()

    def describe(self, name: str, status: Status | None = None) -> Report:
        """Return a report as it was recorded, with another status if one is given."""
        record = self.records.get(name, {})
        outputs = tuple(self.out / path for path in record.get("outputs", ()))
        if status:
            return Report(name, status, 0.0, outputs)
        return Report(
            name, record["status"], record["seconds"], outputs, record["text"]
        )
