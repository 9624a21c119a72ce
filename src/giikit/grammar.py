"""The grammar: a table of rules, one for each thing that a profile page says.

A rule is tried on every line that holds its hint. What its pattern matches is
claimed; each named group is a printed value, read as `FIELDS` says. To teach giikit
a new wording, add a rule or widen a pattern (docs/extending-the-grammar.md).

Patterns see a line without bold markers, with plain spaces, quotes and hyphens.
Every repetition in them is bounded, so that reading takes time in proportion to
the length of the page whatever the page holds.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from giikit.numbers import (
    Reader,
    read_base,
    read_count,
    read_decimal,
    read_ordinal,
    read_positive,
    read_rate,
    read_share,
    read_year,
)
from giikit.profile import Output

SectionKind = Literal["organizations", "fields"]


class Field(NamedTuple):
    """How the text of a group is read; without a reader it is a name."""

    indicator: str
    read: Reader | None = None
    unit: str | None = None


_PER_MILLION = "1 / million inhabitants"
FIELDS: dict[str, Field] = {
    field.indicator: field
    for field in (
        Field("edition", read_year, "year"),
        Field("cluster"),
        Field("economy"),
        Field("rank_in_economy", read_ordinal, "rank"),
        Field("clusters_in_economy", read_count, "clusters"),
        Field("clusters_listed", read_count, "clusters"),
        Field("size_rank", read_ordinal, "rank"),
        Field("intensity_rank", read_ordinal, "rank"),
        Field("pct_per_million", read_rate, _PER_MILLION),
        Field("articles_per_million", read_rate, _PER_MILLION),
        Field("vc_deals_per_million", read_decimal, _PER_MILLION),
        Field("inhabitants_base", read_base, "inhabitants"),
        Field("window_years", read_positive, "years"),
        Field("patent_collaboration_share", read_share, "fraction"),
        Field("publication_collaboration_share", read_share, "fraction"),
        Field("partners", None),
        Field("partners_stated", read_positive, "partners"),
        Field("partner"),
        Field("organization"),
        Field("field"),
        Field("rank", read_positive, "rank"),
        Field("documents", read_count, "documents"),
        Field("share", read_share, "fraction"),
        Field("remark"),
    )
} | {
    # Group names that fill a column under another name.
    "adjective": Field("economy"),
    "only": Field("rank_in_economy", read_ordinal, "rank"),
    "alone": Field("clusters_in_economy", read_ordinal, "clusters"),
}


class Rule(NamedTuple):
    """One wording. ``hint`` is lower-case text that every line of it holds.

    ``part`` names the part of the page that the rule belongs to; a part of which no
    rule matches is reported as missing. ``opens`` is the list that begins there.
    """

    part: str
    hint: str
    pattern: re.Pattern[str]
    output: Output | None = None
    opens: SectionKind | None = None
    optional: bool = False


# Wordings that several rules share; written <so> in a pattern.
_WORDINGS = {
    "kind": "(?:S&T|science and technology|science & technology|innovation)",
    "in edition": "in (?P<edition>[^ .,;:()]{1,12})",
    "name": "(?P<cluster>.{1,200}?)",
    "remark": "(?P<remark>[ ,;:(.-].{0,300})?",
    "end": r"[\s#*:.|]*$",
    "start": r"^[\s#*•·>|-]*",
}


def _rule(
    part: str,
    hint: str,
    pattern: str,
    output: Output | None = None,
    opens: SectionKind | None = None,
    *,
    optional: bool = False,
) -> Rule:
    for name, wording in _WORDINGS.items():
        pattern = pattern.replace(f"<{name}>", wording)
    compiled = re.compile(pattern, re.IGNORECASE)
    return Rule(part, hint, compiled, output, opens, optional)


LEAD = "lead sentence"
RULES: tuple[Rule, ...] = (
    _rule(
        "edition heading",
        "innovation index",
        r"<start>Global Innovation Index(?: \(GII\))? (?P<edition>[^ :|]{1,12})"
        r"(?: ?[:|-] ?.{0,200})?\s*$",
    ),
    _rule(
        LEAD,
        "-ranked",
        r"^\s*<name> is the (?P<rank_in_economy>[^,]{1,40}?)-ranked(?: <kind>)? "
        "cluster",
    ),
    _rule(
        LEAD,
        " out of ",
        r",? out of (?P<clusters_in_economy>[^ ,]{1,20}) (?:(?P<adjective>.{1,60}?) )?"
        r"(?:<kind> )?clusters(?: in (?P<economy>[^,.]{1,60}))?",
    ),
    _rule(
        LEAD,
        " is the only ",
        r"^\s*<name> is the (?P<only>(?P<alone>only)) (?:(?P<adjective>.{1,60}?) )?"
        r"(?:<kind> )?cluster\b(?: in (?P<economy>.{1,60}?)(?=,? that |[.,]|$))?",
    ),
    _rule(
        LEAD,
        "within the top",
        r",?(?: that)?(?: to)? (?:falls?|falling|is|ranks?|ranked) within the top "
        r"(?P<clusters_listed>[^ ]{1,12})(?: <kind>)? clusters <in edition>",
    ),
    _rule(
        LEAD,
        "filed ",
        r"\bfiled (?P<pct_per_million>.{1,30}?) PCT (?:patent |international )?"
        r"applications",
    ),
    _rule(
        LEAD,
        "published ",
        r"\bpublished (?P<articles_per_million>.{1,30}?) scientific "
        r"(?:articles|publications)",
    ),
    _rule(
        LEAD,
        " deals",
        r"\b(?:received|attracted|recorded|secured|saw|closed|obtained|had|with) "
        r"(?P<vc_deals_per_million>.{1,30}?) (?:venture capital|VC)"
        r"(?: \(VC\)| investment)? deals",
        optional=True,
    ),
    _rule(
        LEAD,
        " inhabitants",
        r",?(?: both| all)? per (?P<inhabitants_base>.{1,20}?) inhabitants",
    ),
    _rule(
        LEAD,
        "over the ",
        r"\bover the (?:last|past|previous) (?P<window_years>.{1,20}?) years?\b",
    ),
    _rule(
        "rank by size",
        "largest",
        r"(?:<start>|making it )(?:and )?(?:the )?"
        r"(?P<size_rank>[^ ]{1,30}(?= largest)|largest)(?: largest)?(?: <kind>)? "
        r"cluster(?: <in edition>)?<remark>$",
    ),
    _rule(
        "rank by intensity",
        "intensity",
        r"(?:<start>|making it )(?:and )?(?:the )?(?P<intensity_rank>[^ ]{1,30})"
        r"(?: <kind>)? cluster by (?:<kind> )?intensity"
        r"(?: \(relative to population density\))?(?: <in edition>)?<remark>$",
    ),
    _rule(
        "top applicants",
        "applicants",
        r"<start>Top (?:PCT )?(?:patent )?applicants<end>",
        "patent",
        "organizations",
    ),
    _rule(
        "top publishing organizations",
        "publishing",
        r"<start>Top (?:scientific )?publishing (?:organi[sz]ations|institutions)<end>",
        "publication",
        "organizations",
    ),
    _rule(
        "top technology fields",
        " fields",
        r"<start>Top (?:technology|scientific|technology and scientific) fields"
        r"(?: in <name>)?<end>",
        None,
        "fields",
    ),
    _rule(
        "collaboration on patents",
        " filed in collaboration",
        r"<start>(?P<patent_collaboration_share>.{1,20}?) of <name>'s? "
        r"(?:PCT )?(?:patent )?applications (?:are|were) filed in collaboration with "
        r"other (?:inventors|organizations|applicants|locations|clusters)",
        "patent",
    ),
    _rule(
        "collaboration on articles",
        " published in collaboration",
        r"<start>(?P<publication_collaboration_share>.{1,20}?) of <name>'s? "
        r"scientific (?:articles|publications) (?:are|were) published in collaboration "
        r"with other (?:organi[sz]ations|authors|institutions|locations|clusters)",
        "publication",
    ),
    _rule(
        "partners",
        " emerging as ",
        r",? with (?!other )(?P<partners>.{1,9000}?),? emerging as the top"
        r"(?: (?P<partners_stated>[^ ]{1,20}))? collaborat(?:ive|ing|ion) locations?",
        optional=True,
    ),
    _rule(
        "partners",
        " being ",
        r",? with the top(?: (?P<partners_stated>[^ ]{1,20}))? "
        r"collaborat(?:ive|ing|ion) locations? being (?P<partners>.{1,9000}?)[.\s]*$",
        optional=True,
    ),
)

EDITION = RULES[0]
OPTIONAL_PARTS = frozenset(rule.part for rule in RULES if rule.optional) - {LEAD}
# What the lead sentence says at least.
LEAD_NUMBERS = tuple(
    dict.fromkeys(
        FIELDS[name].indicator
        for rule in RULES
        if rule.part == LEAD and not rule.optional
        for name in rule.pattern.groupindex
        if FIELDS[name].read
    )
)

# A line with one of these is no menu: from the first one on, the page is read.
ANCHOR = re.compile("-ranked|is the only| largest | by intensity|in collaboration with")
TABLE_HEADER = re.compile(
    r"[\W_]*(?:(?:rank|no|name|organi[sz]ation|applicant|institution)s?[\W_]+)*"
    r"(?P<documents>(?:PCT )?(?P<patent>patents|applications)|articles|publications)"
    r"[\W_]+share[\W_]*",
    re.IGNORECASE,
)
SUBHEADINGS: dict[str, Output] = {
    "patents": "patent",
    "patent": "patent",
    "pct applications": "patent",
    "applications": "patent",
    "publications": "publication",
    "articles": "publication",
    "scientific articles": "publication",
}
# Words that join the clauses of a sentence and say nothing of their own.
FILLER = re.compile(
    r"(?:[^\w%]|\b(?:it|has|have|and|both|making|the|that|also|with|on|average)\b)*",
    re.IGNORECASE,
)
TABLE_RULE = re.compile(r"[\s|:+=*-]+")
# A state suffix belongs to the partner before it: "Washington, DC-Baltimore, MD".
PARTNER_BREAK = re.compile(
    r" *[,;] *(?:(?:and|&) )?(?![A-Z]{2}(?:-|[,;.]| and |$))| +(?:and|&) +"
)
FIELD_ITEM = re.compile(
    r"(?:^|[,;]?(?: and)? )(?P<field>[^ ,;%()][^%()]{0,120}?) "
    r"?\((?P<share>[^()]{1,12}%)\)",
)
