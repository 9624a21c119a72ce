"""A writer of profile pages in every format and wording that they are seen in.

Test-only, and independent of the parser: nothing here imports giikit but the slug.
`render` writes what is printed (a `Cluster`) as people save it, `Wording` says how.
"""

from __future__ import annotations

import base64
import html
import html.entities
import quopri
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

from generator.drawing import (
    Cluster,
    Listed,
    Variety,
    make_cluster,
    make_clusters,
    name_economy,
)
from generator.places import ECONOMIES, WITH_ARTICLE

__all__ = [
    "Cluster",
    "Listed",
    "Variety",
    "Wording",
    "encode_page",
    "make_cluster",
    "make_clusters",
    "name_economy",
    "pack_mhtml",
    "render",
    "write_pages",
]


ON, OFF = "\x01", "\x02"  # bold, until the format is known
SUP, SUB = "\x03", "\x04"  # the raised ending of an ordinal

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety"
)
_ONES, _TENS = _NUMBERS.split()[:20], _NUMBERS.split()[20:]
_ORDINAL_ENDS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def spell_number(n: int) -> str:
    """Write a number up to one hundred as words; a larger one stays in figures."""
    if n > 100:
        return str(n)
    if n == 100:
        return "one hundred"
    if n < 20:
        return _ONES[n]
    tens, ones = divmod(n, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


def spell_ordinal(n: int) -> str:
    """Write an ordinal up to one hundredth as words; a larger one in figures."""
    if n > 100:
        return figure_ordinal(n)
    head, last = re.fullmatch(r"(.*?)(\w+)", spell_number(n)).groups()
    if last in _ORDINAL_ENDS:
        return head + _ORDINAL_ENDS[last]
    return head + (last[:-1] + "ieth" if last.endswith("y") else last + "th")


def figure_ordinal(n: int) -> str:
    """Write 1st, 2nd, 3rd, 11th, the ending marked for formats that raise it."""
    tens, ones = n // 10 % 10, n % 10
    end = {1: "st", 2: "nd", 3: "rd"}.get(ones, "th") if tens != 1 else "th"
    return f"{n}{SUP}{end}{SUB}"


Sections = tuple[str, ...]
SECTIONS: Sections = ("applicants", "publishers", "fields", "patents", "publications")


@dataclass(frozen=True, kw_only=True, repr=False)
class Wording:
    """How a page says it; the defaults are the two real pages (that of Beijing)."""

    # numbers
    grouping: str = ","
    percent: str = "%"
    lead_ordinal: Literal["word", "figure"] = "word"
    rank_ordinal: Literal["word", "Word", "figure"] = "figure"
    bare_first: bool = False  # "largest" for "1st largest"
    count_numbers: Literal["word", "figure", "small words"] = "figure"
    window_word: bool = True
    raised_endings: bool = False  # 3<sup>rd</sup>, in HTML only
    hard_spaces: bool = False  # no-break spaces around figures in sentences
    # names
    dash: str | None = None  # between cities; None: as the name has it
    apostrophe: str = "'"
    short_possessive: bool = False  # Paris' for Paris's
    lead_suffix: bool = True  # "San Diego, CA is the ..."
    collaboration_suffix: bool = True  # "of San Diego, CA's PCT ..."
    partner_suffix: bool = False
    # headings
    edition_name: str = "Global Innovation Index"
    edition_break: bool = False  # the year on a line of its own
    title_break: bool = False  # the economy on a line of its own
    # lead
    subject: Literal["It", "name", "The cluster has"] = "It"
    per_each: bool = False  # "per 1 million inhabitants" after each rate
    top: Literal["top-ranked", "ordinal", "top"] = "top-ranked"
    of_economy: bool = False  # "clusters in China" for "Chinese clusters"
    only: bool = True  # a cluster alone in its economy is "the only cluster in ..."
    patents_noun: str = "PCT applications"
    articles_noun: str = "scientific articles"
    deals_noun: str = "venture capital deals"
    deals_verb: str = "attracted"
    million: str = "1 million"
    lately: Literal["last", "latest"] = "last"
    ranks_in_lead: bool = False  # "making it the 63rd largest ... and 85th ..."
    lead_commas: bool = True  # "..., out of 26 Chinese clusters, that falls ..."
    bold_rates: Literal["phrase", "number", "none"] = "phrase"
    bold_ranks: bool = False
    split_lead: bool = False
    kind: str | None = None  # None: as the edition says
    remark: str = ""
    intensity_note: str = " (relative to population density)"
    intensity_first: bool = False
    # tables
    heading_colon: bool = False
    heading_case: Literal["sentence", "title", "upper"] = "sentence"
    title_first: bool = False  # above the edition's heading
    bold_names: bool = False  # of organizations
    header: Literal["units", "full", "none"] = "units"
    rank_dot: bool = False
    field_rows: Literal["paren", "cells", "ranked", "line"] = "paren"
    sections: Sections = SECTIONS
    # collaboration
    collaboration_noun: str = "PCT patent applications"
    bold_partners: Literal[
        "each", "first two", "last two", "all", "comma", "space", "none"
    ] = "each"
    oxford: bool = False
    partner_number: Literal["word", "figure", "none"] = "word"
    # around the content
    menus: bool = False
    blank_lines: bool = True
    final_newline: bool = False
    # text
    bullet: str = ""  # before the two world ranks, and before fields
    bold_mark: str = "**"  # around what is bold; text formats may lose it
    # 3rd, 3ʳᵈ, 3<sup>rd</sup>, 3^rd, 3^(rd), 3^rd^
    endings: Literal["plain", "letters", "tags", "^", "^(", "^^"] = "plain"
    page_breaks: bool = False  # a form feed before headings
    padding: tuple[str, str] = ("", "")  # before and after each line
    wrap: int = 0  # columns at which mail and text browsers break sentences
    wrap_indent: str = ""  # before the lines that go on
    wrap_hyphens: bool = False  # also after hyphens and dashes
    stripped: bool = False  # editors drop the empty cells that begin a header
    cell_padding: str = ""  # around the tabs
    cell_gap: str = "   "  # between cells in runs of spaces
    cell_break: str = "\n"  # after cells on lines of their own
    # Markdown
    headings: Literal["#", "bold", "underlined"] = "#"
    list_mark: str = "- "
    outer_pipes: bool = True
    tables: Literal["pipes", "tags", "tags in a line"] = "pipes"
    hard_breaks: bool = False  # between the two world ranks
    fences: bool = False  # around sections
    escapes: bool = False  # a backslash before punctuation, as converters write
    # HTML
    tags: Literal["plain", "upper", "unclosed", "attributes"] = "plain"
    inline: Literal["none", "comments", "links", "spans"] = "none"
    rank_list: Literal["blocks", "list", "numbered", "breaks"] = "blocks"
    cell_tag: Literal["div", "p"] = "div"
    caption: bool = False  # headings of tables stand in them
    minified: bool = False
    bold_tag: str = "b"
    entities: Literal["none", "named", "numeric"] = "none"
    wrapped: bool = False  # source lines broken within sentences

    def __repr__(self) -> str:
        """Show what differs from the defaults, and only that."""
        changed = (
            f"{f.name}={getattr(self, f.name)!r}"
            for f in fields(self)
            if getattr(self, f.name) != f.default
        )
        return f"Wording({', '.join(changed)})"


def _group(number: int, wording: Wording) -> str:
    return f"{number:,}".replace(",", wording.grouping)


def _percent(share: str, wording: Wording) -> str:
    return share + wording.percent


def write_name(name: str, wording: Wording, *, suffix: bool = True) -> str:
    """Write a name of a place with this page's dashes and apostrophes."""
    if not suffix:
        name = re.sub(r", [A-Z]{2,3}\b", "", name)
    if wording.dash is not None:
        name = name.replace("–", wording.dash)
    return name.replace("'", wording.apostrophe)


def _bold(text: str, yes: bool = True) -> str:
    return f"{ON}{text}{OFF}" if yes else text


def _count(n: int, wording: Wording) -> str:
    as_word = wording.count_numbers == "word" or (
        wording.count_numbers == "small words" and n < 10
    )
    return spell_number(n) if as_word else str(n)


def _name_kinds(c: Cluster, w: Wording) -> tuple[str, str]:
    """Name the kind of cluster, in full and in short."""
    kind = w.kind or (
        "innovation cluster" if c.edition >= 2025 else "science and technology cluster"
    )
    return kind, kind if "innovation" in kind else "S&T cluster"


def write_lead(c: Cluster, w: Wording) -> list[str]:
    """Write the lead: place in the economy, then documents per million."""
    first = c.codes.split("/")[0]
    adjective, economy = ECONOMIES[first][:2]
    article = "the " if first in WITH_ARTICLE else ""
    word = spell_ordinal if w.lead_ordinal == "word" else figure_ordinal
    rank = f"{word(c.rank_in_economy)}-ranked"
    if c.rank_in_economy == 1 and w.top != "ordinal":
        rank = w.top
    count = _count(c.clusters_in_economy, w)
    clusters = f"{adjective} clusters"
    if w.of_economy:
        clusters = f"clusters in {article}{economy}"
    name = write_name(c.name, w, suffix=w.lead_suffix)
    if c.clusters_in_economy == 1 and w.only:
        place = f"{name} is the only cluster in {article}{economy}"
        place += f" that falls within the top {c.clusters_in_world} S&T clusters"
    else:
        comma = "," if w.lead_commas else ""
        place = f"{name} is the {rank} cluster{comma} out of {count} {clusters}{comma}"
        place += f" that falls within the top {c.clusters_in_world} S&T clusters"
    place = place.replace("S&T clusters", f"{_name_kinds(c, w)[1]}s")
    place += f" in {c.edition}."
    rates = [
        (_group(c.pct_per_million, w), w.patents_noun),
        (_group(c.articles_per_million, w), w.articles_noun),
    ]
    if c.deals_per_million is not None:
        deals = c.deals_per_million
        deals = deals if "." in deals else _group(int(deals), w)
        rates.append((deals, w.deals_noun))
    bold = [
        {"phrase": _bold(f"{n} {noun}"), "number": f"{_bold(n)} {noun}"}.get(
            w.bold_rates, f"{n} {noun}"
        )
        for n, noun in rates
    ]
    years = spell_number(c.window_years) if w.window_word else c.window_years
    each = f" per {w.million} inhabitants" if w.per_each else ""
    subject = name if w.subject == "name" else w.subject
    if len(bold) == 2:
        filed = f"{subject} filed {bold[0]}{each} and published {bold[1]}, both"
    else:
        comma = "," if w.oxford else ""
        filed = f"{subject} filed {bold[0]}{each}, published {bold[1]}{each}{comma}"
        filed += f" and {w.deals_verb} {bold[2]}, all"
    if w.per_each:
        filed = filed.rpartition(",")[0]
    filed += f" per {w.million} inhabitants over the {w.lately} {years} years"
    filed += ", making it the:"
    return [place, filed] if w.split_lead else [f"{place} {filed}"]


def write_ranks(c: Cluster, w: Wording) -> list[str]:
    """Write the two world ranks."""
    kind, short = _name_kinds(c, w)

    def rank(n: int, what: str) -> str:
        word = figure_ordinal(n) if w.rank_ordinal == "figure" else spell_ordinal(n)
        if w.rank_ordinal == "Word":
            word = word[0].upper() + word[1:]
        if n == 1 and w.bare_first and what:
            return _bold(what[0].upper() + what[1:], w.bold_ranks)
        return " ".join(filter(None, [_bold(word, w.bold_ranks), what]))

    size = f"{rank(c.size_rank, 'largest')} {kind} in {c.edition}{w.remark}"
    intensity = f"{rank(c.intensity_rank, '')} {short} by intensity{w.intensity_note}"
    intensity += f" in {c.edition}{w.remark}"
    return [intensity, size] if w.intensity_first else [size, intensity]


def write_partners(names: Iterable[str], w: Wording) -> str:
    """Write a list of partners, as bold as the wording has it."""
    partners = [write_name(n, w, suffix=w.partner_suffix) for n in names]
    comma = "," if w.oxford and len(partners) > 2 else ""
    if w.bold_partners == "comma":
        marked = [_bold(p + ",") for p in partners[:-2]]
        marked += [_bold(p + comma) for p in partners[-2:-1]]
        marked += [_bold(p) for p in partners[-1:]]
        return " ".join([*marked[:-1], "and", marked[-1]] if marked[1:] else marked)

    def join(items: list[str]) -> str:
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])}{comma} and {items[-1]}"

    if w.bold_partners == "space" and len(partners) > 1:
        head = [_bold(p) for p in partners[:-2]] + [_bold(f"{partners[-2]}{comma} ")]
        return f"{', '.join(head)}and {_bold(partners[-1])}"
    if w.bold_partners == "none":
        return join(partners)
    if w.bold_partners == "all":
        return _bold(join(partners))
    if w.bold_partners == "first two" and len(partners) > 2:
        return join([_bold(", ".join(partners[:2])), *map(_bold, partners[2:])])
    if w.bold_partners == "last two" and len(partners) > 2:
        last = _bold(f"{partners[-2]}{comma} and {partners[-1]}")
        return ", ".join([*map(_bold, partners[:-2]), last])
    return join([_bold(p) for p in partners])


def write_collaboration(c: Cluster, w: Wording, output: str) -> str:
    """Write one of the two sentences on collaboration."""
    name = write_name(c.name, w, suffix=w.collaboration_suffix)
    bare = w.short_possessive and name.endswith("s")
    owner = name + w.apostrophe + ("" if bare else "s")
    if output == "patent":
        many = "locations" if len(c.patent_partners) != 1 else "location"
        return (
            f"{_percent(c.patent_share, w)} of {owner} {w.collaboration_noun} are filed"
            f" in collaboration with other inventors, with"
            f" {write_partners(c.patent_partners, w)} emerging as the top collaborative"
            f" {many}."
        )
    n = len(c.publication_partners)
    number = {"word": f" {spell_number(n)}", "figure": f" {n}", "none": ""}
    top = f"top{number[w.partner_number]} collaborating locations being"
    if n == 1:
        top = "top collaborating location being"
    return (
        f"{_percent(c.publication_share, w)} of {owner} {w.articles_noun} are published"
        f" in collaboration with other organizations, with the {top}"
        f" {write_partners(c.publication_partners, w)}."
    )


@dataclass(frozen=True)
class Block:
    """A piece of a page before any format: kind, text, and rows of a table."""

    kind: Literal[
        "edition", "title", "lead", "rank", "head", "subhead", "table", "text"
    ]
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    header: tuple[str, ...] = ()


def _heading(text: str, w: Wording) -> str:
    if w.heading_case == "title":
        text = re.sub(
            r"\b(publishing|organizations|applicants|technology|fields)\b",
            lambda m: m[0].capitalize(),
            text,
        )
    if w.heading_case == "upper":
        text = text.upper()
    return text + (":" if w.heading_colon else "")


def _table(rows: tuple[Listed, ...], names: tuple[str, str], w: Wording) -> Block:
    name, unit = names
    header = {
        "units": ("", "", unit, "Share"),
        "full": ("Rank", name, unit, "Share"),
        "none": (),
    }[w.header]
    dot = "." if w.rank_dot else ""
    if w.heading_case == "upper":
        header = tuple(map(str.upper, header))
    cells = tuple(
        (
            f"{i}{dot}",
            _bold(row.name, w.bold_names),
            _group(row.documents, w),
            _percent(row.share, w),
        )
        for i, row in enumerate(rows, 1)
    )
    return Block("table", rows=cells, header=header)


def _field_rows(
    fields: tuple[tuple[str, str], ...], w: Wording
) -> tuple[tuple[str, ...], ...]:
    percents = [(name, _percent(share, w)) for name, share in fields]
    if w.field_rows == "paren":
        return tuple((f"{name} ({share})",) for name, share in percents)
    if w.field_rows == "line":
        line = ", ".join(f"{name} ({share})" for name, share in percents)
        return ((line,),) if line else ()
    if w.field_rows == "cells":
        return tuple(percents)
    return tuple((str(i), *row) for i, row in enumerate(percents, 1))


def _chart(
    heading: str, fields: tuple[tuple[str, str], ...], w: Wording
) -> list[Block]:
    rows = _field_rows(fields, w)
    return [Block("subhead", _heading(heading, w)), Block("table", rows=rows)]


def write_blocks(c: Cluster, w: Wording) -> list[Block]:
    """Write the page as blocks, in the order of the wording's sections."""
    name = write_name(c.name, w)
    breaks = "\n" if w.edition_break else " ", "\n" if w.title_break else " "
    heading = [
        Block("edition", f"{w.edition_name}{breaks[0]}{c.edition}"),
        Block("title", f"{name},{breaks[1]}{c.economy}"),
    ]
    lead, ranks = write_lead(c, w), write_ranks(c, w)
    if w.ranks_in_lead:
        size, intensity = ranks
        size = size.removesuffix(f" in {c.edition}")
        lead[-1] = f"{lead[-1].removesuffix(':')} {size} and {intensity}."
        ranks = []
    blocks = [
        *(heading[::-1] if w.title_first else heading),
        *(Block("lead", text) for text in lead),
        *(Block("rank", text) for text in ranks),
    ]
    sections = {
        "applicants": [
            Block("head", _heading("Top PCT applicants", w)),
            _table(c.applicants, ("Applicant", "Patents"), w),
        ],
        "publishers": [
            Block("head", _heading("Top publishing organizations", w)),
            _table(c.publishers, ("Organization", "Articles"), w),
        ],
        "fields": [
            Block("head", _heading(f"Top technology fields in {name}", w)),
            *_chart("Patents", c.patent_fields, w),
            *_chart("Publications", c.publication_fields, w),
        ],
        "patents": [Block("text", write_collaboration(c, w, "patent"))],
        "publications": [Block("text", write_collaboration(c, w, "publication"))],
    }
    for section in w.sections:
        blocks += sections[section]
    if w.hard_spaces:
        blocks = [
            replace(
                b,
                text=re.sub(
                    r"(?<=\d) (?=[a-zA-Z])| (?=\d)", "\N{NO-BREAK SPACE}", b.text
                ),
            )
            for b in blocks
        ]
    return blocks


Format = Literal["tabs", "spaces", "cells", "markdown", "html-table", "html-divs"]
TEXT_FORMATS: tuple[Format, ...] = ("tabs", "spaces", "cells", "markdown")
HTML_FORMATS: tuple[Format, ...] = ("html-table", "html-divs")

MENU = (
    "Skip to main content",
    "WIPO",
    "About WIPO",
    "Global Innovation Index",
    "GII at a glance",
    "Clusters: Tokyo–Yokohama, Seoul, Paris",
    "Share this page",
    "English",
)
FOOTER = (
    "Related links",
    "The Global Innovation Index 2022 is available in ten languages.",
    "Contact us | Terms of use | Privacy",
    "© World Intellectual Property Organization",
    "Follow us: Facebook, LinkedIn, 1 more",
)


def render(
    cluster: Cluster, form: Format = "tabs", wording: Wording | None = None
) -> str:
    """Write a page in a format; lines end in LF, see `encode_page` for bytes."""
    wording = wording or Wording()
    if form != "markdown" and wording.bold_mark.startswith("<"):
        # Tags are what converters to Markdown leave; copied text has none.
        wording = replace(wording, bold_mark="**")
    if wording.wrap and wording.rank_ordinal == "word":
        # In a wrapped paragraph, a rank such as "sixth" goes on with what is above it.
        wording = replace(wording, hard_breaks=False)
    blocks = write_blocks(cluster, wording)
    if form in HTML_FORMATS:
        return _write_html(blocks, form, wording)
    if form == "markdown":
        return _write_markdown(blocks, wording)
    return _write_text(blocks, form, wording)


def _plain(text: str, w: Wording) -> str:
    off = "</span>" if w.bold_mark.startswith("<span") else w.bold_mark
    text = text.replace(ON, w.bold_mark).replace(OFF, off)
    if w.endings == "letters":
        letters = str.maketrans("dhnrst", "ᵈʰⁿʳˢᵗ")
        text = re.sub(f"{SUP}(..){SUB}", lambda m: m[1].translate(letters), text)
    carets = {"^": ("^", ""), "^(": ("^(", ")"), "^^": ("^", "^")}
    raised = ({"tags": ("<sup>", "</sup>")} | carets).get(w.endings, ("", ""))
    return text.replace(SUP, raised[0]).replace(SUB, raised[1])


def _wrap(text: str, w: Wording) -> str:
    """Break a paragraph into lines, but no tag; dashes may be broken like hyphens."""
    if not w.wrap:
        return text
    lines, row = [], ""
    word_end = "[^ –-])*[ –-]*" if w.wrap_hyphens else "[^ ])* *"
    for word in re.findall(f"(?:<[^<>]*>|{word_end}", text):
        if row and len(row + word.rstrip()) > w.wrap:
            lines.append(row.rstrip())
            row = w.wrap_indent
        row += word
    return "\n".join([*lines, row])


def _align(rows: list[tuple[str, ...]], gap: str) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if len(gap) < 2:
        return [gap.join(filter(None, row)) for row in rows]
    return [
        gap.join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _write_text(blocks: list[Block], form: Format, w: Wording) -> str:
    out = [" \n\n\n"]
    if w.menus:
        out = [f"{line}\n" for line in MENU]
    for block in blocks:
        if block.kind == "table":
            rows = [row for row in (block.header, *block.rows) if row]
            rows = [tuple(_plain(cell, w) for cell in row) for row in rows]
            if form == "tabs":
                tab = f"{w.cell_padding}\t{w.cell_padding}"
                lines = [tab.join(row) for row in rows]
            elif form == "spaces":
                lines = _align(rows, w.cell_gap)
            else:
                lines = [cell for row in rows for cell in row if cell]
            if rows and len(rows[0]) == 1:
                lines = [w.bullet + line for line in lines]
            if rows and len(rows[0]) == 4:
                out.append(" \n \n")
            end = w.cell_break if form == "cells" else "\n"
            out.append("".join(line + end for line in lines))
            out.append("\n" * (1 if rows else 2))
            continue
        bullet = w.bullet if block.kind == "rank" else ""
        if w.page_breaks and block.kind in ("head", "subhead"):
            bullet = "\f"
        gap = "\n\n\n\n" if block.kind == "title" else "\n\n"
        out.append(_wrap(bullet + _plain(block.text, w), w) + gap)
    text = "".join(out)
    if not w.blank_lines:
        text = "\n".join(line for line in text.split("\n") if line.strip())
    text = text.rstrip("\n")
    if w.menus:
        text += "\n\n" + "\n".join(FOOTER)
    if w.stripped:
        text = "\n".join(line.strip() for line in text.split("\n"))
    if any(w.padding):
        text = "\n".join(line.join(w.padding) for line in text.split("\n"))
    return text + ("\n" if w.final_newline else "")


MARKDOWN_MENU = (
    "[Skip to main content](#main)",
    "![WIPO](logo.png)",
    "- [Home](https://www.example.org/)",
    "- [Global Innovation Index](https://www.example.org/gii)",
    "- [Paris](https://www.example.org/paris) 12",
)


def _mark_heading(text: str, level: int, w: Wording) -> list[str]:
    if w.headings == "bold":
        return [f"**{text}**"]
    if w.headings == "underlined" and level < 3:
        return [text, "=-"[level - 1] * len(text)]
    return [f"{'#' * level} {text}"]


def _escape_markdown(text: str, w: Wording) -> str:
    return re.sub(r"([<>'\"|#_\[\]])", r"\\\1", text) if w.escapes else text


def _leave_table(block: Block, w: Wording) -> str:
    """Leave a table as HTML, as converters do with one that has no head."""
    plain = replace(w, inline="none")
    cells = [
        "".join(f"<td>{_escape(cell, plain) or '&nbsp;'}</td>" for cell in row)
        for row in (block.header, *block.rows)
    ]
    rows = [f"<tr>{row}</tr>" for row in cells if row]
    joint = "" if w.tables == "tags in a line" else "\n"
    return joint.join(["<table><tbody>", *rows, "</tbody></table>"])


def _write_markdown(blocks: list[Block], w: Wording) -> str:
    levels = {"edition": 1, "title": 1, "head": 2, "subhead": 3}
    out = [*MARKDOWN_MENU, ""] if w.menus else []
    bold = w if w.bold_mark else replace(w, bold_mark="**")
    last = None
    for block in blocks:
        text = _plain(_escape_markdown(block.text, w), bold)
        rows = [
            tuple(_plain(_escape_markdown(cell, w), bold) for cell in row)
            for row in block.rows
        ]
        if w.fences and block.kind == "head":
            out += [f"::: {{#s{len(out)} .card}}", ""]
        if block.kind in levels:
            out += _mark_heading(text, levels[block.kind], w)
        elif block.kind == "rank" and w.hard_breaks and not w.padding[1]:
            if last == "rank":
                out[-2:] = [out[-2] + "\\"]
            out.append(_wrap(text, w))
        elif block.kind == "rank":
            out.append(_wrap((w.bullet or "- ") + text, w))
        elif block.kind != "table":
            out.append(_wrap(text, w))
        elif rows and len(rows[0]) == 1:
            out += [w.list_mark + row[0] for row in rows]
        elif rows and w.tables != "pipes":
            out.append(_leave_table(block, w))
        elif rows:
            header = block.header or ("",) * len(rows[0])
            for row in (header, ("---",) * len(header), *rows):
                line = " | ".join(row)
                out.append(f"| {line} |" if w.outer_pipes else line)
        out.append("")
        last = block.kind
    if w.menus:
        out += FOOTER
    # Two spaces at its end break a line.
    page = "\n".join(line + w.padding[1] for line in out).rstrip()
    return page + ("\n" if w.final_newline else "")


_CLOSE = {"b": "</b>", "strong": "</strong>"}
_BOLD_TAGS = {
    "b": "<b>",
    "strong": "<strong>",
    "class": '<span class="bold">',
    "style": '<span style="font-weight: bold">',
}
_HEAD = """<!DOCTYPE html>
<!-- saved from url=(0024)https://www.example.org/ -->
<html lang="en"><head>
<meta charset="utf-8">
<title>Global Innovation Index</title>
<script>var page = {"title": "Global Innovation Index 2019", "a": 1 < 2};</script>
<style>.row { display: flex } .bold { font-weight: 700 }</style>
</head>
<body class="page">
"""
_COOKIES = """<div id="cookies" role="dialog"><p>We use cookies.
<a href="#">Accept all</a>
<button type="button">Reject 3 of 5</button></p></div>
<noscript><img height="1" width="1" alt="" src="#"></noscript>
"""


def _escape(text: str, w: Wording) -> str:
    text = html.escape(text, quote=w.entities != "none")
    if w.entities == "named":
        names = html.entities.codepoint2name
        text = "".join(
            f"&{names[ord(ch)]};" if ord(ch) > 127 and ord(ch) in names else ch
            for ch in text
        )
    elif w.entities == "numeric":
        text = text.encode("ascii", "xmlcharrefreplace").decode()
    if w.inline == "comments":
        text = re.sub(r"(\d) (?=[A-Za-z])", r"\1<!-- --> ", text)
    elif w.inline == "spans":
        text = re.sub(
            r"(?<![\d&#;\w.,])(\d[\d,]*)(?![\d;\w])", r"<span>\1</span>", text
        )
    on, close = _BOLD_TAGS[w.bold_tag], _CLOSE.get(w.bold_tag, "</span>")
    if w.inline == "links":
        on, close = f'{on}<a href="#">', f"</a>{close}"
    text = text.replace(ON, on).replace(OFF, close)
    raised = ("<sup>", "</sup>") if w.raised_endings else ("", "")
    return text.replace(SUP, raised[0]).replace(SUB, raised[1])


_CHART = """<div class="chart"><canvas width="300" height="200"></canvas>
<img alt="Chart: Optics 12%" src="#"></div>
<p>&nbsp;</p>
"""


def _html_table(block: Block, form: Format, w: Wording, caption: str = "") -> str:
    if not block.rows:
        return _CHART
    if len(block.rows[0]) == 1:
        items = "".join(f"<li>{_escape(row[0], w)}</li>\n" for row in block.rows)
        tag = "ol" if w.rank_list == "numbered" else "ul"
        return f"<{tag}>\n{items}</{tag}>\n"
    rows = [(row, "td") for row in block.rows]
    if block.header:
        rows.insert(0, (block.header, "th"))
    lines = []
    for row, tag in rows:
        if form == "html-table":
            cells = "".join(f"<{tag}>{_escape(cell, w)}</{tag}>" for cell in row)
            lines.append(f"<tr>{cells}</tr>")
        else:
            inner = f'<{w.cell_tag} class="cell">', f"</{w.cell_tag}>"
            cells = "".join(f"\n  {_escape(cell, w).join(inner)}" for cell in row)
            lines.append(f'<div class="row">{cells}\n</div>')
    body = "\n".join(lines)
    if form == "html-table":
        caption = f"<caption>{caption}</caption>\n" if caption else ""
        return f'<table class="data">{caption}<tbody>\n{body}\n</tbody></table>\n'
    return f'<div class="data"><div>\n{body}\n</div></div>\n'


def _write_html(blocks: list[Block], form: Format, w: Wording) -> str:
    out: list[str] = []
    if w.menus:
        items = "".join(f'<li><a href="#">{_escape(x, w)}</a></li>\n' for x in MENU)
        out += [_COOKIES, f"<nav><ul>\n{items}</ul></nav>\n"]
    out.append('<div class="outer"><div class="inner"><main>\n')
    divs = form == "html-divs"
    tags = {"edition": "h2", "title": "h1", "head": "h3", "subhead": "h4"}
    ranks = [block for block in blocks if block.kind == "rank"]
    caption = ""
    for block in blocks:
        if block.kind == "table":
            out.append(_html_table(block, form, w, caption))
            caption = ""
            continue
        text = _escape(block.text, w)
        if w.caption and not divs and block.text.upper().startswith("TOP P"):
            caption = text
            continue
        if block.kind == "rank" and w.rank_list != "blocks":
            if block is not ranks[0]:
                continue
            lines = [_escape(rank.text, w) for rank in ranks]
            if w.rank_list == "list":
                items = "".join(f"<li>{line}</li>\n" for line in lines)
                out.append(f"<ul>\n{items}</ul>\n")
                continue
            if w.rank_list == "numbered":
                items = "".join(f"<li><p>{line}</p></li>\n" for line in lines)
                out.append(f"<ol>\n{items}</ol>\n")
                continue
            text = "<br>\n".join(lines)
        if w.wrapped and not w.minified:
            text = textwrap.fill(
                text, 70, break_on_hyphens=False, break_long_words=False
            )
        tag = tags.get(block.kind, "div" if divs else "p")
        if divs:
            out.append(f"<div><div><{tag}>\n{text}\n</{tag}></div></div>\n")
        else:
            out.append(f"<{tag}>{text}</{tag}>\n")
    out.append("</main></div></div>\n")
    if w.menus:
        items = "".join(f"<p>{_escape(x, w)}</p>\n" for x in FOOTER)
        out.append(f"<footer>\n{items}</footer>\n<script>track(1);</script>\n")
    out.append("</body></html>")
    page = _HEAD + _restyle_tags("".join(out), w)
    if w.minified:
        page = re.sub(r">\n\s*", ">", page)
    return page + ("\n" if w.final_newline else "")


def _restyle_tags(body: str, w: Wording) -> str:
    """Write tags as older or sloppier software does; a browser shows the same."""
    if w.tags == "upper":
        return re.sub(r"</?[a-z][a-z0-9]*", lambda m: m[0].upper(), body)
    if w.tags == "unclosed":
        return re.sub(r"</(?:td|th|tr|tbody|li|p)>", "", body)
    if w.tags == "attributes":
        cell = r'<\1 align="right" data-sort="99%" title="Share 5 > 4" class=x>'
        return re.sub(r"<(td|th|p|li|div)>", cell, body)
    return body


Encoding = Literal["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "cp1252"]
ENCODINGS: tuple[Encoding, ...] = (
    "utf-8",
    "utf-8-sig",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
)


def encode_page(page: str, encoding: Encoding = "utf-8", line_end: str = "\n") -> bytes:
    """Encode a page as saved; UTF-16 has its byte order mark.

    Raises UnicodeEncodeError where Windows-1252 lacks a character.
    """
    charset = {"cp1252": "windows-1252"}.get(encoding, encoding[:6].rstrip("-"))
    page = page.replace('charset="utf-8"', f'charset="{charset}"')
    page = page.replace("\n", line_end)
    if encoding.startswith("utf-16"):
        page = "\N{ZERO WIDTH NO-BREAK SPACE}" + page
    return page.encode(encoding)


Transfer = Literal["quoted-printable", "base64"]


def pack_mhtml(page: bytes, transfer: Transfer = "quoted-printable") -> bytes:
    """Pack HTML as browsers save a page in one file, behind a picture of it."""
    encode = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}
    head = f"""From: <Saved by Blink>
Subject: Cluster profile
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----Part--9----"

------Part--9----
Content-Type: image/png
Content-Transfer-Encoding: base64

iVBORw0KGgo=
------Part--9----
Content-Type: text/html
Content-Transfer-Encoding: {transfer}

"""
    return head.encode() + encode[transfer](page) + b"\n------Part--9------\n"


def write_pages(folder: Path, clusters: Iterable[Cluster]) -> list[Path]:
    """Write text pages, ``<edition>/<slug>.txt`` below a folder; return their paths."""
    from giikit.names import make_cluster_id

    paths = []
    for cluster in clusters:
        path = folder / str(cluster.edition) / f"{make_cluster_id(cluster.name)}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(cluster).encode())
        paths.append(path)
    return paths
