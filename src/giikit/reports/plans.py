"""Which reports there are to be, and what each depends on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from giikit import files
from giikit.errors import GiikitError
from giikit.names import find_cluster_id
from giikit.reports.notebooks import Notebook
from giikit.reports.store import Plan

_GII = "Global Innovation Index"
# A row of the table of clusters; of no single cluster, its edition; of all, nothing.
_Row = Mapping[str, str]


def plan_reports(
    notebooks: Sequence[Notebook],
    wanted: Sequence[Notebook],
    rows: Sequence[Mapping[str, str]],
    parameters: Mapping[str, Any],
    common: Mapping[str, str],
    data: str,
) -> list[Plan]:
    """Return all reports that there are to be, in the order of notebooks and ranks.

    Parameters
    ----------
    notebooks
        Those that are reports.
    wanted
        Of these, the ones that are to get ``parameters``.
    rows
        Of the table of clusters, in the order of the reports.
    parameters
        Values for the notebooks' own parameters.
    common
        Digests of what all reports depend on.
    data
        Address of the data folder, from the folder of reports.
    """
    plans = []
    profiles = [notebook for notebook in notebooks if notebook.kind == "cluster"]
    for notebook in notebooks:
        linked = notebook if notebook in profiles else next(iter(profiles), None)
        led = [row for row in _list_rows(linked, rows) if row] if linked else []
        names = {f"{r['edition']}/{r['cluster_id']}": _name(linked, r) for r in led}
        own = _list_rows(notebook, rows)
        root = "../" * _name(notebook, own[0]).count("/")
        links = {key: f"{root}{name}.html" for key, name in names.items()}
        for before, row, after in zip([{}, *own], own, [*own[1:], {}], strict=False):
            edition = int(row["edition"]) if row else None
            cluster_id, cluster = row.get("cluster_id", ""), row.get("cluster", "")
            where = ", ".join(
                filter(None, (cluster, f"{_GII} {edition}" if row else ""))
            )
            parts = (where, notebook.title) if cluster else (notebook.title, where)
            given = {"cluster": cluster_id, "edition": edition}
            values = {**parameters, **{k: v for k, v in given.items() if v}}
            fitted = notebook.fit_parameters(values) if notebook in wanted else {}
            depends = {
                **common,
                "notebook": files.hash_value(notebook.text),
                "parameters": fitted,
                "links": linked.name if linked else "",
            }
            page = {
                "title": (": " if cluster else ", ").join(filter(None, parts)),
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
            plans.append(Plan(name, notebook, edition, cluster_id, fitted, known, page))
    return plans


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


def _name(notebook: Notebook | None, row: _Row) -> str:
    name = notebook.name if notebook else ""
    parts = row.get("edition"), name, row.get("cluster_id")
    return "/".join(part for part in parts if part)


def _refer(row: _Row, other: _Row) -> dict[str, str] | None:
    """Return a cluster's neighbour in the same edition, None if it is another's."""
    if "cluster_id" not in row or row["edition"] != other.get("edition"):
        return None
    return {"href": f"{other['cluster_id']}.html", "title": other["cluster"]}


def choose_plans(
    plans: Sequence[Plan],
    rows: Sequence[Mapping[str, str]],
    notebooks: Sequence[Notebook],
    clusters: str | Sequence[str],
    edition: int | None,
) -> list[Plan]:
    """Return the reports of some notebooks, clusters and editions.

    Reports on no single cluster are not chosen by clusters, nor those over editions by
    an edition.

    Raises
    ------
    GiikitError
        If there is no such cluster or edition.
    """
    editions = sorted({int(row["edition"]) for row in rows})
    if edition is not None and edition not in editions:
        msg = f"no edition {edition} among the pages: expected one of {editions}"
        raise GiikitError(msg)
    known = {row["cluster_id"] for row in rows}
    names = [clusters] if isinstance(clusters, str) else clusters
    wanted = {find_cluster_id(name, known) for name in names}
    return [
        plan
        for plan in plans
        if plan.notebook in notebooks
        and edition in (None, plan.edition)
        and (not wanted or plan.cluster_id in wanted or not plan.cluster_id)
    ]
