from dataclasses import replace

import pytest

from giikit.findings import Finding
from giikit.model import ClusterProfile, Collaboration, Observation, Organization
from giikit.vocabulary import LABELS, format_value, make_printable

PROFILE = ClusterProfile(
    edition=2024,
    cluster_id="beijing",
    cluster="Beijing",
    economy="China",
    economy_code="CN",
    rank_in_economy=2,
    clusters_in_economy=26,
    size_rank=3,
    intensity_rank=None,
    pct_per_million=2189,
    articles_per_million=15893,
    patent_collaboration_share=0.17,
    source="2024/beijing.txt",
    organizations=(
        Organization(2024, "beijing", "patent", 1, "BOE TECHNOLOGY", 9607, 0.23),
        Organization(2024, "beijing", "publication", None, "TSINGHUA", None, None),
    ),
    collaborations=(
        Collaboration(2024, "beijing", "patent", 1, "Los Angeles", "los-angeles"),
        Collaboration(2024, "beijing", "patent", 2, "Hangzhou", "hangzhou"),
    ),
    findings=(Finding(2024, "beijing", "2024/beijing.txt", "info", "c", "m"),),
)
EVIL = "<script>alert('1')</script>\x1b[31m\u202e"


def test_a_terminal_shows_the_profile_as_lines():
    assert repr(PROFILE) == (
        "Beijing, China · GII 2024\n"
        "  World rank by size                                     3\n"
        "  World rank by intensity                        not given\n"
        "  Rank in the economy                              2 of 26\n"
        "  PCT applications per million inhabitants           2,189\n"
        "  Scientific articles per million inhabitants       15,893\n"
        "Top PCT applicants\n"
        "   1  BOE TECHNOLOGY                                9,607       23%\n"
        "  PCT applications made with others: 17%\n"
        "    Los Angeles\n"
        "    Hangzhou\n"
        "Top publishing organizations\n"
        "      TSINGHUA                                  not given not given\n"
        "  Scientific articles made with others: not given\n"
        "findings: 1 info\n"
        "source: 2024/beijing.txt"
    )


def test_jupyter_shows_the_same_values():
    html = PROFILE._repr_html_()
    for value in ("2,189", "2 of 26", "BOE TECHNOLOGY", "9,607", "23%", "17%"):
        assert f">{value}" in html or f" {value}" in html
    assert "Los Angeles; Hangzhou" in html
    assert "var(--jp-" in html


def test_only_errors_are_shown_in_red():
    (info,) = PROFILE.findings
    wrong = replace(PROFILE, findings=(info._replace(severity="error"), info))
    assert 'class="errors">1 error, 1 info<' in wrong._repr_html_()
    assert 'class="errors"' not in PROFILE._repr_html_()


def test_deals_are_shown_where_an_edition_has_them():
    label = LABELS["vc_deals_per_million"]
    assert label not in repr(PROFILE)
    shown = repr(replace(PROFILE, vc_deals_per_million=0.4))
    assert f"{label:<46}{'0.4':>10}\n" in shown


def test_page_text_reaches_html_only_escaped():
    evil = ClusterProfile(
        edition=2024,
        cluster_id="x",
        cluster=EVIL,
        economy=EVIL,
        source=EVIL,
        organizations=(Organization(2024, "x", "patent", 1, EVIL, 1, 0.1),),
        collaborations=(Collaboration(2024, "x", "patent", 1, EVIL, "x"),),
    )
    html = evil._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5


def test_a_terminal_is_not_given_what_it_would_obey():
    evil = ClusterProfile(edition=2024, cluster_id="x", cluster=EVIL, source=EVIL)
    assert "\x1b" not in repr(evil)
    assert "\u202e" not in repr(evil)
    assert make_printable("São\xa0Paulo–X") == "São\xa0Paulo–X"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.23, "23%"), (0.004, "0.4%"), (0.0, "0%"), (1.0, "100%"), (0.29, "29%")],
)
def test_a_share_is_shown_as_printed(share, text):
    assert format_value(share, "share") == text


def test_a_share_that_is_a_bound_is_shown_as_printed():
    row = Organization(2024, "b", "patent", 1, "BOE", 12, None)
    share = Observation(
        *(2024, "b", "share", "patent", 1, "BOE", None, "<1%", "fraction", 0.01),
        *("b.txt", 9, 8, 11),
    )
    profile = replace(PROFILE, organizations=(row,), observations=(share,))
    assert "12       <1%" in repr(profile)
    assert ">&lt;1%<" in profile._repr_html_()


def test_an_empty_profile_can_be_shown():
    empty = ClusterProfile(edition=None, cluster_id=None, cluster=None)
    assert repr(empty).startswith("unnamed cluster · GII ?")
    assert "unnamed cluster" in empty._repr_html_()
