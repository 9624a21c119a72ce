"""Partners of a sentence: which of the words that join them are a name's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from giikit.parse import parse_profile

RAW = Path(__file__).parents[1] / "data" / "raw" / "2024"
BEIJING = (RAW / "beijing.txt").read_text(encoding="utf-8")
PATENT = BEIJING[BEIJING.index("**San Jose") : BEIJING.index(" emerging")]
STATED = BEIJING[BEIJING.index("three collab") : BEIJING.rindex(".")]


def read_partners(page: str, output: str) -> tuple[list[str], list[str]]:
    """Give the names, and the codes of what is remarked on them."""
    profile = parse_profile(page)
    names = [row.partner for row in profile.collaborations if row.output == output]
    return names, [f.code for f in profile.findings if f.code != "chart-empty"]


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("A, B and C", ["A", "B", "C"]),
        ("A, B & C", ["A", "B", "C"]),
        ("A, B, and C", ["A", "B", "C"]),
        ("A; B; C", ["A", "B", "C"]),
        # Only the last "and" of a list parts names.
        ("A and B, C and D", ["A and B", "C", "D"]),
        ("A, B and C, D", None),
        ("A, B, and C and D", ["A", "B", "C and D"]),
        ("A, B & C and D", ["A", "B & C", "D"]),
        ("A, B and C and D", None),
        ("A and B, C, D", None),
        ("**A**, **B and C** and **D**", ["A", "B and C", "D"]),
        ("**A**, **B** and **C and D**", ["A", "B", "C and D"]),
        ("**A and B**, **C** and **D**", ["A and B", "C", "D"]),
        ("**A, B** and **C**", ["A", "B", "C"]),
        ("**A**, **B and C**", ["A", "B", "C"]),
        ("**A, B and C**", ["A", "B", "C"]),
        ("**A** and **B** and **C**", ["A", "B", "C"]),
        ("__A__, __B & C__ & __D__", ["A", "B & C", "D"]),
        ("A, B and Bosnia and Herzegovina", ["A", "B", "Bosnia and Herzegovina"]),
    ],
)
def test_partners_are_parted_where_the_sentence_parts_them(printed, names):
    read, codes = read_partners(BEIJING.replace(PATENT, printed), "patent")
    if names:
        assert (read, codes) == (names, [])
    else:
        assert "unclear-name" in codes
        assert not any("and" in name for name in read)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("three collaborating locations being A and B and C", ["A", "B", "C"]),
        ("four collaborating locations being A and B, C and D", ["A", "B", "C", "D"]),
        ("three collaborating locations being A and B, C and D", ["A and B", "C", "D"]),
        ("three collaborating locations being A and B, C", ["A", "B", "C"]),
        ("three collaborating locations being A and B, C, D", ["A and B", "C", "D"]),
    ],
)
def test_the_number_that_is_stated_says_which_words_part_names(printed, names):
    page = BEIJING.replace(STATED, printed)
    assert read_partners(page, "publication") == (names, [])


def test_what_may_be_one_partner_or_several_is_left_out_and_reported():
    printed = "three collaborating locations being Oslo, Delhi and NCR and Tokyo"
    page = BEIJING.replace(STATED, printed)
    names, codes = read_partners(page, "publication")
    assert names == ["Oslo"]
    assert codes == ["partner-count", "unclear-name"]
    (finding,) = [f for f in parse_profile(page).findings if f.code == codes[1]]
    assert finding.message == (
        "'Delhi and NCR and Tokyo' may be one place or several; it is left out"
    )
