"""A new study folder, and newer notebooks for an old one."""

from __future__ import annotations

import os
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from giikit.errors import GiikitError
from giikit.files import find_shipped, hash_file, write_whole, writing

# Of the raw files of the repository, those that every study begins with.
_EXAMPLES = ("2024/beijing.txt", "2024/qingdao.txt", "rankings/gii-2023-size.csv")


def init_study(folder: str | Path, *, update: bool = False) -> list[Path]:
    """Write a study folder: notebooks, example pages, a README and ``.gitignore``.

    Parameters
    ----------
    folder
        The study; it may exist, and hold files of other names.
    update
        Bring the notebooks of an existing study up to this version of giikit. One that
        was changed is left as it is, and the newer one put beside it, into
        ``notebooks/giikit-<version>``, where no report is made of it.

    Returns
    -------
    list of Path
        The files that were written; none if all stood there already.

    Raises
    ------
    GiikitError
        If a file is in the way, or ``folder`` to be updated is no study.
    RunError
        If ``folder`` cannot be written to.
    """
    study = Path(folder)
    notebooks = sorted(find_shipped("notebooks").glob("*.ipynb"))
    new = {study / "notebooks" / path.name: path.read_bytes() for path in notebooks}
    known = study / ".giikit"
    with writing(study):
        written = known.read_text().split() if known.is_file() else []
        digests = [sha256(content).hexdigest() for content in new.values()]
        if update:
            new = _choose_newer(study, new, written)
        else:
            own, raw = Path(__file__).parent, find_shipped("data/raw")
            new |= {study / "data/raw" / n: (raw / n).read_bytes() for n in _EXAMPLES}
            new[study / "README.md"] = (own / "README.md").read_bytes()
            new[study / ".gitignore"] = (own / "ignored.txt").read_bytes()
            new = {path: c for path, c in new.items() if not _is_written(path, c)}
        for path, content in new.items():
            write_whole(path, content)
        # By these digests an update tells which notebooks nobody has changed.
        write_whole(known, "\n".join(dict.fromkeys([*written, *digests, ""])).encode())
    return list(new)


def _is_written(path: Path, content: bytes) -> bool:
    """Whether a file has this content already; refuse what is in its way."""
    if path.is_file() and path.read_bytes() == content:
        return True
    for way in (path, *path.parents):
        if os.path.lexists(way) and (way == path or not way.is_dir()):
            message = (
                f"{way} is in the way, nothing was written: move it or name another "
                "folder (--update brings only newer notebooks to an older study)"
            )
            raise GiikitError(message)
    return False


def _choose_newer(
    study: Path, notebooks: dict[Path, bytes], written: list[str]
) -> dict[Path, bytes]:
    """Return what an update writes: over unchanged notebooks, beside changed ones."""
    if not (study / "notebooks").is_dir():
        message = f"no study in {study}: expected a folder that `giikit init` has made"
        raise GiikitError(message)
    chosen = {}
    for path, content in notebooks.items():
        now, new = hash_file(path), sha256(content).hexdigest()
        if new != now and new not in written:
            beside = path.parent / f"giikit-{version('giikit')}" / path.name
            chosen[beside if now and now not in written else path] = content
    return chosen
