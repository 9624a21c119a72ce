"""From raw pages to a folder of tables, and back."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from filelock import FileLock
from tqdm import tqdm

from giikit import files, inference, pages, parsing, rankings, tables
from giikit.errors import PageError
from giikit.files import find_data_dir as find_data_dir
from giikit.findings import Finding, make_finding
from giikit.model import ClusterProfile
from giikit.tables import Dataset, Source

_PATIENCE = 2.0  # seconds
_ORIGIN = ["origin", "retrieved"]


def assemble(raw: Path) -> Dataset:
    """Read the pages and rankings below ``raw`` into one dataset; write nothing.

    A file that is no profile gives a finding, and the others are read all the same.

    Raises
    ------
    GiikitError
        If there is no page and no ranking below ``raw``.
    """
    only_rankings = any(raw.glob("rankings/*.csv"))
    paths = pages.find_page_paths(raw) if only_rankings else pages.list_pages(raw)
    return assemble_files([(path, pages.name_source(path, raw)) for path in paths], raw)


def assemble_files(
    named: Iterable[tuple[Path, str]], raw: Path | None = None
) -> Dataset:
    """Read files, each a path and its source name, and the rankings in ``raw``.

    The findings are those of reading and those of `check_dataset`.
    """
    profiles: list[ClusterProfile] = []
    sources: list[Source] = []
    findings: list[Finding] = []
    rows: list[Any] = []
    # Whoever waits for longer than that at a terminal sees how far it is.
    told = tqdm(named, "reading", unit=" pages", delay=_PATIENCE, disable=None)
    for path, source in told:
        page = edition = cluster_id = None
        try:
            page = pages.read_page(path, source)
            profile = parsing.parse_page(page)
            edition, cluster_id = profile.edition, profile.cluster_id
            if edition is None or cluster_id is None:
                # Without a key there is no row to fill; its findings say why.
                findings.extend(profile.findings)
            else:
                profiles.append(profile)
        except PageError as error:
            about: Any = {"source": source, "place": (error.line,)}
            reason = {"reason": error.message}
            findings.append(make_finding("not-a-profile", reason, **about))
        known = page and (page.format, page.size, page.sha256)
        described = known or pages.describe_unread(path)
        sources.append(Source(edition, cluster_id, source, *described))
    profiles, repeated = find_duplicates(profiles)
    findings += repeated
    if raw:
        others = [pages.name_source(path, raw) for path in pages.find_other_paths(raw)]
        findings += [make_finding("other-file", {}, source=name) for name in others]
        rows, files_read, remarks = rankings.read_rankings(raw)
        sources, findings = _add_origins(sources + files_read, raw), findings + remarks
    ds = tables.make_dataset(profiles, sources, findings, rows)
    ds = tables.apply_corrections(ds, raw.parent) if raw else ds
    implied = inference.imply(ds)
    remarked = pd.concat([ds.findings, inference.check_dataset(ds, implied)])
    estimates = inference.estimate_quantities(ds, implied)
    return replace(ds, estimates=estimates, findings=tables.sort_findings(remarked))


def _add_origins(sources: list[Source], raw: Path) -> list[Source]:
    """Fill origin and time of each file whose bytes ``sources.csv`` knows."""
    known: dict[Any, dict[str, Any]] = {
        (row["source"], row["sha256"]): {k: row[k] or None for k in _ORIGIN}
        for row in tables.read_origins(raw).to_dict("records")
    }
    return [s._replace(**known.get((s.source, s.sha256), {})) for s in sources]


def build_dataset(raw: str | Path, out: str | Path, *, xlsx: bool = False) -> Dataset:
    """Read ``raw``, write its tables to ``out`` as CSV, Parquet and datapackage.json.

    With ``xlsx`` they are written to ``giikit.xlsx`` too, which is then kept up to
    date by every build.

    The same input gives the same bytes. The files are replaced, each in one step, when
    all are written: so a full disk leaves all the old ones.

    Raises
    ------
    GiikitError
        If there is no page below ``raw``.
    RunError
        If ``out`` cannot be written to.
    """
    # Before the pages are read: what changes meanwhile is a change since then.
    inputs, known = files.hash_inputs(Path(raw), {})
    ds = assemble(Path(raw))
    folder = Path(out)
    with files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        held = FileLock(folder / ".lock").acquire()
    with held, files.replacing(folder) as new:
        tables.write_tables(ds, new, xlsx=xlsx or (folder / "giikit.xlsx").is_file())
        package = tables.describe_package(new, ds.sources)
        package["built"] = files.describe_build(new, inputs)
        text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
        (new / "datapackage.json").write_text(text, encoding="utf-8", newline="\n")
        (new / files.KNOWN).write_text(json.dumps(known), encoding="utf-8")
    return ds


def load_dataset(
    data: str | Path | None = None,
    *,
    clusters: str | Iterable[str] = (),
    edition: int = 0,
) -> Dataset:
    """Load the tables of a data folder, with the dtypes they were built with.

    They are never old: where nothing was built yet, or the tables are not those that
    giikit makes of the pages in ``raw`` as they are now, these are read on the spot,
    in the latter case with a warning. In a report, the tables are those that its run
    began with.

    Parameters
    ----------
    data
        The data folder; None or empty: see `find_data_dir`.
    clusters, edition
        What is kept of the tables, see `Dataset.select`; empty, 0: everything.

    Raises
    ------
    GiikitError
        If there is no data folder, or neither tables nor pages in it; or no such
        cluster or edition.
    """
    folder = find_data_dir(data)
    raw, processed = folder / "raw", folder / "processed"
    if contents := files.read_build(raw, processed):
        ds = Dataset(
            **{n: _read_table(contents[f"{n}.parquet"]) for n in tables.TABLES}
        )
    else:
        if (processed / "datapackage.json").exists():
            _warn_of_old_tables(processed)
        ds = assemble(raw)
    return ds.select(clusters=clusters, edition=edition)


@cache
def _warn_of_old_tables(processed: Path) -> None:
    """Warn, once for each folder."""
    message = (
        f"the tables in {processed} are not those of the pages as they are now: the "
        "pages are read instead, which takes longer; run `giikit build`"
    )
    warnings.warn(message, stacklevel=3)


def _read_table(content: bytes) -> pd.DataFrame:
    # So small a file pandas.read_parquet takes twice as long to read.
    with pq.ParquetFile(io.BytesIO(content)) as file:
        table: pd.DataFrame = file.read().to_pandas()
    return table


# The name may be printed with another dash, and a page never says its own source.
_UNCOMPARED = {"cluster", "source", "observations", "findings"}


def find_duplicates(
    profiles: Iterable[ClusterProfile],
) -> tuple[list[ClusterProfile], list[Finding]]:
    """Keep, of each cluster and edition, the profile whose file has the plainest name.

    That is ``beijing.txt`` before any other name, then the shortest: ``b.txt`` before
    ``b (1).txt``.

    Returns
    -------
    list of ClusterProfile
        Those that are kept, in the order of their sources.
    list of Finding
        One for each that is not: ``duplicate-profile`` where it says the same,
        ``duplicate-differs`` where it does not, naming what differs.
    """
    kept: dict[tuple[int | None, str | None], ClusterProfile] = {}
    findings = []
    for profile in sorted(profiles, key=_grade_name):
        key = (profile.edition, profile.cluster_id)
        first = kept.setdefault(key, profile)
        if first is profile:
            continue
        names = list_differences(first, profile)
        code = "duplicate-differs" if names else "duplicate-profile"
        details = {"other": first.source, "names": "; ".join(names)}
        findings.append(make_finding(code, details, key=key, source=profile.source))
    return sorted(kept.values(), key=attrgetter("source")), findings


def _grade_name(profile: ClusterProfile) -> tuple[bool, int, str]:
    """Return a key that sorts the profile with the plainest name first."""
    path = Path(profile.source)
    return path.stem != profile.cluster_id, len(path.with_suffix("").name), str(path)


def list_differences(one: ClusterProfile, other: ClusterProfile) -> list[str]:
    """Return the names of the columns and lists in which two profiles differ."""
    # Of partners, only the slugs: their names may be printed with another dash.
    key = attrgetter("output", "position", "partner_id")
    first, second = (
        vars(profile) | {"collaborations": [*map(key, profile.collaborations)]}
        for profile in (one, other)
    )
    return [n for n in first if n not in _UNCOMPARED and first[n] != second[n]]
