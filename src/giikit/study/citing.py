"""How to cite what a study uses: WIPO's editions, and giikit."""

from __future__ import annotations

import csv
from importlib.metadata import version
from pathlib import Path

from giikit.build import load_dataset
from giikit.errors import GiikitError
from giikit.vocabulary import WIPO, load_templates

_FOLDER = Path(__file__).parent


def cite(edition: int = 0, *, data: str | Path | None = None) -> str:
    """Return how to cite the editions in the data, and giikit: as text, then BibTeX.

    Parameters
    ----------
    edition
        Year; 0: every edition of which there is a profile or a ranking.
    data
        The data folder; None: see `load_dataset`.

    Raises
    ------
    GiikitError
        If there is no data folder, or nothing of the edition in it.
    """
    ds = load_dataset(data)
    found = sorted({*ds.clusters["edition"], *ds.rankings["edition"]})
    if edition and edition not in found:
        years = ", ".join(map(str, found))
        message = f"nothing of edition {edition} in the data: there is {years}"
        raise GiikitError(message)
    text = (_FOLDER / "editions.csv").read_text(encoding="utf-8")
    known = {row["edition"]: row for row in csv.DictReader(text.splitlines())}
    cited = [edition] if edition else found
    works = [known.get(str(y), known[""]) | {"edition": str(y)} for y in cited]
    values = {"works": works, "address": WIPO, "version": version("giikit")}
    return load_templates(_FOLDER).get_template("citation.txt.j2").render(values)
