"""A name is kept as it is printed; only what says how it looks is no part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from giikit.parsing import parse_profile

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
BEIJING = (RAW / "beijing.txt").read_text(encoding="utf-8")
QINGDAO = (RAW / "qingdao.txt").read_text(encoding="utf-8")


def list_names(text: str) -> list[str | None]:
    """The first applicant and the last partner; None where it is reported as none."""
    profile = parse_profile(text)
    codes = [f.code for f in profile.findings if f.severity != "info"]
    assert codes in ([], ["unreadable-name"])
    assert len(profile.collaborations) == 6 - len(codes)
    partner = None if codes else profile.collaborations[-1].partner
    return [profile.organizations[0].organization, partner]


def put(printed: str) -> list[list[str | None]]:
    """The names of two pages that print it, as a cell and in bold in a sentence."""
    beijing = BEIJING.replace("BOE TECHNOLOGY", printed)
    qingdao = QINGDAO.replace("QINGDAO HAIER AIR CONDITIONER GENERAL", printed)
    return [
        list_names(beijing.replace("**Nanjing**", f"**{printed}**")),
        list_names(qingdao.replace("\t", " | ").replace("**Jinan**", printed)),
    ]


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("X [a](javascript:alert(1))", "X a"),
        ("[X](https://a.b/c_(d)) Y", "X Y"),
        ("<b>X</b> Y", "X Y"),
        ("X `a` Y", "X `a` Y"),
        ("X ** Y", "X ** Y"),
        ("X **Y** Z", "X Y Z"),
        ("X &lt;b&gt; Y", "X <b> Y"),
        ("&lt;i&gt;X&lt;/i&gt;", "<i>X</i>"),
        (r"X\_Y", "X_Y"),
        (r"X\*STAR", "X*STAR"),
        ("[24]7.AI", "[24]7.AI"),
        ("[A] CORP", "[A] CORP"),
        ("FOO [B] BAR", "FOO [B] BAR"),
        ("CO² SOLUTIONS", "CO² SOLUTIONS"),
        ("CO¹", "CO"),
        ("CO<sub>2</sub> X", "CO2 X"),
        ("X<br>Y", "X Y"),
        ('"><img src=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>'),
        ("<div class='a'>X</div>", "X"),
        ('<div id="a"/>X<center>', "X"),
        ("PACIﬁC ofﬁce ﬂows", "PACIfiC office flows"),
        ("X [Y][1]", "X Y"),
    ],
)
def test_markup_goes_evenly_and_the_rest_of_a_name_stays(printed, name):
    # No place is called so, but an organization may be.
    partner = None if set('<>={}[]"|') & set(name) else name
    assert put(printed) == [[name, partner]] * 2


@pytest.mark.parametrize("name", ["X**Y", "X*STAR (X*)", "*NSYNC", "X ~ Y", "X^Y"])
def test_marks_that_mark_nothing_stay(name):
    for page in (BEIJING, BEIJING.replace("\t", " | ")):
        assert list_names(page.replace("BOE TECHNOLOGY", name))[0] == name


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("X [a](javascript:alert(1))", "X [a](javascript:alert(1))"),
        ("&lt;b&gt;X&lt;/b&gt;", "<b>X</b>"),
        ("X_Y_", "X_Y_"),
        (r"X\Y", r"X\Y"),
        ("X<b>Y</b>", "XY"),
    ],
)
def test_html_has_no_markup_but_its_tags(printed, name):
    for text, old in ((BEIJING, "BOE TECHNOLOGY"), (QINGDAO, "QINGDAO UNIVERSITY")):
        lines = [
            f"<p>{line}</p>" if "\t" not in line else f"<tr><td>{line}</td></tr>"
            for line in text.split("\n")
        ]
        page = "\n".join(lines).replace("\t", "</td><td>").replace(old, printed)
        profile = parse_profile(f"<html><body>{page}</body></html>")
        assert name in [row.organization for row in profile.organizations]
