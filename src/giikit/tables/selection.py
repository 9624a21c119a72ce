"""Choosing a cluster, or several, of one edition; a wrong name says what is near."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from anyascii import anyascii

from giikit.errors import GiikitError
from giikit.model import ROWS, ClusterProfile
from giikit.names import find_cluster_id, find_economy_code, make_cluster_id
from giikit.tables.frames import KEY, Dataset

Flags = np.ndarray[Any, np.dtype[np.bool_]]


def select_edition(ds: Dataset, edition: int = 0) -> pd.DataFrame:
    """Return the clusters of one edition (0: the newest), ordered by size rank."""
    known = _restrict(ds.clusters, edition)
    newest: pd.DataFrame = known[known["edition"] == known["edition"].max()]
    return newest.sort_values(["size_rank", "cluster_id"], ignore_index=True)


def select_cluster(ds: Dataset, cluster: str = "", edition: int = 0) -> tuple[int, str]:
    """Return the edition and the cluster_id that are meant.

    Parameters
    ----------
    ds
        The tables to choose from.
    cluster
        A cluster_id, a name or a clear part of one; empty: the first by size rank.
    edition
        Year; 0: the newest edition that has the cluster.

    Raises
    ------
    GiikitError
        If there is no such edition, or not one such cluster in it.
    """
    known = _restrict(ds.clusters, edition)
    ranks = known["size_rank"].fillna(10**6)
    keys = sorted(zip(-known["edition"], ranks, known["cluster_id"], strict=True))
    if cluster:
        where = f" of edition {edition}" if edition else ""
        names = {name for _, _, name in keys}
        cluster_id = find_cluster_id(cluster, names, where)
        keys = [key for key in keys if key[2] == cluster_id]
    year, _, found = keys[0]
    return -int(year), str(found)


def select_rows(
    ds: Dataset,
    *,
    clusters: str | Iterable[str] = (),
    economy: str = "",
    edition: int = 0,
) -> Dataset:
    """Return the tables cut down to some clusters; `Dataset.select` calls it."""
    known_by = [*KEY, "economy_code"]
    pages = pd.concat([ds.clusters[known_by], ds.rankings[known_by]])
    _check_year(edition)
    if edition:
        _require(f"edition {edition}", pages["edition"] == edition, pages["edition"])
        pages = pages[pages["edition"] == edition]
    if economy:
        codes = pages["economy_code"].fillna("").str.split("/")
        wanted = _find_codes(economy, ds.clusters, set().union(*codes))
        at_home = np.array([wanted <= {*code} for code in codes], dtype=bool)
        known = pages["economy_code"].dropna()
        _require(f"economy {economy!r}", at_home, known)
        pages = pages[at_home]
    chosen = set(pages["cluster_id"])
    names = [clusters] if isinstance(clusters, str) else clusters
    if named := {find_cluster_id(name, chosen) for name in names if name}:
        chosen = named

    def cut(table: pd.DataFrame) -> pd.DataFrame:
        kept = match_rows(table, **{"edition": edition} if edition else {})
        if named or economy:
            kept &= table["cluster_id"].isin(chosen).to_numpy()
        return table[kept].reset_index(drop=True)

    return Dataset(**{name: cut(table) for name, table in ds.items()})


def _find_codes(economy: str, clusters: pd.DataFrame, known: set[str]) -> set[str]:
    """Return the codes of an economy named as on a page, or by any of its codes."""
    printed = clusters.dropna(subset=["economy", "economy_code"])
    slugs = printed["economy"].map(make_cluster_id)
    pages = dict(zip(slugs, printed["economy_code"], strict=True))
    upper = economy.strip().upper()
    code = upper if {*upper.split("/")} <= known else None
    code = code or pages.get(make_cluster_id(economy))
    code = code or find_economy_code(economy.strip()) or find_economy_code(upper)
    return {*(code or upper).split("/")}


def _require(what: str, found: Any, known: pd.Series) -> None:
    """Refuse what no row has, saying what there is."""
    if not found.any():
        there = ", ".join(str(value) for value in sorted(set(known))) or "none"
        message = f"no cluster of {what} in the data: there is {there}"
        raise GiikitError(message)


def select_profile(ds: Dataset, cluster: str = "", edition: int = 0) -> ClusterProfile:
    """Return one profile, put together again from the tables.

    Its findings are all of the table, those of the checks too. For ``cluster``,
    ``edition`` and what is raised see `select_cluster`.
    """
    key = select_cluster(ds, cluster, edition)
    (row,) = list_rows(ds.clusters, *key)
    for name, kind in ROWS.items():
        row[name] = tuple(kind(**r) for r in list_rows(getattr(ds, name), *key))
    return ClusterProfile(**row)


def find_rows(table: pd.DataFrame, text: str) -> pd.DataFrame:
    """Return the rows of a table in whose texts every word of ``text`` stands.

    Case and accents do not count, and a part of a word is enough.

    Examples
    --------
    >>> table = pd.DataFrame({"cluster": ["Zürich", "Munich"], "economy": "Germany"})
    >>> list(find_rows(table, "ger mun")["cluster"])
    ['Munich']
    >>> list(find_rows(table, "zur")["cluster"])
    ['Zürich']
    """
    words = _fold(text).split()
    columns: pd.DataFrame = table.select_dtypes("string").fillna("")
    rows = (_fold(" ".join(row)) for row in columns.itertuples(index=False))
    found = np.array([all(w in row for w in words) for row in rows], dtype=bool)
    return table[found] if words else table


def _fold(text: str) -> str:
    return anyascii(text).casefold()


def list_rows(
    table: pd.DataFrame, edition: int | None = None, cluster_id: str | None = None
) -> list[dict[str, Any]]:
    """Return the rows (of an edition, of a profile) as dicts; missing is None."""
    key = {"edition": edition, "cluster_id": cluster_id}
    table = table[match_rows(table, **{k: v for k, v in key.items() if v is not None})]
    # Row by row: for the few rows of a page, ten times as fast as by column.
    return [
        {str(name): None if pd.isna(v) else v for name, v in row.items()}
        for row in table.to_dict("records")
    ]


def match_rows(table: pd.DataFrame, **values: object) -> Flags:
    """Tell which rows have all of some values; a missing one is none of them."""
    found = np.ones(len(table), dtype=bool)
    for name, value in values.items():
        found &= (table[name] == value).to_numpy(bool, na_value=False)
    return found


def _check_year(edition: object) -> None:
    if not isinstance(edition, int | np.integer):
        message = f"edition {edition!r} is no year: expected one, such as 2024"
        raise GiikitError(message)


def _restrict(clusters: pd.DataFrame, edition: int) -> pd.DataFrame:
    """Return the clusters of ``edition``, of all editions where it is 0."""
    if clusters.empty:
        message = "no cluster profile in the data: save pages below data/raw and build"
        raise GiikitError(message)
    _check_year(edition)
    if edition:
        own = clusters["edition"] == edition
        _require(f"edition {edition}", own, clusters["edition"])
        return clusters[own]
    return clusters
