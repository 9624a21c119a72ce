"""From raw pages to a folder of tables, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from filelock import FileLock

from giikit.checks import check_dataset
from giikit.duplicates import find_duplicates
from giikit.errors import GiikitError, PageError, RunError
from giikit.estimates import estimate_quantities
from giikit.fingerprints import SHARED_TABLES
from giikit.folders import find_data_dir as find_data_dir
from giikit.folders import writing
from giikit.pages import describe_unread, find_page_paths, read_page
from giikit.parse import parse_page
from giikit.profile import ClusterProfile, Finding, find_cluster_id, make_cluster_id
from giikit.rankings import read_rankings
from giikit.storage import describe_package, replacing, write_csv
from giikit.tables import (
    SCHEMAS,
    Dataset,
    Source,
    make_dataset,
    sort_findings,
)


def assemble(raw: Path) -> Dataset:
    """Read the pages and rankings below ``raw`` into one dataset; write nothing.

    A file that is no profile gives a finding, and the others are read all the same.

    Raises
    ------
    GiikitError
        If ``raw`` is no folder, or has no page in it.
    """
    paths = find_page_paths(raw) if raw.is_dir() else []
    if not paths:
        message = (
            f"no profile page below {raw}: expected saved pages "
            "(.txt, .md, .html, .htm or .pdf)"
        )
        raise GiikitError(message)
    return assemble_files([(p, p.relative_to(raw).as_posix()) for p in paths], raw)


def assemble_files(
    files: Iterable[tuple[Path, str]], raw: Path | None = None
) -> Dataset:
    """Read files, each a path and its source name, and the rankings in ``raw``.

    The findings are those of reading and those of `check_dataset`.
    """
    profiles: list[ClusterProfile] = []
    sources: list[Source] = []
    findings: list[Finding] = []
    for path, source in files:
        page = edition = cluster_id = None
        try:
            page = read_page(path, source)
            profile = parse_page(page)
            edition, cluster_id = profile.edition, profile.cluster_id
            if edition is None or cluster_id is None:
                # Without a key there is no row to fill; its findings say why.
                findings.extend(profile.findings)
            else:
                profiles.append(profile)
        except PageError as error:
            says = error.message, error.line
            findings.append(
                Finding(None, None, source, "error", "not-a-profile", *says)
            )
        described = (
            (page.format, page.size, page.sha256) if page else describe_unread(path)
        )
        sources.append(Source(edition, cluster_id, source, *described))
    profiles, repeated = find_duplicates(profiles)
    findings += repeated
    rows, tables, remarks = read_rankings(raw) if raw else ([], [], [])
    ds = make_dataset(profiles, [*sources, *tables], [*findings, *remarks], rows)
    ds = replace(ds, estimates=estimate_quantities(ds))
    remarked = pd.concat([ds.findings, check_dataset(ds)])
    return replace(ds, findings=sort_findings(remarked))


def build_dataset(raw: str | Path, out: str | Path) -> Dataset:
    """Read ``raw``, write its tables to ``out`` as CSV, Parquet and datapackage.json.

    The same input gives the same bytes. The files are replaced, each in one step, when
    all are written: so a full disk leaves all the old ones.

    Raises
    ------
    GiikitError
        If there is no page below ``raw``.
    RunError
        If ``out`` cannot be written to.
    """
    ds = assemble(Path(raw))
    folder = Path(out)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        held = FileLock(folder / ".lock").acquire()
    with held, replacing(folder) as new:
        for name, table in ds.items():
            write_csv(table, new / f"{name}.csv")
            table.to_parquet(new / f"{name}.parquet", index=False)
        package = json.dumps(describe_package(new), indent=2, ensure_ascii=False)
        text = package + "\n"
        (new / "datapackage.json").write_text(text, encoding="utf-8", newline="\n")
    return ds


def load_dataset(
    data: str | Path | None = None, *, cluster: str | None = None
) -> Dataset:
    """Load the tables of a data folder, with the dtypes they were built with.

    Where nothing was built yet, the pages in its ``raw`` are read on the spot, so that
    a notebook runs in a fresh checkout.

    Parameters
    ----------
    data
        The data folder; None or empty: see `find_data_dir`.
    cluster
        A name or cluster_id: load only its rows, in all editions; ``clusters`` and
        ``rankings`` stay whole, to compare with. None or empty: load everything.

    Raises
    ------
    GiikitError
        If there is no data folder, neither tables nor pages in it, or no such cluster.
    RunError
        If a notebook that declares to read one cluster's data asks for more.
    """
    own = make_cluster_id(cluster or "")
    scope = os.environ.get("GIIKIT_SCOPE")
    if scope and own != scope:
        message = (
            "this notebook declares to read the data of one cluster (metadata giikit, "
            f"reads): expected load_dataset(cluster={scope!r}), got {cluster!r}; "
            "remove the declaration, or load no more"
        )
        raise RunError(message)
    folder = find_data_dir(data)
    processed = folder / "processed"
    if (processed / "datapackage.json").is_file():
        ds = Dataset(**{name: _load_table(processed, name) for name in SCHEMAS})
    else:
        ds = assemble(folder / "raw")
    if not own:
        return ds
    find_cluster_id(own, set(ds.clusters["cluster_id"]))
    return Dataset(
        **{
            name: table
            if name in SHARED_TABLES
            else table[table["cluster_id"].eq(own)].reset_index(drop=True)
            for name, table in ds.items()
        }
    )


def _load_table(processed: Path, name: str) -> pd.DataFrame:
    path = processed / f"{name}.parquet"
    if not path.is_file():
        message = f"{path} is missing: run `giikit build` to make the tables"
        raise GiikitError(message)
    # So small a file pandas.read_parquet takes twice as long to read.
    with pq.ParquetFile(path) as file:
        table: pd.DataFrame = file.read().to_pandas()
    return table
