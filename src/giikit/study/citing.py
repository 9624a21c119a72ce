"""How to cite what a study uses: WIPO's editions, and giikit."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from giikit.build import load_dataset
from giikit.errors import GiikitError
from giikit.vocabulary import WIPO, load_templates, read_rows


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
    known = {row["edition"]: row for row in read_rows("study/editions.csv")}
    cited = [str(year) for year in ([edition] if edition else found)]
    works = [known.get(year, known[""]) | {"edition": year} for year in cited]
    template = load_templates(Path(__file__).parent).get_template("citation.txt.j2")
    return template.render(works=works, address=WIPO, version=version("giikit"))
