"""Pages and rankings into ``data/raw``: read first, and never over what differs."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from giikit import pages
from giikit.build import list_differences
from giikit.errors import GiikitError, PageError
from giikit.files import find_data_dir, hash_file, write_whole, writing
from giikit.findings import Finding
from giikit.model import ClusterProfile
from giikit.names import read_ranking_name
from giikit.parsing import parse_page
from giikit.rankings import read_ranking, read_ranking_text
from giikit.study.fetching import explain_shell, fetch
from giikit.tables import format_csv, read_origins

Status = Literal["added", "same", "replaced"]

_EXTENSIONS = {"text": ".txt", "markdown": ".md"}
# What an address must not pass on: a user and a password, keys and tokens.
_SECRETS = "token|key|api_?key|sig|signature|auth|password|session|sessionid"
_SECRET = re.compile(
    rf"(?<=://)[^/?#@\s]*@|(?<=[?&])(?:[\w-]*[-_])?(?:{_SECRETS})=[^&#\s]*", re.I
)
# Where browsers write the address of a page that they save.
_ADDRESS = re.compile(
    rb"(?im)(?:<!-- saved from url=\(\d+\)|^Snapshot-Content-Location: |^ url: |"
    rb"<link[^>]{1,99}rel=.?canonical.? href=[\"']?)(https?://[!-~]+?)[\s\"'<>]"
)


@dataclasses.dataclass(frozen=True)
class Added:
    """What became of a page or ranking that was to be added.

    ``source`` is the path below ``data/raw`` at which it stands. ``status`` is
    ``same`` if that file stood there before and says the same. ``profile`` is None
    for a ranking.
    """

    path: Path
    source: str
    status: Status
    profile: ClusterProfile | None
    findings: tuple[Finding, ...] = ()


def add_sources(
    sources: Iterable[str],
    *,
    data: str | Path | None = None,
    replace: bool = False,
    **ranking: Any,
) -> Iterator[Added | GiikitError]:
    """Add pages and rankings, one after the other.

    Parameters
    ----------
    sources
        Paths of files; of folders, whose pages and CSV files are added; addresses
        that begin with http:// or https://; ``-``, which is standard input.
    data, replace, ranking
        See `add_content`.

    Yields
    ------
    Added or GiikitError
        What became of each file; a fault of one does not keep out the others.
    """
    options: dict[str, Any] = {"data": data, "replace": replace, **ranking}
    for source in sources:
        try:
            if Path(source).is_dir():
                found = map(str, pages.list_pages(Path(source), ".csv"))
                yield from add_sources(found, **options)
            else:
                content, name, origin = _read_source(source)
                yield add_content(content, name, origin=origin, **options)
        except GiikitError as error:
            yield error


def add_content(
    content: bytes,
    name: str,
    *,
    data: str | Path | None = None,
    origin: str = "",
    replace: bool = False,
    **ranking: Any,
) -> Added:
    """Put a page, or a ranking, into the data folder once it could be read.

    A page lands as ``raw/<edition>/<cluster_id>.<ext>``, byte for byte, and so does a
    ranking that is a CSV file as ``raw/rankings/<name>.csv``. A ranking as text is
    written as CSV, see `giikit.rankings.read_ranking_text`. ``raw/sources.csv``
    records origin, time and SHA-256.

    Parameters
    ----------
    content
        The file as it was saved, at most 5 MB.
    name
        Its name; the ending says which format it has (none: seen from the content).
    data
        The data folder; None: see `find_data_dir`.
    origin
        The address it comes from, of which no password or token is kept; empty: the
        address that the browser wrote into it, or else ``name``.
    replace
        Whether another page of the same cluster and edition is replaced.
    ranking
        ``edition``, ``kind`` and ``method`` of a ranking as text that does not say so.

    Raises
    ------
    PageError
        If it is no readable profile or ranking.
    GiikitError
        If there is no data folder, or other content is in the way.
    """
    raw = find_data_dir(data) / "raw"
    profile, source, content, findings = _read_new(content, name, ranking)
    path = raw / source
    with writing(raw), FileLock(raw / ".lock"):
        if path.parent.is_symlink():
            message = f"{path.parent} is a link out of data/raw: make a folder of it"
            raise GiikitError(message)
        held = _find_held(path, content)
        status: Status = "replaced" if held else "added"
        if held and not replace:
            for old in held:
                _compare(old, profile, content)
            path, status = held[-1], "same"
        else:
            # Older rows stay: what was replaced was once there.
            origins = read_origins(raw)
            write_whole(path, content)
            for old in set(held) - {path}:
                old.unlink()
            found = _ADDRESS.search(content)
            origin = origin or (found[1].decode() if found else Path(name).name)
            origin = _SECRET.sub("", origin)
            origins.loc[len(origins), ["source", "origin", "retrieved", "sha256"]] = [
                source,
                origin.encode("utf-8", "backslashreplace").decode(),
                datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                sha256(content).hexdigest(),
            ]
            write_whole(raw / "sources.csv", format_csv(origins).encode())
    source = path.relative_to(raw).as_posix()
    if profile:
        profile = parse_page(pages.read_page(path, source))
        findings = profile.findings
    return Added(path, source, status, profile, tuple(findings))


def _read_source(name: str) -> tuple[bytes, str, str]:
    """Return the content of a file, its name, and its address if it has one."""
    if "://" in name:
        return fetch(name)
    if name == "-":
        return sys.stdin.buffer.read(pages.MOST_BYTES + 1), "standard input", ""
    return pages.read_content(pages.check_path(Path(name)).resolve(), name), name, ""


def _read_new(
    content: bytes, name: str, ranking: dict[str, Any]
) -> tuple[ClusterProfile | None, str, bytes, Iterable[Finding]]:
    """Read what is to be added.

    Returns
    -------
    profile
        None for a ranking.
    source
        Path below ``data/raw`` at which it belongs.
    content
        What is to stand there.
    findings
        Those of a ranking.
    """
    suffix = Path(name).suffix.lower()
    if suffix == ".csv":
        source = f"rankings/{Path(name).name}"
        rows, findings = read_ranking(content, source)
        if not rows:
            reason = findings[0].message if findings else "there is none"
            message = f"no row of a ranking could be read: {reason}"
            raise PageError(message, name)
        return None, source, content, findings
    suffix = suffix if suffix in pages.SUFFIXES else ""
    page = pages.make_page(content, name, suffix)
    try:
        profile = parse_page(page)
    except PageError as error:
        fault = explain_shell(content) or error.message
        try:
            file, text, found = read_ranking_text("\n".join(page.lines), **ranking)
        except PageError as other:
            none = other.message.startswith("no ranking")
            raise PageError(fault if none else other.message, name) from error
        findings = [finding._replace(source=name) for finding in found]
        return None, f"rankings/{file}", text.encode(), findings
    if not (profile.edition and profile.cluster_id):
        faults = [f.message for f in profile.findings if f.severity == "error"]
        message = f"{'; '.join(faults)}: save the page anew, from its title on"
        raise PageError(message, name)
    ending = suffix or _EXTENSIONS.get(page.format, f".{page.format}")
    return profile, f"{profile.edition}/{profile.cluster_id}{ending}", content, ()


def _find_held(target: Path, content: bytes) -> list[Path]:
    """Return the files of the same cluster and edition, or with the same bytes.

    The name of a ranking says what it is of, so the same bytes may be of two.
    """
    raw, place = target.parent.parent, target.with_suffix("")
    files, named = pages.find_page_paths(raw), read_ranking_name(target.stem)
    if target.parent.name == "rankings":
        files = [*raw.glob("rankings/*.csv")]
        files = [path for path in files if read_ranking_name(path.stem) == named]
    digest, files = sha256(content).hexdigest(), [p for p in files if p.is_file()]
    return [p for p in files if p.with_suffix("") == place or hash_file(p) == digest]


def _compare(path: Path, profile: ClusterProfile | None, content: bytes) -> None:
    """Raise `GiikitError` where a file says another thing than what is to be added."""
    differs = "its content" * (path.read_bytes() != content)
    with suppress(PageError):
        if differs and profile:
            old = parse_page(pages.read_page(path, path.name))
            differs = "; ".join(list_differences(old, profile))
    if differs:
        message = (
            f"{path} is in the way, and differs in {differs}: compare the two; "
            "--replace (replace=True) puts the new one in its place"
        )
        raise GiikitError(message)
