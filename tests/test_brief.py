"""A cluster in brief: every number of it is one of the tables', whatever is missing."""

import random
import re
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from generator.rendering import Variety, make_cluster, make_clusters, render
from sampling import sample

from giikit import estimate_quantities, parse_profile, show_source, write_brief
from giikit.findings import make_finding
from giikit.tables import list_rows, make_dataset

DOCUMENTS = {
    "patent": "PCT applications",
    "publication": "scientific articles",
    "venture_capital": "venture capital deals",
}
RATES = dict(
    zip(
        ["pct_per_million", "articles_per_million", "vc_deals_per_million"],
        DOCUMENTS.values(),
        strict=True,
    )
)
HOLDERS = {"patent": "applicants", "publication": "publishing organizations"}
NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
INTERVAL = rf"(?:(at least) )?{NUMBER}(?: to {NUMBER})?(%| million)?"
BLANKED = [
    *("rank_in_economy", "clusters_in_economy", "size_rank", "intensity_rank"),
    *("pct_per_million", "articles_per_million", "vc_deals_per_million"),
    *("patent_collaboration_share", "publication_collaboration_share"),
    *("window_years", "economy"),
]


def number(text):
    return None if text is None else float(text.replace(",", ""))


class Reader:
    """Takes a text apart from its beginning, sentence by sentence."""

    def __init__(self, text):
        self.rest = text

    def take(self, pattern):
        found = re.match(pattern, self.rest)
        if found:
            self.rest = self.rest[found.end() :].removeprefix(" ")
        return found


def check_interval(row, least, low, high, unit):
    """Hold an interval as printed against the bounds: outside them, and near."""
    assert row["consistent"]
    factor = {"%": 0.01, " million": 1e6, None: 1}[unit]
    near, step = (0.1, 0) if unit == "%" else (0.002, 1)
    low = number(low) * factor
    assert low <= row["low"] + 1e-9
    assert low >= row["low"] * (1 - near) - step - 1e-9
    if row["high"] is None:
        assert least
        assert high is None
        return
    assert not least
    high = low if high is None else number(high) * factor
    assert high >= row["high"] - 1e-9
    assert high <= row["high"] * (1 + near) + step + 1e-9


def check_ranks(reader, row):
    name, economy = re.escape(row["cluster"]), re.escape(row["economy"] or "")
    found = reader.take(
        rf"{name} (?:ranks (?:(\d+)\w\w by size)?(?: and )?(?:(\d+)\w\w by intensity)?"
        r"|has no world rank that could be read) among the world’s science and "
        rf"technology clusters of (\d+)(?:; it is (?:(the only one)"
        rf"|(\d+)\w\w(?: of (\d+))?) in its economy(?: \({economy}\))?)?\."
    )
    size, intensity, edition, only, home, of = found.groups()
    assert number(size) == row["size_rank"]
    assert number(intensity) == row["intensity_rank"]
    assert number(edition) == row["edition"]
    assert bool(only) == (row["clusters_in_economy"] == 1)
    if not only:
        assert number(home) == row["rank_in_economy"]
        assert number(of) == (row["clusters_in_economy"] if home else None)


def check_change(reader, row, before):
    found = reader.take(r"Since the (\d+) edition it ([^.]*?)(, now that [a-z ]*)?\.")
    ranks = {"size": "size_rank", "intensity": "intensity_rank"}
    known = [by for by, c in ranks.items() if row[c] and before and before[c]]
    assert bool(found) == bool(known)
    if not known:
        return
    assert int(found[1]) == before["edition"]
    assert bool(found[3]) == (row["edition"] >= 2025 > before["edition"])
    told = found[2].split(" and ")
    assert len(told) == len(known)
    for part, by in zip(told, known, strict=True):
        now, was = row[ranks[by]], before[ranks[by]]
        moved = re.fullmatch(
            rf"(gained|lost) (\d+) places? by {by} \(from (\d+)\w\w\)", part
        )
        if moved:
            assert int(moved[3]) == was
            assert int(moved[2]) * (1 if moved[1] == "gained" else -1) == was - now
        else:
            kept = re.fullmatch(rf"kept its place by {by} \((\d+)\w\w\)", part)
            assert int(kept[1]) == now == was


def check_rates(reader, row, peers):
    known = [column for column in RATES if row[column] is not None]
    pattern = r"(?:, | and )".join(rf"{NUMBER} {RATES[c]}" for c in known)
    found = known and reader.take(
        rf"(?:Over (\d+) years it|It) had {pattern} per million inhabitants"
        r"(?:; the medians? of the clusters read (?:are|is) ([\d,. and]+))?\.(?= |$)"
    )
    if not known:
        return
    assert number(found[1]) == row["window_years"]
    assert [number(text) for text in found.groups()[1:-1]] == [row[c] for c in known]
    assert bool(found.groups()[-1]) == (len(peers) > 2)
    if len(peers) > 2:
        medians = [number(m) for m in re.split(r", | and ", found.groups()[-1])]
        assert medians == pytest.approx([peers[c].median() for c in known], abs=1e-9)


def check_implied(reader, estimates):
    parts = {("total", output): what for output, what in DOCUMENTS.items()}
    parts["population", None] = "inhabitants"
    rows = {what: estimates[key] for key, what in parts.items() if key in estimates}
    found = reader.take(r"The printed numbers imply (.*?) in all\.")
    told = re.split(", | and ", found[1]) if found else []
    good = {what: row for what, row in rows.items() if row["consistent"]}
    assert len(told) == len(good)
    for text, (what, row) in zip(told, good.items(), strict=True):
        check_interval(row, *re.fullmatch(rf"{INTERVAL} {what}", text).groups())
    bad = [what for what, row in rows.items() if not row["consistent"]]
    found = reader.take(
        r"The printed numbers contradict each other on the number of (.*?)\."
    )
    assert bool(found) == bool(bad)
    assert not bad or re.split(", | and ", found[1]) == bad


def check_holders(reader, rows, estimates, printed):
    told = 0
    for output, who in HOLDERS.items():
        if told:
            reader.take("; ")
        start, what = reader.rest, DOCUMENTS[output]
        found = reader.take(
            rf"(?i)the three largest {who} hold {INTERVAL} of the {what}"
        )
        top = estimates.get(("top3_share", output))
        assert bool(found) == bool(top and top["consistent"])
        if found:
            check_interval(top, *found.groups())
        first = next((r for r in rows if (r["output"], r["rank"]) == (output, 1)), None)
        if first:
            name = re.escape(first["organization"])
            them = "them" if found else f"the {who}"
            amount = reader.take(
                rf"(?i)(?:, |; )?the first of {them}(?: is {name}"
                rf"|, {name},(?: has)? (?:{NUMBER} \(([^)]*%)\)|([<≤\d. ]+%)|{NUMBER})"
                rf"(?: of the {what})?)"
            )
            assert amount, reader.rest
            both, share, alone, documents = amount.groups()
            assert number(both or documents) == first["documents"]
            text = share or alone
            if first["share"] is not None:
                assert float(text.rstrip("%")) == pytest.approx(100 * first["share"])
            else:
                key = ("share", output, first["organization"])
                assert text == printed.get(key)
        told += reader.rest != start
    if told:
        assert reader.take(r"\.")


def check_partners(reader, row, rows, printed):
    told = 0
    for output, what in DOCUMENTS.items():
        if output not in HOLDERS:
            continue
        column = f"{output}_collaboration_share"
        share = row[column]
        names = [r["partner"] for r in rows if r["output"] == output]
        text = printed.get((column, output, None))
        if share is not None:
            assert text is None or float(text.rstrip("%")) == pytest.approx(100 * share)
            text = f"{100 * share:.6g}%"
        if not text and not names:
            continue
        if told:
            assert reader.take("; ")
        told += 1
        beginning = f"{text} of the {what} are made with others"
        if text and names:
            beginning += ", above all with "
        elif names:
            beginning = f"the {what} made with others are made above all with "
        listed = " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
        assert reader.take(f"(?i){re.escape(beginning + listed)}"), reader.rest
    if told:
        assert reader.take(r"\.")


def check_brief(ds, edition, cluster_id, text):
    assert not re.search(r"None|\bnan\b|<NA>|  | [.,;]|–[,.;%)]", text), text
    (row,) = list_rows(ds.clusters, edition, cluster_id)
    key = edition, cluster_id
    before = [r for r in list_rows(ds.clusters) if r["cluster_id"] == cluster_id]
    before = [r for r in before if r["edition"] < edition]
    estimates = {(e["quantity"], e["output"]): e for e in list_rows(ds.estimates, *key)}
    printed = {
        (o["indicator"], o["output"], o["entity"]): o["text"]
        for o in list_rows(ds.observations, *key)
        if o["resolution"]
    }
    reader = Reader(text)
    check_ranks(reader, row)
    check_change(reader, row, max(before, key=lambda r: r["edition"], default=None))
    check_rates(reader, row, ds.clusters[ds.clusters["edition"] == edition])
    check_implied(reader, estimates)
    check_holders(reader, list_rows(ds.organizations, *key), estimates, printed)
    check_partners(reader, row, list_rows(ds.collaborations, *key), printed)
    assert reader.rest == "", text


def blank(rng, table, columns, share=0.25):
    """Return a table in which cells are missing at random."""
    table = table.copy()
    for column in columns:
        hit = pd.Series([rng.random() < share for _ in table.index])
        table[column] = table[column].mask(hit)
    return table


def draw_dataset(seed, n):
    """Draw clusters of two editions, half of them in both, with holes of all kinds."""
    rng = random.Random(seed)
    clusters = make_clusters(seed, n // 2) + make_clusters(seed, n // 2, 2025)
    kinds = ["decimal", "below", "whole"]
    for _ in range(n // 10):
        rows = {f: rng.randint(0, 5) for f in ("applicants", "publishers")}
        rows |= {f"{p}_partners": rng.randint(0, 4) for p in ("patent", "publication")}
        variety = Variety(**rows, small_shares=rng.choice(kinds))
        clusters.append(make_cluster(rng, rng.choice([2024, 2025]), variety))
    profiles = {}
    for cluster in clusters:
        profile = parse_profile(render(cluster))
        profiles.setdefault((profile.edition, profile.cluster_id), profile)
    ds = make_dataset(profiles.values())
    ds = replace(
        ds,
        clusters=blank(rng, ds.clusters, BLANKED),
        organizations=blank(rng, ds.organizations, ["rank", "documents", "share"], 0.1),
        collaborations=ds.collaborations.sample(
            frac=0.7, random_state=seed
        ).sort_index(),
    )
    return replace(ds, estimates=estimate_quantities(ds))


@pytest.mark.parametrize("seed", sample(range(10), 5))
def test_every_number_of_a_brief_is_one_of_the_tables(seed):
    ds = draw_dataset(seed, 50)
    keys = list(zip(ds.clusters["edition"], ds.clusters["cluster_id"], strict=True))
    assert len(keys) >= 50
    for edition, cluster_id in keys:
        text = write_brief(ds, cluster_id, int(edition))
        check_brief(ds, edition, cluster_id, text)


def test_a_wrong_number_would_be_noticed():
    ds = draw_dataset(12, 40)
    edition, cluster_id = ds.clusters["edition"][0], ds.clusters["cluster_id"][0]
    text = write_brief(ds, cluster_id, edition)
    for found in re.finditer(r"(?<![\d.,])\d", text):
        digit = str((int(found[0]) + 5) % 10)
        wrong = text[: found.start()] + digit + text[found.end() :]
        with pytest.raises(AssertionError):
            check_brief(ds, edition, cluster_id, wrong)


def read_promise(ds):
    shown = BeautifulSoup(write_brief(ds).html, "html.parser")
    return " ".join(shown.select_one(".read").text.split())


def test_how_well_the_page_was_read_is_said_from_its_values_and_findings():
    text = render(make_clusters(3, 1)[0])
    profile = parse_profile(text)
    values = re.search("[0-9]+ values", str(show_source(text)))[0]
    assert f"{len(profile.observations)} values" == values
    for codes, told in {
        (): "Profile page read whole: {}, no contradiction.",
        ("chart-empty",): "Profile page read whole: {}, no contradiction, 1 remark.",
        ("unclaimed-line",): "Profile page read: {}, no contradiction, 1 warning.",
        ("count-order", "count-order", "few-rows", *["chart-empty"] * 2): (
            "Profile page read: {}, 2 errors, 1 warning, 2 remarks."
        ),
    }.items():
        few = {"count": 1, "above": 2, "output": "patent", "text": "x"}
        key = (profile.edition, profile.cluster_id)
        found = tuple(make_finding(code, few, key=key) for code in codes)
        ds = make_dataset([replace(profile, findings=found)])
        assert read_promise(ds) == told.format(values)


def test_the_key_figure_of_inhabitants_is_the_one_of_the_text():
    ds = make_dataset([parse_profile(render(make_clusters(7, 1)[0]))])
    ds = replace(ds, estimates=estimate_quantities(ds))
    shown = BeautifulSoup(write_brief(ds).html, "html.parser")
    (figure,) = [li.b.text for li in shown.select("li") if "imply" in li.text]
    assert f"{figure.replace('–', ' to ')} million inhabitants in all" in shown.text
