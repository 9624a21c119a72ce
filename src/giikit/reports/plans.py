"""Which reports there are to be, what each depends on, and the index of them."""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from giikit import _warm, files
from giikit.errors import GiikitError, RunError
from giikit.names import find_cluster_id
from giikit.reports.notebooks import Notebook
from giikit.reports.store import Plan, Store

_GII = "Global Innovation Index"
# A row of the table of clusters; of no single cluster, its edition; of all, nothing.
_Row = Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """What a run is asked for: some reports of a study.

    ``data`` is the data folder. Of all ``notebooks`` those ``wanted`` are run, and get
    ``parameters``; the other fields are options of `run_reports`.
    """

    data: Path
    notebooks: list[Notebook]
    wanted: list[Notebook]
    parameters: Mapping[str, Any]
    clusters: str | Sequence[str]
    edition: int | None
    force: bool
    only_failed: bool
    prune: bool
    kernel: Literal["warm", "cold"] | None
    jobs: int | None
    timeout: float | None
    output_limit: int

    def __post_init__(self) -> None:
        jobs, timeout = self.jobs, self.timeout
        for name, is_good, expected in (
            ("jobs", jobs is None or jobs >= 1, "at least 1"),
            ("output_limit", self.output_limit >= 1, "at least 1"),
            ("timeout", timeout is None or timeout > 0, "more than 0 seconds"),
            ("kernel", self.kernel in (None, "warm", "cold"), "'warm' or 'cold'"),
        ):
            if not is_good:
                msg = f"{name} is {getattr(self, name)!r}: expected {expected}"
                raise RunError(msg)
        if self.kernel == "warm" and not _warm.can_fork():
            where = "which is safe on Linux only"
            msg = f"warm kernels are forked, {where}: use --kernel cold"
            raise RunError(msg)


@dataclass(frozen=True)
class Survey:
    """All reports that there are to be by some tables.

    ``plans`` is in the order of notebooks and ranks; ``asked`` has those of a request,
    and whether they are to be made; ``gone`` are the names of reports whose notebook or
    page is no longer there. ``rows`` of the table of clusters and ``findings`` are
    texts; ``data`` is the address of the data folder, from the folder of reports, and
    ``tables`` are the names of its tables. ``inputs`` are the digests of the study's
    own files.
    """

    plans: list[Plan]
    asked: dict[Plan, bool]
    gone: list[str]
    rows: list[dict[str, str]]
    findings: list[dict[str, str]]
    data: str
    tables: list[str]
    inputs: dict[str, str]

    def list_stale(self) -> list[Plan]:
        """Return the reports that are to be made."""
        return [plan for plan, stale in self.asked.items() if stale]

    def hash_index(self, records: Mapping[str, Mapping[str, Any]]) -> str:
        """Return the digest of all that the index is made of."""
        depends = {plan.name: plan.depends for plan in self.plans}
        return files.hash_value([depends, self.data, records])

    def render_index(self, records: Mapping[str, Mapping[str, Any]]) -> bytes:
        """Return the page that links all reports, with the figures of each cluster.

        ``records`` tell how each report was made.
        """
        from giikit.vocabulary import RATES, load_templates

        reports: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for plan in self.plans:
            entry = {"plan": plan, "record": records.get(plan.name)}
            reports[str(plan.edition or ""), plan.cluster_id].append(entry)
        grouped = groupby(self.rows, lambda row: row["edition"])
        editions = {edition: list(rows) for edition, rows in grouped}
        index = load_templates(Path(__file__).parent).get_template("index.html.j2")
        return index.render(
            reports=reports,
            editions=editions,
            rates={
                edition: [r for r in RATES.values() if any(row[r] for row in rows)]
                for edition, rows in editions.items()
            },
            most={
                rate: max(float(row[rate] or 0) for row in self.rows) or 1
                for rate in RATES.values()
            },
            findings=Counter(
                (f["edition"], f["cluster_id"], f["severity"]) for f in self.findings
            ),
            unplaced=[f for f in self.findings if not f["cluster_id"]],
            data=self.data,
            tables=self.tables,
        ).encode()


def survey_reports(request: Request, tables: Path, store: Store) -> Survey:
    """Return the reports that there are to be.

    All depend on the tables, on whatever else stands below ``notebooks`` and ``data``,
    on giikit, and on the installed versions.

    Parameters
    ----------
    request
        What the run is asked for.
    tables
        The folder of tables built from the data.
    store
        The folder of reports, which knows the digests of files.

    Raises
    ------
    GiikitError
        If there is no cluster at all, or not the cluster or edition that is asked for.
    """
    rows, findings = (_read_rows(tables / f"{n}.csv") for n in ("clusters", "findings"))
    if not rows:
        raw = request.data / "raw"
        msg = f"no cluster profile among the pages in {raw}: giikit check"
        raise RunError(msg)
    rows.sort(key=_rank)
    folder, notebooks = request.data, request.notebooks
    inputs = hash_inputs(request, store)
    common = {
        "data": files.hash_file(tables / "datapackage.json"),
        "files": files.hash_value(inputs),
        "code": files.hash_code(),
        "versions": files.hash_value(files.list_versions()),
    }
    data = quote(Path(os.path.relpath(folder, store.out)).as_posix())
    reports = [notebook for notebook in notebooks if notebook.kind]
    profiles = [notebook for notebook in reports if notebook.kind == "cluster"]
    plans: list[Plan] = []
    for notebook in reports:
        linked = notebook if notebook in profiles else next(iter(profiles), None)
        given = request.parameters if notebook in request.wanted else None
        plans += _plan_notebook(notebook, linked, rows, given, common, data)
    chosen = _choose_plans(request, plans, rows)
    if request.only_failed:
        failed = {n for n, r in store.records.items() if r["status"] == "failed"}
        chosen = [plan for plan in chosen if plan.name in failed]
    asked = {plan: request.force or not store.is_current(plan) for plan in chosen}
    kept = {notebook.path.name for notebook in notebooks if notebook.status}
    gone = store.list_gone({plan.name for plan in plans}, kept)
    names = sorted(path.stem for path in tables.glob("*.csv"))
    return Survey(plans, asked, gone, rows, findings, data, names, inputs)


def hash_inputs(request: Request, store: Store) -> dict[str, str]:
    """Return the digests of a study's own files below ``data`` and ``notebooks``."""
    folder, notebooks = request.data, request.notebooks
    left_out = {store.out, folder / "raw", folder / "processed"}
    left_out |= {notebook.path for notebook in notebooks}
    places = {"data": folder, "notebooks": notebooks[0].path.parent}
    return {
        f"{name}/{path}": digest
        for name, place in places.items()
        for path, digest in store.hash_place(name, place, left_out).items()
    }


def _choose_plans(
    request: Request, plans: Sequence[Plan], rows: Sequence[_Row]
) -> list[Plan]:
    """Return the reports of the notebooks, clusters and editions that are wanted.

    Reports on no single cluster are not chosen by clusters, nor those over editions by
    an edition.
    """
    editions = sorted({int(row["edition"]) for row in rows})
    if request.edition is not None and request.edition not in editions:
        expected = f"expected one of {editions}"
        msg = f"no edition {request.edition} among the pages: {expected}"
        raise GiikitError(msg)
    known = {row["cluster_id"] for row in rows}
    names = request.clusters
    names = [names] if isinstance(names, str) else names
    clusters = {find_cluster_id(name, known) for name in names}
    return [
        plan
        for plan in plans
        if plan.notebook in request.wanted
        and request.edition in (None, plan.edition)
        and (not clusters or plan.cluster_id in clusters or not plan.cluster_id)
    ]


def _read_rows(path: Path) -> list[dict[str, str]]:
    """Read a table as text, quickly; a missing value is the empty text."""
    with path.open(encoding="utf-8", newline="") as content:
        return list(csv.DictReader(content))


def _rank(row: _Row) -> tuple[int, int, str]:
    """Return the key of the reports' order: newest edition, then rank by size."""
    return -int(row["edition"]), int(row["size_rank"] or 10**6), row["cluster_id"]


def _plan_notebook(
    notebook: Notebook,
    linked: Notebook | None,
    rows: Sequence[_Row],
    parameters: Mapping[str, Any] | None,
    common: Mapping[str, str],
    data: str,
) -> Iterator[Plan]:
    """Yield a notebook's reports, in which names lead to those of ``linked``."""
    own = _list_rows(notebook, rows)
    root = "../" * _name(notebook, own[0]).count("/")
    led = [(_name(linked, r), r) for r in _list_rows(linked, rows)] if linked else []
    links = {f"{r['edition']}/{r['cluster_id']}": f"{root}{n}.html" for n, r in led}
    digest = files.hash_value(notebook.text)
    for before, row, after in zip([{}, *own], own, [*own[1:], {}], strict=False):
        edition = int(row["edition"]) if row else None
        cluster_id, cluster = row.get("cluster_id", ""), row.get("cluster", "")
        title = f"{notebook.title}, {_GII} {edition}" if row else notebook.title
        if cluster:
            title = f"{cluster}, {_GII} {edition}: {notebook.title}"
        fitted = {}
        if parameters is not None:
            place = {"cluster": cluster_id, "edition": edition}
            fitted = notebook.fit_parameters({**parameters, **place})
        depends = {
            **common,
            "notebook": digest,
            "parameters": fitted,
            "links": linked.name if linked else "",
        }
        page = {
            "title": title,
            "short": cluster or notebook.title,
            "source": cluster and f"{root}{data}/raw/{quote(row['source'])}",
            "edition": edition,
            "cluster_id": cluster_id,
            "name": (name := _name(notebook, row)),
            "root": root,
            "previous": _refer(row, before),
            "next": _refer(row, after),
            "links": links,
            "folder": notebook.path.parent,
        }
        yield Plan(name, notebook, edition, cluster_id, fitted, depends, page)


def _list_rows(notebook: Notebook, rows: Sequence[_Row]) -> list[_Row]:
    """Return what a notebook is run for: clusters, editions, or once for all."""
    if notebook.kind == "editions":
        return [{}]
    if notebook.kind == "edition":
        return [{"edition": e} for e in dict.fromkeys(row["edition"] for row in rows)]
    newest = {row["cluster_id"]: row["edition"] for row in reversed(rows)}
    return [
        row
        for row in rows
        if "edition" in notebook.declared or row["edition"] == newest[row["cluster_id"]]
    ]


def _name(notebook: Notebook, row: _Row) -> str:
    parts = row.get("edition"), notebook.name, row.get("cluster_id")
    return "/".join(part for part in parts if part)


def _refer(row: _Row, other: _Row) -> dict[str, str] | None:
    """Return a cluster's neighbour in the same edition, None if it is another's."""
    if "cluster_id" not in row or row["edition"] != other.get("edition"):
        return None
    return {"href": f"{other['cluster_id']}.html", "title": other["cluster"]}
