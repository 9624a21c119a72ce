"""The page as read: every line of it, with what the parser took from it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from giikit.errors import PageError
from giikit.pages import make_page
from giikit.parsing import ReadLine, mark_lines, parse_page

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
BEIJING = (RAW / "beijing.txt").read_text(encoding="utf-8")
HTML = "<html><body><p>Home</p>\n" + "".join(
    f"<p>{line}</p>\n" for line in BEIJING.replace("&", "&amp;").split("\n")
)


def read_lines(text: str) -> tuple[ReadLine, ...]:
    return mark_lines(make_page(text, "page"))


@pytest.mark.parametrize("text", [BEIJING, HTML, BEIJING.replace("\n", "\r\n")])
def test_every_value_has_its_mark_in_the_line_it_stands_in(text):
    page = make_page(text, "page")
    lines = mark_lines(page)
    assert [line.text for line in lines] == [t for t in page.lines if t.strip()]
    shown = [
        (mark.indicator, mark.position, mark.value, line.text[mark.start : mark.end])
        for line in lines
        for mark in line.marks
    ]
    observations = parse_page(page).observations
    seen = [(o.indicator, o.position, o.value, o.text) for o in observations]
    assert sorted(shown, key=str) == sorted(seen, key=str)


def test_a_mark_says_what_kind_of_value_it_is():
    kinds = {m.indicator: m.kind for line in read_lines(BEIJING) for m in line.marks}
    assert kinds["size_rank"] == kinds["rank"] == "rank"
    assert kinds["cluster"] == kinds["organization"] == kinds["partner"] == "name"
    assert kinds["documents"] == kinds["window_years"] == "count"
    assert (kinds["share"], kinds["edition"]) == ("share", "year")
    assert kinds["pct_per_million"] == "number"


def test_the_state_of_a_line_says_whether_a_rule_reads_it():
    text = f"Home\n{BEIJING}\nPrivacy".replace("Top PCT", "Download this\nTop PCT")
    states = {line.text: line.state for line in read_lines(text)}
    assert states.pop("Home") == states.pop("Privacy") == "outside"
    assert states.pop("Download this") == "unread"
    assert set(states.values()) == {"read"}


def test_a_value_that_the_end_of_a_line_parts_has_a_mark_in_both():
    text = "\n".join(
        part
        for line in BEIJING.split("\n")
        for part in ([line] if "\t" in line else textwrap.wrap(line, 79) or [""])
    )
    parts = [
        line.text[mark.start : mark.end]
        for line in read_lines(text)
        for mark in line.marks
        if (mark.indicator, mark.output, mark.position) == ("partner", "patent", 3)
    ]
    assert parts == ["Los", "Angeles"]


def test_a_page_that_is_no_profile_has_no_lines_to_show():
    with pytest.raises(PageError, match="no cluster profile"):
        read_lines("Flour, butter and eggs")
