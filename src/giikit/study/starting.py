"""A new study folder, and newer notebooks for an old one."""

from __future__ import annotations

import os
from collections.abc import Iterator
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
    own, raw = Path(__file__).parent, find_shipped("data/raw")
    shipped = {
        f"notebooks/{p.name}": p for p in find_shipped("notebooks").glob("*.ipynb")
    }
    digests = [hash_file(path) for path in shipped.values()]
    if not update:
        shipped |= {f"data/raw/{name}": raw / name for name in _EXAMPLES}
        shipped |= {"README.md": own / "README.md", ".gitignore": own / "ignored.txt"}
    elif not (study / "notebooks").is_dir():
        message = f"no study in {study}: expected a folder that `giikit init` has made"
        raise GiikitError(message)
    known = study / ".giikit"
    with writing(study):
        written = known.read_text().split() if known.is_file() else []
        chosen = {study / name: path for name, path in sorted(shipped.items())}
        chosen = dict(_choose_new(chosen, written, update=update))
        for path, source in chosen.items():
            write_whole(path, source.read_bytes())
        # By these digests an update tells which notebooks nobody has changed.
        write_whole(known, "\n".join(dict.fromkeys([*written, *digests, ""])).encode())
    return list(chosen)


def _choose_new(
    shipped: dict[Path, Path], written: list[str], *, update: bool
) -> Iterator[tuple[Path, Path]]:
    """Yield what is to be written, and from where; refuse what is in its way.

    An update writes over what nobody has changed since it was ``written``, and beside
    what somebody has.
    """
    for path, source in shipped.items():
        now, new = hash_file(path), hash_file(source)
        ways = [way for way in (path, *path.parents) if os.path.lexists(way)]
        if new == now or (update and new in written):
            continue
        if update and now and now not in written:
            path = path.parent / f"giikit-{version('giikit')}" / path.name
        elif not update and (ways[0] == path or not ways[0].is_dir()):
            message = (
                f"{ways[0]} is in the way, nothing was written: move it or name "
                "another folder (--update brings only newer notebooks to a study)"
            )
            raise GiikitError(message)
        yield path, source
