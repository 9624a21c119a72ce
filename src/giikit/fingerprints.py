"""What a report depends on, as digests of content; quick, and never of times.

Nothing here imports pandas: a run that finds everything up to date ends at once.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from platform import python_version
from typing import Any

# Tables that a report on one cluster sees whole, of which it shows all clusters.
SHARED_TABLES = ("clusters", "rankings")


def hash_value(value: Any) -> str:
    """Return the digest of what JSON can write."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the digest of a file; of none, the empty text."""
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def hash_folder(folder: Path, pattern: str = "*") -> str:
    """Return the digest of the names and contents of the files below a folder."""
    return hash_value(
        {
            path.relative_to(folder).as_posix(): hash_file(path)
            for path in folder.rglob(pattern)
            if path.is_file() and path.suffix != ".pyc"
        }
    )


@cache
def hash_code() -> str:
    """Return the digest of giikit itself, so that an edit counts as a change."""
    return hash_folder(Path(__file__).parent)


@cache
def list_versions() -> dict[str, str]:
    """Return the versions of Python, giikit and all it depends on, near and far."""
    versions = {"python": python_version()}
    names = ["giikit"]
    while names:
        name = re.sub(r"[-_.]+", "-", names.pop()).lower()
        if name in versions:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # for another platform
            continue
        # Only the head is read: parsing the whole of each takes a tenth of a second.
        head = (found.read_text("METADATA") or "").partition("\n\n")[0]
        fields = [line.partition(": ") for line in head.splitlines()]
        versions[name] = next((v for k, _, v in fields if k == "Version"), "")
        for key, _, requirement in fields:
            if key == "Requires-Dist" and not re.search(r"\bextra\b", requirement):
                names += re.findall(r"^[\w.-]+", requirement)
    return versions


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a table as text, quickly; a missing value is the empty text."""
    with path.open(encoding="utf-8", newline="") as content:
        return list(csv.DictReader(content))


def hash_clusters(processed: Path, names: Iterable[str]) -> dict[str, str]:
    """Return for each cluster_id the digest of all that its own report can see.

    That is its rows of every table, in all editions, and the `SHARED_TABLES`.
    """
    digests: dict[str, Any] = {}
    shared = hashlib.sha256()
    for name in names:
        path = processed / f"{name}.csv"
        if name in SHARED_TABLES:
            shared.update(path.read_bytes())
            continue
        with path.open(encoding="utf-8", newline="") as content:
            for row in csv.reader(content):
                digest = digests.setdefault(row[1], hashlib.sha256())
                digest.update(json.dumps([name, row]).encode())
    return {
        cluster_id: hash_value([shared.hexdigest(), digest.hexdigest()])
        for cluster_id, digest in digests.items()
    }
