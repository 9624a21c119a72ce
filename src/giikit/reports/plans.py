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

# Edition, cluster_id and title of a report, with the cluster's row, if it has one.
_Key = tuple[int | None, str, str, Mapping[str, str]]


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
        names = {
            f"{row['edition']}/{row['cluster_id']}": _name(
                linked, int(row["edition"]), row["cluster_id"]
            )
            for row in _choose_rows(linked, rows)
        }
        depends = {
            **common,
            "notebook": files.hash_value(notebook.text),
            "links": linked.name if linked else "",
        }
        keys = _list_keys(notebook, rows)
        links: dict[str, dict[str, str]] = {}
        for place, (edition, cluster_id, title, row) in enumerate(keys):
            name = _name(notebook, edition, cluster_id)
            root = "../" * name.count("/")
            if root not in links:
                links[root] = {k: f"{root}{n}.html" for k, n in names.items()}
            page = {
                "title": title,
                "short": row.get("cluster", notebook.title),
                "source": row and f"{root}{data}/raw/{quote(row['source'])}",
                "edition": edition,
                "cluster_id": cluster_id,
                "name": name,
                "root": root,
                "previous": _refer(keys, place - 1, edition),
                "next": _refer(keys, place + 1, edition),
                "links": links[root],
            }
            given = {"cluster": cluster_id, "edition": edition}
            values = {**parameters, **{k: v for k, v in given.items() if v}}
            fitted = notebook.fit_parameters(values) if notebook in wanted else {}
            # As they come back from JSON, to be compared.
            own = json.loads(json.dumps({"parameters": fitted, **depends}))
            plans.append(Plan(name, notebook, edition, cluster_id, fitted, own, page))
    return plans


def _name(notebook: Notebook | None, edition: int | None, cluster_id: str) -> str:
    name = notebook.name if notebook else ""
    return "/".join(str(part) for part in (edition, name, cluster_id) if part)


def _choose_rows(
    notebook: Notebook | None, rows: Sequence[Mapping[str, str]]
) -> list[Mapping[str, str]]:
    """Return the clusters that a notebook is run for, each with its edition."""
    if notebook is None:
        return []
    newest: dict[str, int] = {}
    for row in rows:
        key, edition = row["cluster_id"], int(row["edition"])
        newest[key] = max(edition, newest.get(key, 0))
    return [
        row
        for row in rows
        if "edition" in notebook.declared
        or int(row["edition"]) == newest[row["cluster_id"]]
    ]


def _list_keys(notebook: Notebook, rows: Sequence[Mapping[str, str]]) -> list[_Key]:
    """Return the reports of a notebook."""
    title = notebook.title
    if notebook.kind == "editions":
        return [(None, "", title, {})]
    if notebook.kind == "edition":
        editions = dict.fromkeys(int(row["edition"]) for row in rows)
        return [(e, "", f"{title}, Global Innovation Index {e}", {}) for e in editions]
    return [
        (
            int(row["edition"]),
            row["cluster_id"],
            f"{row['cluster']}, Global Innovation Index {row['edition']}: {title}",
            row,
        )
        for row in _choose_rows(notebook, rows)
    ]


def _refer(
    keys: Sequence[_Key], place: int, edition: int | None
) -> dict[str, str] | None:
    """Return a cluster's neighbour in the same edition, None if there is none."""
    if not 0 <= place < len(keys):
        return None
    other, cluster_id, _, row = keys[place]
    if not cluster_id or other != edition:
        return None
    return {"href": f"{cluster_id}.html", "title": row["cluster"]}


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
