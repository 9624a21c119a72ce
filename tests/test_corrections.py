"""Misprints are corrected beside the pages, and clusters matched that were renamed."""

import pandas as pd
import pytest

from giikit.build import assemble, load_dataset
from giikit.tables import apply_corrections

CORRECTIONS = "edition,cluster_id,column,output,position,printed,corrected,reason\n"
ALIASES = "edition,old,new\n"


@pytest.fixture
def correct(study):
    """Assemble the real pages with rows of corrections.csv and aliases.csv."""

    def assemble_with(*rows, header=CORRECTIONS, name="corrections.csv"):
        text = header + "".join(f"{row}\n" for row in rows)
        (study / "data" / name).write_text(text, encoding="utf-8")
        return assemble(study / "data" / "raw")

    return assemble_with


@pytest.fixture(scope="module")
def plain(built):
    """The tables of the real pages as they are."""
    return load_dataset(built / "data")


@pytest.fixture
def apply(plain, tmp_path):
    """Apply one row to these tables; nothing is estimated or checked anew."""

    def apply_row(row, header=CORRECTIONS, name="corrections.csv"):
        (tmp_path / name).write_text(f"{header}{row}\n", encoding="utf-8")
        return apply_corrections(plain, tmp_path)

    return apply_row


def list_findings(ds):
    found = ds.findings[ds.findings["code"] != "chart-empty"]
    return list(zip(found["severity"], found["code"], strict=True))


@pytest.mark.parametrize(
    ("row", "table", "number", "column", "value"),
    [
        (
            '2024,beijing,pct_per_million,,,"2,189","2,198",swapped',
            *("clusters", 0, "pct_per_million", 2198),
        ),
        ("2024,beijing,size_rank,,,3rd,4th,wrong", *("clusters", 0, "size_rank", 4)),
        (
            "2024,Beijing,cluster,,,Beijing,Peking,renamed",
            *("clusters", 0, "cluster", "Peking"),
        ),
        (
            "2024,qingdao,patent_collaboration_share,,,2%,2.4%,told by WIPO",
            *("clusters", 1, "patent_collaboration_share", 0.024),
        ),
        (
            '2024,beijing,documents,patent,2,"3,777","3,778",one more',
            *("organizations", 1, "documents", 3778),
        ),
        (
            "2024,beijing,share,patent,1,23%,22%,wrong",
            *("organizations", 0, "share", 0.22),
        ),
        (
            "2024,beijing,partner,patent,1,San Jose–San Francisco,San José,x",
            *("collaborations", 0, "partner_id", "san-jose"),
        ),
        (
            "2023,beijing,pct_applications,,,38067,38068,one more",
            *("rankings", 3, "pct_applications", 38068),
        ),
        ("2023,beijing,pct_share,,,3.0,3.1,x", *("rankings", 3, "pct_share", 0.031)),
    ],
)
def test_a_correction_changes_one_value_and_says_so(
    plain, apply, row, table, number, column, value
):
    ds = apply(row)
    assert getattr(ds, table)[column].iloc[number] == value
    assert ("info", "corrected") in list_findings(ds)
    reason = row.rpartition(",")[2]
    [finding] = ds.findings[ds.findings["code"] == "corrected"].itertuples()
    # The page that has the text, or where no page has it, the correction.
    page = f"2024/{finding.cluster_id}.txt"
    assert finding.source == ("corrections.csv" if table == "rankings" else page)
    assert finding.line == 2 or table != "rankings"
    assert finding.message.endswith(f"as data/corrections.csv says: {reason}")
    for name, other in plain.items():
        if name not in (table, "estimates", "findings", "observations"):
            pd.testing.assert_frame_equal(other, getattr(ds, name))
    printed = plain.observations["text"]
    pd.testing.assert_series_equal(ds.observations["text"], printed)


def test_a_correction_reaches_estimates_checks_and_observations(correct):
    ds = correct('2024,beijing,documents,patent,1,"9,607",960,lost digit')
    [finding] = ds.findings[ds.findings["severity"] == "error"].itertuples()
    assert finding.code == "share-total-mismatch"
    assert (finding.source, finding.line) == ("2024/beijing.txt", 21)
    [seen] = ds.observations[ds.observations["text"] == "9,607"].itertuples()
    assert (seen.value, seen.resolution) == (960, 0)


def test_a_correction_settles_what_reading_found_there(correct, study):
    page = study / "data/raw/2024/beijing.txt"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("**2,189 PCT", "**2,18x PCT"), encoding="utf-8")
    assert ("error", "unreadable-number") in list_findings(correct())
    ds = correct('2024,beijing,pct_per_million,,,"2,18x","2,189",blurred')
    assert list_findings(ds) == [("info", "corrected")]
    assert ds.clusters["pct_per_million"].tolist() == [2189, 1742]


def test_a_correction_on_a_page_of_html_settles_what_names_its_text(correct, study):
    page = study / "data/raw/2024/beijing.txt"
    text = page.read_text(encoding="utf-8").replace("**", "")
    text = text.replace("2,189 PCT", "2,18x PCT").replace("11th S&T", "1th S&T")
    cells = [line.replace("\t", " ") for line in text.splitlines()]
    page.with_suffix(".html").write_text(
        "".join(f"<p>{cell}</p>\n" for cell in cells), encoding="utf-8"
    )
    page.unlink()
    row = '2024,beijing,pct_per_million,,,"2,18x","2,189",blurred'
    before, after = list_findings(correct()), list_findings(correct(row))
    assert ("error", "unreadable-number") in before
    before.remove(("error", "unreadable-number"))
    assert sorted(after) == sorted([*before, ("info", "corrected")])


def test_a_correction_settles_nothing_that_has_no_place(correct, study):
    page = study / "data/raw/2024/beijing.txt"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("density) in 2024", "density) in 2023"))
    before = list_findings(correct())
    assert ("error", "edition-differs") in before
    row = '2024,beijing,documents,patent,2,"3,777","3,778",one more'
    assert sorted(list_findings(correct(row))) == sorted(
        [*before, ("info", "corrected")]
    )


def test_a_cell_that_a_ranking_leaves_empty_is_filled_and_no_other(correct, study):
    path = study / "data/raw/rankings/gii-2023-size.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("38067", "38O67"), encoding="utf-8")
    again = text.replace("38067", "38000")
    path.with_stem("gii-2023-size-method-2022").write_text(again, encoding="utf-8")
    ds = correct("2023,beijing,pct_applications,,,38O67,38067,an O for a zero")
    own = ds.rankings[ds.rankings["cluster_id"] == "beijing"]
    assert sorted(own["pct_applications"]) == [38000, 38067]


def test_a_bound_that_is_corrected_is_a_bound_no_more(correct, study):
    page = study / "data/raw/2024/beijing.txt"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("1,223\t3%", "1,223\t<1%"), encoding="utf-8")
    assert ("error", "share-total-mismatch") in list_findings(correct())
    ds = correct("2024,beijing,share,patent,3,<1%,3%,blurred")
    assert list_findings(ds) == [("info", "corrected")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            '2024,beijing,pct_per_million,,,"2,188","2,198",x',
            "pct_per_million of beijing, 2024: expected '2,188' to be printed once, "
            "got '2,189' on the page; not corrected",
        ),
        ("2022,beijing,size_rank,,,3rd,4,x", "got nothing on the page"),
        ("2024,beijing,size,,,3rd,4,x", "got nothing on the page"),
        (
            '2024,beijing,documents,patent,2,"9,607",1,x',
            "expected '9,607' to be printed",
        ),
        ('2024,beijing,pct_per_million,,,"2,189",many,x', "'many' is no number"),
        ("2024,beijing,size_rank,,,3rd,2.5,x", "'2.5' is no value of it"),
        (f"2024,beijing,size_rank,,,3rd,{10**30},x", "is no value of it"),
        ('2024,beijing,pct_per_million,,,"2,189",5th,x', "'5th' is no number"),
        ("2024,beijing,edition,,,2024,2023,x", "expected '2024' to be printed once"),
        (
            "2024,beijing,size_rank,,,3rd,0,x",
            "size_rank of beijing: '0' is no value of",
        ),
        (
            "2024,beijing,economy,,,China,Atlantis,x",
            "economy of beijing: 'Atlantis' is no value of it",
        ),
        ("2024,beijing", "there is no column, output, position, printed, corrected"),
    ],
)
def test_a_correction_that_does_not_fit_is_an_error_and_changes_nothing(
    plain, apply, row, message
):
    ds = apply(row)
    assert list_findings(ds) == [("error", "correction-unused")]
    [finding] = ds.findings[ds.findings["code"] == "correction-unused"].itertuples()
    assert message in finding.message
    assert (finding.source, finding.line) == ("corrections.csv", 2)
    for name, table in plain.items():
        if name != "findings":
            pd.testing.assert_frame_equal(table, getattr(ds, name))


def test_a_file_that_is_no_table_is_an_error(correct, study):
    (study / "data" / "corrections.csv").write_bytes(b"\xff\xfe\x00")
    ds = assemble(study / "data" / "raw")
    assert list_findings(ds) == [("error", "correction-unused")]


def test_the_raw_files_stay_as_they_are(correct, study):
    before = {p: p.read_bytes() for p in (study / "data/raw").rglob("*") if p.is_file()}
    correct('2024,beijing,pct_per_million,,,"2,189","2,198",swapped')
    assert before == {path: path.read_bytes() for path in before}


def test_a_renamed_cluster_is_matched_over_editions(correct):
    row = "2023,Beijing,Beijing–Tianjin"
    ds = correct(row, header=ALIASES, name="aliases.csv")
    assert list_findings(ds) == [("info", "matched-name")]
    [finding] = ds.findings[ds.findings["code"] == "matched-name"].itertuples()
    assert (finding.source, finding.line) == ("aliases.csv", 2)
    ranked = ds.rankings[ds.rankings["cluster"] == "Beijing"]
    assert ranked["cluster_id"].tolist() == ["beijing-tianjin"]
    assert ds.clusters["cluster_id"].tolist() == ["beijing", "qingdao"]


def test_every_table_follows_a_renamed_cluster(plain, apply):
    ds = apply(",qingdao,Amoy", header=ALIASES, name="aliases.csv")
    for name, table in ds.items():
        assert "qingdao" not in set(table["cluster_id"])
        own = (plain_table := getattr(plain, name))["cluster_id"] == "qingdao"
        if name != "findings":
            assert (table["cluster_id"] == "amoy").sum() == own.sum(), name
        assert len(table) == len(plain_table) + (name == "findings")
    assert ds.clusters["cluster_id"].tolist() == ["amoy", "beijing"]
    assert ds.clusters["cluster"].tolist() == ["Qingdao", "Beijing"]
    assert ds.organizations["cluster_id"].tolist() == ["amoy"] * 6 + ["beijing"] * 6


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2024,Osaka,Kobe", "there is no cluster 'osaka' in edition 2024; not matched"),
        (",Osaka,Kobe", "there is no cluster 'osaka' in any edition; not matched"),
        ("2024,beijing,qingdao", "'beijing' cannot be named 'qingdao', which edition"),
        ("2023,Beijing,Seoul", "'beijing' cannot be named 'seoul', which edition 2023"),
    ],
)
def test_an_alias_that_does_not_fit_is_an_error(apply, row, message):
    ds = apply(row, header=ALIASES, name="aliases.csv")
    assert list_findings(ds) == [("error", "correction-unused")]
    assert message in " ".join(ds.findings["message"])
    assert ds.clusters["cluster_id"].tolist() == ["beijing", "qingdao"]
