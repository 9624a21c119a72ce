import re
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

import giikit
from giikit.cli import main
from giikit.errors import GiikitError

ROOT = Path(__file__).parent.parent
RAW = ROOT / "tests/pages/real/data/raw"


@pytest.fixture
def data(tmp_path):
    """The data folder of a study with editions 2023 (a ranking) and 2024 (a page)."""
    raw = tmp_path / "data" / "raw"
    (raw / "rankings").mkdir(parents=True)
    shutil.copy(RAW / "2024/beijing.txt", raw)
    shutil.copy(RAW / "rankings/gii-2023-size.csv", raw / "rankings")
    return tmp_path / "data"


def test_every_edition_in_the_data_is_cited_and_giikit(data):
    cited = giikit.cite(data=data)
    assert re.findall(r"@\w+\{([\w-]+),", cited) == [
        "wipo-gii-2023",
        "wipo-gii-2024",
        "giikit",
    ]
    assert "Global Innovation Index 2024: Unlocking the Promise of" in cited
    assert "https://doi.org/10.34667/tind.50062" in cited
    assert f"giikit {version('giikit')}" in cited
    assert "version = {" + version("giikit") + "}" in cited


def test_braces_pair_and_each_field_ends_in_a_comma(data):
    bibtex = giikit.cite(data=data)
    bibtex = bibtex[bibtex.index("@") :]
    for entry in bibtex.split("\n\n"):
        assert entry.count("{") == entry.count("}")
        head, *fields, end = entry.splitlines()
        assert head.startswith("@")
        assert end == "}"
        assert all(re.fullmatch(r"  [a-z]+ = \{.+\},", field) for field in fields)


def test_one_edition_alone_can_be_cited(data):
    assert "2024" not in giikit.cite(2023, data=data)
    with pytest.raises(GiikitError, match=r"edition 2022 in the data: there is 2023, "):
        giikit.cite(2022, data=data)


def test_an_edition_that_giikit_does_not_know_has_a_plain_title(data):
    page = (data / "raw" / "beijing.txt").read_text(encoding="utf-8")
    (data / "raw" / "beijing.txt").write_text(page.replace("2024", "2031"))
    text = giikit.cite(2031, data=data)
    assert "(2031). Global Innovation Index 2031. Geneva: WIPO. https://www.w" in text


def test_editions_of_several_publishers_name_them_all(data):
    page = (data / "raw" / "beijing.txt").read_text(encoding="utf-8")
    (data / "raw" / "beijing.txt").write_text(page.replace("2024", "2020"))
    cited = giikit.cite(2020, data=data)
    assert cited.startswith("Cornell University, INSEAD, World Intellectual")
    assert "Who Will Finance Innovation? Ithaca" in cited
    assert "{Cornell University} and {INSEAD} and {World" in cited


def test_the_command_prints_text_and_bibtex(data, capsys):
    assert main(["cite", "--data", str(data), "--edition", "2024"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("World Intellectual Property Organization (WIPO) (2024).")
    assert "@techreport{wipo-gii-2024," in out


def test_the_citation_file_names_the_version(data):
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {version('giikit')}\n" in text
