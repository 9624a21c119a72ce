"""Which reports there are to be, what each depends on, and the index of them."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from giikit import files
from giikit.errors import GiikitError, RunError
from giikit.names import find_cluster_id
from giikit.reports.notebooks import Notebook
from giikit.reports.store import Plan, Store

_GII = "Global Innovation Index"
# A row of the table of clusters; of no single cluster, its edition; of all, nothing.
_Row = Mapping[str, str]


@dataclass(frozen=True)
class Survey:
    """All reports that there are to be by some tables.

    ``plans`` is in the order of notebooks and ranks, ``rows`` of the table of clusters
    and ``findings`` are texts; ``data`` is the address of the data folder, from the
    folder of reports, and ``tables`` are the names of its tables.
    """

    plans: list[Plan]
    rows: list[dict[str, str]]
    findings: list[dict[str, str]]
    data: str
    tables: list[str]

    def choose(
        self,
        notebooks: Sequence[Notebook],
        clusters: str | Sequence[str],
        edition: int | None,
    ) -> list[Plan]:
        """Return the reports of some notebooks, clusters and editions.

        Reports on no single cluster are not chosen by clusters, nor those over editions
        by an edition.

        Raises
        ------
        GiikitError
            If there is no such cluster or edition.
        """
        editions = sorted({int(row["edition"]) for row in self.rows})
        if edition is not None and edition not in editions:
            msg = f"no edition {edition} among the pages: expected one of {editions}"
            raise GiikitError(msg)
        known = {row["cluster_id"] for row in self.rows}
        names = [clusters] if isinstance(clusters, str) else clusters
        wanted = {find_cluster_id(name, known) for name in names}
        return [
            plan
            for plan in self.plans
            if plan.notebook in notebooks
            and edition in (None, plan.edition)
            and (not wanted or plan.cluster_id in wanted or not plan.cluster_id)
        ]

    def render_index(self, records: Mapping[str, Mapping[str, Any]]) -> bytes:
        """Return the page that links all reports, with the figures of each cluster.

        ``records`` tell how each report was made.
        """
        from giikit.vocabulary import load_templates

        severities = Counter(
            (f["edition"], f["cluster_id"], f["severity"]) for f in self.findings
        )
        most = {
            rate: max(float(row[rate] or 0) for row in self.rows) or 1
            for rate in ("pct_per_million", "articles_per_million")
        }
        entries: dict[tuple[Any, str], list[dict[str, Any]]] = defaultdict(list)
        for plan in self.plans:
            entry = {"plan": plan, "record": records.get(plan.name)}
            entries[plan.edition, plan.cluster_id].append(entry)
        editions: dict[int, dict[str, list[Any]]] = {}
        for row in self.rows:
            edition, key = int(row["edition"]), row["cluster_id"]
            held = {"reports": entries[edition, ""], "clusters": []}
            editions.setdefault(edition, held)["clusters"].append(
                {
                    "row": row,
                    "reports": entries[edition, key],
                    "parts": {
                        rate: round(100 * float(row[rate] or 0) / top, 1)
                        for rate, top in most.items()
                    },
                    "findings": {
                        severity: severities[row["edition"], key, severity]
                        for severity in ("error", "warning", "info")
                    },
                }
            )
        html = load_templates(Path(__file__).parent).get_template("index.html.j2")
        return html.render(
            reports=entries[None, ""],
            editions=editions,
            unplaced=[f for f in self.findings if not f["cluster_id"]],
            data=self.data,
            tables=self.tables,
        ).encode()


def survey_reports(
    folder: Path,
    tables: Path,
    notebooks: Sequence[Notebook],
    wanted: Sequence[Notebook],
    parameters: Mapping[str, Any],
    store: Store,
) -> Survey:
    """Return the reports that there are to be.

    All depend on the tables, on whatever else stands below ``notebooks`` and ``data``,
    on giikit, and on the installed versions.

    Parameters
    ----------
    folder
        The data folder.
    tables
        The folder of tables built from it.
    notebooks
        All that the study has.
    wanted
        Of these, the ones that are to get ``parameters``.
    parameters
        Values for the notebooks' own parameters.
    store
        The folder of reports, which knows the digests of files.

    Raises
    ------
    RunError
        If there is no cluster.
    """
    rows, findings = (_read_rows(tables / f"{n}.csv") for n in ("clusters", "findings"))
    if not rows:
        msg = f"no cluster profile among the pages in {folder / 'raw'}: giikit check"
        raise RunError(msg)
    rows.sort(key=_rank)
    left_out = {store.out, folder / "raw", folder / "processed"}
    left_out |= {notebook.path for notebook in notebooks}
    known, found = store.state.setdefault("files", {}), []
    for place in (folder, notebooks[0].path.parent):
        entries = files.hash_files(place, known.get(place.name, {}), left_out)
        known[place.name] = entries
        found.append({name: entry[-1] for name, entry in entries.items()})
    paths = sorted(tables.glob("*.csv"))
    common = {
        "data": files.hash_value([files.hash_file(path) for path in paths]),
        "files": files.hash_value(found),
        "code": files.hash_code(),
        "versions": files.hash_value(files.list_versions()),
    }
    data = quote(Path(os.path.relpath(folder, store.out)).as_posix())
    reports = [notebook for notebook in notebooks if notebook.kind]
    profiles = [notebook for notebook in reports if notebook.kind == "cluster"]
    plans: list[Plan] = []
    for notebook in reports:
        linked = notebook if notebook in profiles else next(iter(profiles), None)
        given = parameters if notebook in wanted else None
        plans += _plan_notebook(notebook, linked, rows, given, common, data)
    return Survey(plans, rows, findings, data, [path.stem for path in paths])


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
    for before, row, after in zip([{}, *own], own, [*own[1:], {}], strict=False):
        edition = int(row["edition"]) if row else None
        cluster_id, cluster = row.get("cluster_id", ""), row.get("cluster", "")
        parts = [notebook.title, f"{_GII} {edition}" if row else ""]
        if cluster:
            parts = [f"{cluster}, {parts[1]}: {parts[0]}"]
        fitted = {}
        if parameters is not None:
            place = {"cluster": cluster_id, "edition": edition}
            fitted = notebook.fit_parameters({**parameters, **place})
        depends = {
            **common,
            "notebook": files.hash_value(notebook.text),
            "parameters": fitted,
            "links": linked.name if linked else "",
        }
        page = {
            "title": ", ".join(filter(None, parts)),
            "short": cluster or notebook.title,
            "source": cluster and f"{root}{data}/raw/{quote(row['source'])}",
            "edition": edition,
            "cluster_id": cluster_id,
            "name": (name := _name(notebook, row)),
            "root": root,
            "previous": _refer(row, before),
            "next": _refer(row, after),
            "links": links,
        }
        known = json.loads(json.dumps(depends))  # as it comes back from run.json
        yield Plan(name, notebook, edition, cluster_id, fitted, known, page)


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
