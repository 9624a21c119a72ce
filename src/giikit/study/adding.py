"""Pages and rankings into ``data/raw``: read first, and never over what differs."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as copy_page
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from filelock import FileLock

from giikit.build import find_duplicates
from giikit.errors import GiikitError, PageError
from giikit.files import find_data_dir, hash_file, writing
from giikit.findings import Finding
from giikit.model import ClusterProfile
from giikit.pages import MOST_BYTES, SUFFIXES, Page, find_page_paths, read_page
from giikit.parsing import parse_page
from giikit.rankings import read_rankings
from giikit.tables import read_origins

_EXTENSIONS = {"text": ".txt", "markdown": ".md"}
# Where browsers write the address of a page that they save.
_ADDRESS = re.compile(
    rb"<!-- saved from url=\(\d+\)(https?://[^\s>]+)"
    rb"|^Snapshot-Content-Location: (https?://\S+)"
    rb"|<link[^>]{1,200}rel=[\"']?canonical[\"']?[^>]{1,200}href=[\"'](https?://[^\"'>\s]+)",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Added:
    """What became of a page or ranking that was to be added.

    ``source`` is the path below ``data/raw`` at which it stands. ``status`` is
    ``same`` if that file stood there before and says the same. ``profile`` is None
    for a ranking.
    """

    path: Path
    source: str
    status: Literal["added", "same", "replaced"]
    profile: ClusterProfile | None
    findings: tuple[Finding, ...] = ()


def add_sources(
    sources: Iterable[str],
    *,
    data: str | Path | None = None,
    replace: bool = False,
) -> Iterator[Added | GiikitError]:
    """Add pages and rankings, one after the other; see `add_content`.

    Parameters
    ----------
    sources
        Paths of files; of folders, whose pages and CSV files are added; ``-``, which
        is standard input.
    data, replace
        See `add_content`.

    Yields
    ------
    Added or GiikitError
        What became of each file; a fault of one does not keep out the others.
    """
    for name in (name for source in sources for name in _expand(source)):
        try:
            content = _read_source(name)
            name = "standard input" if name == "-" else name
            yield add_content(content, name, data=data, replace=replace)
        except GiikitError as error:
            yield error


def add_content(
    content: bytes,
    name: str,
    *,
    data: str | Path | None = None,
    origin: str = "",
    replace: bool = False,
) -> Added:
    """Put a page, or a ranking, into the data folder once it could be read.

    It lands as ``raw/<edition>/<cluster_id>.<ext>`` or ``raw/rankings/<name>.csv``,
    byte for byte. ``raw/sources.csv`` records its origin, the time and its SHA-256.

    Parameters
    ----------
    content
        The file as it was saved, at most 5 MB.
    name
        Its name; the ending says which format it has (none: seen from the content).
    data
        The data folder; None: see `find_data_dir`.
    origin
        The address it comes from; empty: the address that the browser wrote into it,
        or else ``name``.
    replace
        Whether another page of the same cluster and edition is replaced.

    Raises
    ------
    PageError
        If it is no readable profile or ranking.
    GiikitError
        If there is no data folder, or other content is in the way.
    """
    raw = find_data_dir(data) / "raw"
    if len(content) > MOST_BYTES:
        message = f"larger than {MOST_BYTES:,} bytes: save the page without pictures"
        raise PageError(message, name)
    with _working(raw) as folder:
        page, source, findings = _read_new(content, name, folder)
        held = _find_held(raw / source)
        same = _find_copy(raw, content)
        if not (same or replace):
            same = _find_same(raw, held, page)
        path = same or raw / source
        source = path.relative_to(raw).as_posix()
        status: Literal["added", "same", "replaced"] = "same"
        if not same:
            status = "replaced" if held else "added"
            path.parent.mkdir(exist_ok=True)
            (folder / "new").replace(path)
            for other in [other for other in held if other != path]:
                other.unlink()
            gone = {other.relative_to(raw).as_posix() for other in held}
            origin = origin or _find_address(content) or Path(name).name
            _record(raw, source, gone, origin, sha256(content).hexdigest())
    profile = parse_page(copy_page(page, source=source)) if page else None
    return Added(
        path, source, status, profile, profile.findings if profile else findings
    )


def _expand(source: str) -> Iterator[str]:
    """Return the files of a folder; what is no folder, or has none, as it is."""
    folder = Path(source)
    files = find_page_paths(folder) if folder.is_dir() else []
    if folder.is_dir():
        files += sorted(folder.rglob("*.csv"))
    yield from map(str, files) if files else [source]


def _read_source(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        expected = "expected a saved page or ranking, a folder of them, or - for stdin"
        if Path(name).is_dir():
            expected = f"no page ({', '.join(sorted(SUFFIXES))}) or .csv in the folder"
        message = f"cannot read {name}: {error.strerror}; {expected}"
        raise GiikitError(message) from error


@contextmanager
def _working(raw: Path) -> Iterator[Path]:
    """Return an empty folder in ``raw``; nobody else adds while it is there."""
    with writing(raw):
        raw.mkdir(exist_ok=True)
        lock = FileLock(raw / ".lock").acquire()
        with lock, TemporaryDirectory(prefix=".add-", dir=raw) as folder:
            yield Path(folder)


def _read_new(
    content: bytes, name: str, folder: Path
) -> tuple[Page | None, str, tuple[Finding, ...]]:
    """Write the content to ``folder/new`` and read it.

    Returns
    -------
    Page or None
        The page; None for a ranking.
    str
        Path below ``data/raw`` at which it belongs.
    tuple of Finding
        The findings of a ranking.
    """
    new = folder / "new"
    new.write_bytes(content)
    suffix = Path(name).suffix.lower()
    if suffix == ".csv":
        source = f"rankings/{Path(name).name}"
        (folder / "rankings").mkdir()
        (folder / source).write_bytes(content)
        rows, _, findings = read_rankings(folder)
        if not rows:
            reason = findings[0].message if findings else "there is no row in it"
            message = f"no ranking could be read: {reason}"
            raise PageError(message, name)
        return None, source, tuple(findings)
    named = new.with_suffix(suffix if suffix in SUFFIXES else "")
    page = read_page(new.replace(named), name)
    profile = parse_page(page)
    if not (profile.edition and profile.cluster_id):
        faults = [f.message for f in profile.findings if f.severity == "error"]
        message = f"{'; '.join(faults)}: save the page anew, from its title on"
        raise PageError(message, name)
    ending = named.suffix or _EXTENSIONS.get(page.format, f".{page.format}")
    named.replace(new)
    return page, f"{profile.edition}/{profile.cluster_id}{ending}", ()


def _find_held(target: Path) -> list[Path]:
    """Return the files of the same cluster and edition, whatever their format."""
    found = target.parent.glob(f"{target.stem}.*")
    return sorted(p for p in found if p == target or p.suffix.lower() in SUFFIXES)


def _find_copy(raw: Path, content: bytes) -> Path | None:
    """Return the file below ``raw`` that has the same bytes."""
    digest, size = sha256(content).hexdigest(), len(content)
    known = [*find_page_paths(raw), *(raw / "rankings").glob("*.csv")]
    same = (p for p in known if p.is_file() and p.stat().st_size == size)
    return next((path for path in same if hash_file(path) == digest), None)


def _find_same(raw: Path, held: list[Path], page: Page | None) -> Path | None:
    """Return the file that says the same in other bytes; refuse what does not."""
    for path in held:
        source = path.relative_to(raw).as_posix()
        differs = "other content"
        if page:
            try:
                old = parse_page(read_page(path, source))
            except PageError:
                pass
            else:
                _, [finding] = find_duplicates([old, parse_page(page)])
                if finding.code == "duplicate-profile":
                    return path
                differs = finding.message.rpartition(": ")[2]
        message = (
            f"{path} is in the way, and differs ({differs}): compare the two; "
            "--replace (replace=True) puts the new one in its place"
        )
        raise GiikitError(message)
    return None


def _find_address(content: bytes) -> str:
    """Return the address that a browser wrote into the page; empty: none."""
    found = _ADDRESS.search(content[:200_000])
    return (
        next(filter(None, found.groups())).decode("ascii", "replace") if found else ""
    )


def _record(raw: Path, source: str, gone: set[str], origin: str, digest: str) -> None:
    """Write where a file is from into sources.csv; its other rows and columns stay."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    row = {"source": source, "origin": origin, "retrieved": now, "sha256": digest}
    rows = [r for r in read_origins(raw) if r.get("source") not in {source, *gone}]
    rows.append(row)
    columns = list(dict.fromkeys([*row, *(name for r in rows for name in r)]))
    temporary = raw / ".sources.csv"
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row.get("source") or ""))
    temporary.replace(raw / "sources.csv")
