"""Random pages in every format and wording: reading gives back what was printed.

CI draws 2,000 pages, always the same ones. By hand, for more:
``pytest tests/test_roundtrip.py --hypothesis-profile=thorough``.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Set
from dataclasses import replace
from pathlib import Path

from generator.rendering import (
    ENCODINGS,
    HTML_FORMATS,
    SECTIONS,
    TEXT_FORMATS,
    Cluster,
    Format,
    Variety,
    Wording,
    encode_page,
    make_cluster,
    pack_mhtml,
    render,
    write_name,
)
from hypothesis import given
from hypothesis import strategies as st

import giikit
from giikit.names import make_cluster_id
from giikit.vocabulary import Output


def among(*values: object) -> st.SearchStrategy:
    """Draw one of the values; examples shrink to the first."""
    return st.sampled_from(values)


# Every way to say each thing, the real pages' first.
CHOICES: dict[str, tuple] = {
    "grouping": (",", "", " ", "\N{NO-BREAK SPACE}", "\N{THIN SPACE}", "\u202f"),
    "percent": ("%", " %", "\N{NO-BREAK SPACE}%"),
    "lead_ordinal": ("word", "figure"),
    "rank_ordinal": ("figure", "word", "Word"),
    "bare_first": (False, True),
    "count_numbers": ("figure", "word", "small words"),
    "window_word": (True, False),
    "raised_endings": (False, True),
    "hard_spaces": (False, True),
    "dash": (None, "-", "–", "—", "\N{MINUS SIGN}", "\N{NON-BREAKING HYPHEN}"),
    "apostrophe": ("'", "’"),
    "short_possessive": (False, True),
    "lead_suffix": (True, False),
    "collaboration_suffix": (True, False),
    "partner_suffix": (False, True),
    "top": ("top-ranked", "ordinal", "top"),
    "of_economy": (False, True),
    "only": (True, False),
    "patents_noun": (
        "PCT applications",
        "PCT patent applications",
        "Patent Cooperation Treaty (PCT) applications",
    ),
    "lately": ("last", "latest"),
    "ranks_in_lead": (False, False, True),
    "articles_noun": ("scientific articles", "scientific publications"),
    "edition_name": (
        "Global Innovation Index",
        "Global Innovation Index (GII)",
        "WIPO Global Innovation Index",
        "GII",
    ),
    "edition_break": (False, False, True),
    "title_break": (False, False, True),
    "subject": ("It", "name", "The cluster has"),
    "per_each": (False, True),
    "deals_noun": (
        "venture capital deals",
        "venture capital (VC) deals",
        "VC deals",
        "VC transactions",
    ),
    "deals_verb": ("attracted", "closed", "received", "recorded", "had"),
    "million": ("1 million", "million", "one million"),
    "lead_commas": (True, False),
    "bold_rates": ("phrase", "number", "none"),
    "bold_ranks": (False, True),
    "split_lead": (False, True),
    "kind": (
        None,
        "S&T cluster",
        "science and technology cluster",
        "innovation cluster",
    ),
    "remark": (
        "",
        " (same as last year)",
        ", the same rank as last year",
        " – the same as in the previous edition",
        " (unchanged from 2022)",
        " (up from 5th in 2022)",
        " (down 2 places)",
        " (+3)",
        " (\N{MINUS SIGN}3)",
    ),
    "intensity_note": (" (relative to population density)", ""),
    "intensity_first": (False, True),
    "heading_colon": (False, True),
    "heading_case": ("sentence", "title", "upper"),
    "title_first": (False, True),
    "bold_names": (False, True),
    "header": ("units", "full", "none"),
    "rank_dot": (False, True),
    "field_rows": ("paren", "cells", "ranked", "line"),
    "collaboration_noun": ("PCT patent applications", "PCT applications"),
    "bold_partners": ("each", "first two", "last two", "all", "comma", "space", "none"),
    "oxford": (False, True),
    "partner_number": ("word", "figure", "none"),
    "menus": (False, True),
    "blank_lines": (True, False),
    "final_newline": (False, True),
    "bullet": ("", "• ", "- ", "* "),
    "bold_mark": ("**", "", "__", '<span class="fw-bold" lang=en>'),
    "padding": (("", ""), ("", "  "), ("  ", ""), ("\N{NO-BREAK SPACE}", " ")),
    "endings": ("plain", "letters", "tags", "^", "^(", "^^"),
    "page_breaks": (False, True),
    "tables": ("pipes", "tags", "tags in a line"),
    "hard_breaks": (False, True),
    "fences": (False, True),
    "wrap": (0, 0, 72, 60, 80, 100),
    "wrap_indent": ("", "  "),
    "wrap_hyphens": (False, True),
    "stripped": (False, True),
    "cell_padding": ("", " "),
    "cell_gap": ("   ", "  ", " "),
    "cell_break": ("\n", "\n\n"),
    "headings": ("#", "bold", "underlined"),
    "list_mark": ("- ", "* ", "1. "),
    "outer_pipes": (True, False),
    "escapes": (False, True),
    "tags": ("plain", "upper", "unclosed", "attributes"),
    "inline": ("none", "comments", "links", "spans"),
    "rank_list": ("blocks", "list", "numbered", "breaks"),
    "cell_tag": ("div", "p"),
    "caption": (False, True),
    "minified": (False, True),
    "bold_tag": ("b", "strong", "class", "style"),
    "entities": ("none", "named", "numeric"),
    "wrapped": (False, True),
}
WORDINGS = st.builds(
    Wording,
    **{name: among(*choices) for name, choices in CHOICES.items()},
    sections=among(SECTIONS) | st.permutations(SECTIONS).map(tuple),
)

# Three rows and partners, as the real pages have, in half of all pages.
COUNTS = st.just(3) | among(1, 2, 3, 4, 5, 6)
VARIETIES = st.builds(
    Variety,
    applicants=COUNTS,
    publishers=COUNTS,
    patent_partners=COUNTS,
    publication_partners=COUNTS,
    patent_fields=among(0, 3, 1, 5),
    publication_fields=among(0, 3, 2, 10),
    economy_name=among(0, 1),
    economy_joint=among(" and ", "/", "codes"),
    small_shares=among("decimal", "below", "whole"),
)


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    rng = random.Random(draw(st.integers(0, 2**32)))
    cluster = make_cluster(rng, draw(among(2024, 2023, 2025)), draw(VARIETIES))
    # Alone in its economy, first of all, small shares, huge counts: rare, yet printed.
    ranks = draw(
        among(
            {},
            {"rank_in_economy": 1, "clusters_in_economy": 1},
            {"rank_in_economy": 1, "size_rank": 1, "intensity_rank": 1},
        )
    )
    small = draw(among(None, "<1", "0.4", "0", "1"))
    if small:
        *rows, last = cluster.publishers
        cluster = replace(
            cluster,
            patent_share=small,
            publishers=(*rows, replace(last, share=small)),
        )
    if draw(among(False, False, True)):
        first, *rows = cluster.applicants
        cluster = replace(
            cluster, applicants=(replace(first, documents=1_234_567), *rows)
        )
    return replace(cluster, **ranks)


def keep_certain(page: tuple[Cluster, Wording]) -> tuple[Cluster, Wording]:
    """Keep cells apart where one space, or none, would leave ``PARIS 8 575`` open."""
    c, w = page
    names = [row.name for row in c.applicants + c.publishers]
    if w.grouping.isspace() or any(name[-1].isdigit() for name in names):
        w = replace(w, cell_gap=w.cell_gap.ljust(2), cell_tag="div")
    if w.ranks_in_lead:
        plain = {"remark": "", "bare_first": False, "intensity_first": False}
        w = replace(w, **plain, rank_ordinal=w.rank_ordinal.lower())
    if w.edition_name == "GII":
        w = replace(w, edition_break=False)
    return c, w


PAGES = st.tuples(clusters(), WORDINGS).map(keep_certain)


def read_share(share: str) -> float | None:
    """A bound like <1 has no value."""
    return None if share.startswith("<") else float(f"{share}e-2")


def expect_columns(c: Cluster, w: Wording) -> dict[str, object]:
    name = write_name(c.name, w)
    deals = c.deals_per_million
    return {
        "edition": c.edition,
        "cluster_id": make_cluster_id(c.name),
        "cluster": name,
        "economy": c.economy,
        "economy_code": c.codes,
        "rank_in_economy": c.rank_in_economy,
        "clusters_in_economy": c.clusters_in_economy,
        "size_rank": c.size_rank,
        "intensity_rank": c.intensity_rank,
        "pct_per_million": c.pct_per_million,
        "articles_per_million": c.articles_per_million,
        "vc_deals_per_million": None if deals is None else float(deals),
        "window_years": c.window_years,
        "patent_collaboration_share": read_share(c.patent_share),
        "publication_collaboration_share": read_share(c.publication_share),
    }


def expect_organizations(c: Cluster) -> list[tuple]:
    outputs: dict[Output, tuple] = {
        "patent": c.applicants,
        "publication": c.publishers,
    }
    return [
        (output, rank, row.name, row.documents, read_share(row.share))
        for output, rows in outputs.items()
        for rank, row in enumerate(rows, 1)
    ]


def expect_collaborations(c: Cluster, w: Wording) -> list[tuple]:
    outputs: dict[Output, tuple] = {
        "patent": c.patent_partners,
        "publication": c.publication_partners,
    }
    return [
        (
            output,
            position,
            write_name(name, w, suffix=w.partner_suffix),
            make_cluster_id(name),
        )
        for output, names in outputs.items()
        for position, name in enumerate(names, 1)
    ]


def expect_fields(c: Cluster) -> list[tuple]:
    outputs: dict[Output, tuple] = {
        "patent": c.patent_fields,
        "publication": () if have_open_tabs(c) else c.publication_fields,
    }
    return [
        (output, position, name, read_share(share))
        for output, fields in outputs.items()
        for position, (name, share) in enumerate(fields, 1)
    ]


def expect_warnings(c: Cluster, w: Wording) -> set[str]:
    """Fewer rows or partners than three, and tables without a header, are warned of."""
    expected = set()
    if min(len(c.applicants), len(c.publishers)) < 3:
        expected.add("few-rows")
    if min(len(c.patent_partners), len(c.publication_partners)) < 3:
        expected.add("partner-count")
    if w.header == "none":
        expected.add("missing-section")
    counts = {len(c.patent_fields), len(c.publication_fields)} - {0}
    if len(counts) > 1:
        expected.add("field-count")
    if have_open_tabs(c):
        expected.add("chart-unclear")
    return expected


def have_open_tabs(c: Cluster) -> bool:
    """Two headings and then fields: these may be those of either heading."""
    return not c.patent_fields and bool(c.publication_fields)


def find_differences(
    profile: giikit.ClusterProfile, c: Cluster, w: Wording, more: Set[str] = frozenset()
) -> list[object]:
    """Hold every field of a profile against what was printed; ``more`` warnings."""
    key = (c.edition, make_cluster_id(c.name))
    found: list[object] = [
        (name, getattr(profile, name), f"printed: {value}")
        for name, value in expect_columns(c, w).items()
        if getattr(profile, name) != value
    ]
    for table, rows in [
        (profile.organizations, expect_organizations(c)),
        (profile.collaborations, expect_collaborations(c, w)),
        (profile.technology_fields, expect_fields(c)),
    ]:
        read = Counter(map(tuple, table))
        printed = Counter((*key, *row) for row in rows)
        found += [("read", row) for row in read - printed]
        found += [("printed", row) for row in printed - read]
    listed = c.applicants + c.publishers
    fields = expect_fields(c)
    partners = c.patent_partners + c.publication_partners
    numbers = {
        "organization": len(listed),
        "documents": len(listed),
        "share": len(listed) + len(fields),
        "field": len(fields),
        "partner": len(partners),
        "edition": 4 - w.ranks_in_lead,  # heading, lead, two ranks
        "economy": 2,  # title, lead
        # title, lead, heading of the fields, two sentences
        "cluster": 5 + (w.subject == "name"),
        "inhabitants_base": 1 + w.per_each * (1 + (c.deals_per_million is not None)),
    }
    observed = Counter(o.indicator for o in profile.observations)
    found += [
        (f"observations of {indicator}", observed[indicator], f"printed: {number}")
        for indicator, number in numbers.items()
        if observed[indicator] != number
    ]
    found += [f for f in profile.findings if f.severity == "error"]
    warned = {f.code for f in profile.findings if f.severity == "warning"}
    expected = expect_warnings(c, w) | more
    if warned != expected:
        found.append(("warnings", warned, f"expected: {expected}"))
    return found


def find_misplaced(profile: giikit.ClusterProfile, page: str) -> list[object]:
    """Give the observations whose slice is not their text."""
    lines = page.split("\n")
    wrong = []
    for o in profile.observations:
        if o.start is None:  # broken over the end of a line
            marks = "\N{NO-BREAK SPACE} *_"
            both = [re.sub("<[^<>]*>", "", n) for n in lines[o.line - 1 : o.line + 1]]
            ends = [line.strip(marks) for line in both]
            # Markdown may put a backslash before an apostrophe.
            upper, lower = (re.sub(r"[ \\]", "", end) for end in ends)
            text = o.text.replace(" ", "")
            right = any(
                upper.endswith(text[:i]) and lower.startswith(text[i:])
                for i in range(1, len(text))
            )
        else:
            right = lines[o.line - 1][o.start : o.end] == o.text
        wrong += [] if right else [o]
    return wrong


def name_file(form: Format) -> str:
    suffix = {"markdown": "md", "html-table": "html", "html-divs": "htm"}
    return f"page.{suffix.get(form, 'txt')}"


@given(printed=PAGES, form=among(*TEXT_FORMATS))
def test_a_page_of_text_gives_back_what_it_prints(printed, form):
    cluster, wording = printed
    page = render(cluster, form, wording)
    profile = giikit.parse_profile(page, source="page")
    assert find_differences(profile, cluster, wording) == []
    assert find_misplaced(profile, page) == []


@given(printed=PAGES, form=among(*HTML_FORMATS))
def test_a_page_of_html_gives_back_what_it_prints(printed, form):
    cluster, wording = printed
    page = render(cluster, form, wording)
    profile = giikit.parse_profile(page, source="page")
    assert find_differences(profile, cluster, wording) == []
    lines = page.count("\n") + 1
    for o in profile.observations:
        assert 1 <= o.line <= lines
        assert (o.start, o.end) == (None, None)


@given(
    printed=PAGES,
    form=among(*TEXT_FORMATS, *HTML_FORMATS),
    encoding=among(*ENCODINGS),
    line_end=among("\n", "\r\n", "\r"),
    packed=among(None, "quoted-printable", "base64"),
)
def test_a_file_gives_back_what_it_prints(
    tmp_path_factory, printed, form, encoding, line_end, packed
):
    cluster, wording = printed
    page = render(cluster, form, wording)
    try:
        content = encode_page(page, encoding, line_end)
    except UnicodeEncodeError:  # Windows-1252 has no thin space, no Ł
        content = encode_page(page, "utf-16-le", line_end)
    path: Path = tmp_path_factory.getbasetemp() / name_file(form)
    if packed and form in HTML_FORMATS:
        # Quoted-printable text has lines of its own.
        is_text = line_end == "\n" and content[:2] not in (b"\xff\xfe", b"\xfe\xff")
        content = pack_mhtml(content, packed if is_text else "base64")
        path = path.with_suffix(".mhtml")
    path.write_bytes(content)
    profile = giikit.read_profile(path)
    # HTML names its encoding; that of other files is a guess, where it is no UTF-8.
    named = encoding != "cp1252" or content[:2] == b"\xff\xfe" or form in HTML_FORMATS
    guessed = set() if named or content.isascii() else {"encoding-guessed"}
    assert find_differences(profile, cluster, wording, guessed) == []
    if form in TEXT_FORMATS:
        assert find_misplaced(profile, page) == []
