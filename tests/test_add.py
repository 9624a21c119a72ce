import csv
import io
import os
import re
from pathlib import Path

import pytest

from giikit.build import assemble
from giikit.cli import main
from giikit.errors import GiikitError, PageError, RunError
from giikit.study import add_content

ROOT = Path(__file__).parent.parent
RAW = ROOT / "tests/pages/real/data/raw"
BEIJING = (RAW / "2024" / "beijing.txt").read_bytes()
QINGDAO = (RAW / "2024" / "qingdao.txt").read_bytes()
PAGES = {
    "2024": (BEIJING, "beijing.txt"),
    "rankings": (
        (RAW / "rankings/gii-2023-size.csv").read_bytes(),
        "gii-2023-size.csv",
    ),
}
OTHER = BEIJING.replace(b"40,881", b"40,882").replace(b"9,607", b"9,608")


@pytest.fixture
def raw(tmp_path, monkeypatch):
    """The raw folder of an empty study, in which the working directory is."""
    monkeypatch.delenv("GIIKIT_DATA", raising=False)
    folder = tmp_path / "study" / "data" / "raw"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder.parent.parent)
    return folder


def list_files(raw):
    files = (p for p in raw.rglob("*") if p.is_file() and p.name != ".lock")
    return sorted(p.relative_to(raw).as_posix() for p in files)


def read_sources(raw):
    text = (raw / "sources.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_page_lands_under_its_edition_and_cluster(raw):
    added = add_content(BEIJING, "My download (3).txt")
    assert (added.status, added.source) == ("added", "2024/beijing.txt")
    assert added.path == raw / "2024" / "beijing.txt"
    assert added.path.read_bytes() == BEIJING
    assert added.profile.cluster_id == "beijing"
    assert {o.source for o in added.profile.observations} == {"2024/beijing.txt"}
    assert list_files(raw) == ["2024/beijing.txt", "sources.csv"]


def test_the_table_of_sources_says_where_a_page_is_from(raw):
    add_content(BEIJING, "beijing.txt", origin="https://example.org/beijing")
    add_content(QINGDAO, "Downloads/q.txt")
    (raw / "rankings").mkdir()
    sources = assemble(raw).sources.set_index("source")
    assert sources["origin"].to_dict() == {
        "2024/beijing.txt": "https://example.org/beijing",
        "2024/qingdao.txt": "q.txt",
    }
    time = sources.loc["2024/beijing.txt", "retrieved"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time)
    assert list(read_sources(raw)[0]) == ["source", "origin", "retrieved", "sha256"]
    assert not assemble(raw).findings["source"].eq("sources.csv").any()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("http://me:secret@example.org/a@b", "http://example.org/a@b"),
        (
            "https://example.org/p?page=2&access_token=abc",
            "https://example.org/p?page=2&",
        ),
        ("https://example.org/p?design=3", "https://example.org/p?design=3"),
    ],
)
def test_no_password_and_no_token_of_an_address_is_kept(raw, address, kept):
    add_content(BEIJING, "beijing.txt", origin=address)
    assert read_sources(raw)[0]["origin"] == kept


def test_what_is_recorded_of_other_bytes_is_not_said_of_these(raw):
    path = add_content(BEIJING, "beijing.txt").path
    path.write_bytes(OTHER)
    assert assemble(raw).sources["origin"].isna().all()


def test_rows_and_columns_of_sources_that_a_researcher_added_stay(raw):
    (raw / "sources.csv").write_text("source,note\nold.txt,by post\n", encoding="utf-8")
    add_content(BEIJING, "beijing.txt")
    rows = {row["source"]: row for row in read_sources(raw)}
    assert rows["old.txt"]["note"] == "by post"
    assert rows["2024/beijing.txt"]["origin"] == "beijing.txt"


def test_a_list_of_sources_that_is_no_csv_is_named(raw):
    (raw / "sources.csv").write_text("source\n" + '"x', encoding="utf-8")
    with pytest.raises(GiikitError, match=r"sources\.csv cannot be read (.*): mend"):
        add_content(BEIJING, "beijing.txt")
    assert list_files(raw) == ["sources.csv"]


@pytest.mark.parametrize(
    "head",
    [
        "<!-- saved from url=(0028)https://example.org/beijing?a=1 -->",
        '<link rel="canonical" href="https://example.org/beijing?a=1">',
        "Snapshot-Content-Location: https://example.org/beijing?a=1",
        "<!--\n Page saved with X \n url: https://example.org/beijing?a=1 \n-->",
    ],
)
def test_the_address_that_a_browser_wrote_into_a_page_is_its_origin(raw, head):
    lines = [f"<p>{line}</p>" for line in BEIJING.decode().splitlines() if line]
    page = "\n".join(["<html>", head, *lines, "</html>"])
    assert add_content(page.encode(), "b.html").source == "2024/beijing.html"
    assert read_sources(raw)[0]["origin"] == "https://example.org/beijing?a=1"


def test_a_file_name_that_is_no_text_is_escaped(raw):
    (raw.parent / os.fsdecode(b"b\xff.txt")).write_bytes(BEIJING)
    assert main(["add", os.fsdecode(b"data/b\xff.txt")]) == 0
    assert read_sources(raw)[0]["origin"] == "b\\udcff.txt"


@pytest.mark.parametrize(
    ("name", "ending"), [("x", ".txt"), ("x.aspx", ".txt"), ("x.MD", ".md")]
)
def test_the_ending_follows_the_name_or_else_the_content(raw, name, ending):
    assert add_content(BEIJING, name).source == f"2024/beijing{ending}"


def test_the_same_page_twice_is_said_so(raw):
    add_content(BEIJING, "beijing.txt")
    (raw / "2024" / "beijing.txt").rename(raw / "mine.txt")
    again = add_content(BEIJING, "beijing.txt")
    assert (again.status, again.source) == ("same", "mine.txt")
    assert again.profile.source == "mine.txt"
    assert list_files(raw) == ["mine.txt", "sources.csv"]


def test_a_page_that_says_the_same_in_other_bytes_is_the_same(raw):
    add_content(BEIJING, "beijing.txt")
    again = add_content(BEIJING.replace(b"\n", b"\r\n"), "beijing.md")
    assert (again.status, again.source) == ("same", "2024/beijing.txt")
    assert list_files(raw) == ["2024/beijing.txt", "sources.csv"]


@pytest.mark.parametrize("name", ["beijing.txt", "beijing.md"])
def test_another_page_of_a_cluster_replaces_the_first_only_when_told(raw, name):
    first = add_content(BEIJING, "beijing.txt").path
    message = (
        r"beijing\.txt is in the way, and differs in organizations: compare.*--replace"
    )
    with pytest.raises(GiikitError, match=message):
        add_content(OTHER, name)
    assert first.read_bytes() == BEIJING
    added = add_content(OTHER, name, replace=True)
    assert (added.status, added.source) == ("replaced", f"2024/{name}")
    assert added.path.read_bytes() == OTHER
    assert list_files(raw) == [f"2024/{name}", "sources.csv"]
    names = [row["source"] for row in read_sources(raw)]
    assert names == ["2024/beijing.txt", f"2024/{name}"]
    assert set(assemble(raw).sources["origin"]) == {name}


def test_a_file_in_the_way_that_cannot_be_read_stays_too(raw):
    (raw / "2024").mkdir()
    (raw / "2024" / "beijing.txt").write_bytes(b"\0")
    with pytest.raises(GiikitError, match=r"in the way, and differs in its content"):
        add_content(BEIJING, "beijing.txt")


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"Remember the milk.", "notes.txt", r"is no cluster profile"),
        (b"\0\1\2", "page.txt", "NUL"),
        (b"x" * 5_000_001, "page.txt", "larger than 5,000,000 bytes"),
        (BEIJING.replace(b"2024", b""), "b.txt", "the edition cannot be read"),
        (
            b"a,b\n1,2\n",
            "gii-2023-size.csv",
            "be read: expected",
        ),
        (
            b"a,b\n1,2\n",
            "size.csv",
            "be read: expected the edition",
        ),
        (
            b"rank,cluster,economy,pct_applications,scientific_publications,"
            b"share_of_pct_filings,share_of_publications,total_share\n",
            "gii-2023-size.csv",
            "be read: there is none",
        ),
    ],
)
def test_what_is_no_profile_and_no_ranking_leaves_nothing(raw, content, name, message):
    with pytest.raises(PageError, match=message):
        add_content(content, name)
    assert list_files(raw) == []


def test_a_ranking_lands_beside_the_others(raw):
    table = (RAW / "rankings" / "gii-2023-size.csv").read_bytes()
    added = add_content(table, "gii-2023-size.csv")
    assert (added.source, added.profile) == ("rankings/gii-2023-size.csv", None)
    assert add_content(table, "gii-2023-size.csv").status == "same"
    with pytest.raises(GiikitError, match="in the way"):
        add_content(table + b"\n", "gii-2023-size.csv")
    assert added.path.read_bytes() == table


@pytest.mark.parametrize("name", ["2024", "rankings"])
def test_nothing_is_written_out_of_the_raw_folder(raw, name):
    elsewhere = raw.parent / "elsewhere"
    elsewhere.mkdir()
    (raw / name).symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(GiikitError, match=rf"{name} is a link out of data/raw: make"):
        add_content(*PAGES[name], replace=True)
    assert list(elsewhere.iterdir()) == []
    assert list_files(raw) == []


def test_a_study_that_cannot_be_written_to_is_told(raw):
    (raw / "2024").write_text("a file")
    with pytest.raises(RunError, match=r"cannot write to .*raw: "):
        add_content(BEIJING, "beijing.txt")


def test_the_command_adds_files_folders_and_standard_input(raw, monkeypatch, capsys):
    saved = raw.parent.parent / "saved"
    (saved / "deep").mkdir(parents=True)
    (saved / "deep" / "one.txt").write_bytes(BEIJING)
    ranking = (RAW / "rankings" / "gii-2023-size.csv").read_bytes()
    (saved / "gii-2023-size.csv").write_bytes(ranking)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(QINGDAO)))
    assert main(["add", "saved", "-"]) == 0
    assert list_files(raw) == [
        "2024/beijing.txt",
        "2024/qingdao.txt",
        "rankings/gii-2023-size.csv",
        "sources.csv",
    ]
    assert main(["add", "saved/deep/one.txt"]) == 0
    out = capsys.readouterr().out
    assert out.count("added") == 3
    assert f"already there as {raw / '2024' / 'beijing.txt'}" in out


def test_one_bad_source_does_not_keep_out_the_others(raw, capsys):
    (raw.parent / "notes.txt").write_text("milk")
    (raw.parent / "b.txt").write_bytes(BEIJING)
    assert main(["add", "data/notes.txt", "data/b.txt"]) == 1
    assert list_files(raw) == ["2024/beijing.txt", "sources.csv"]
    assert main(["add", "data/notes.txt", "data/absent.txt"]) == 2
    assert "no file data/absent.txt" in capsys.readouterr().err


def test_a_study_of_rankings_alone_can_be_built(raw):
    table = (RAW / "rankings" / "gii-2023-size.csv").read_bytes()
    add_content(table, "gii-2023-size.csv")
    assert len(assemble(raw).rankings) == 34


def test_an_empty_folder_and_a_wrong_ending_are_told(raw, capsys):
    (raw.parent / "empty").mkdir()
    assert main(["add", "data/empty"]) == 2
    assert (
        "no profile page below data/empty: expected saved pages (.csv, "
        in capsys.readouterr().err
    )


TEXT = """Global Innovation Index 2025: top clusters by size
Rank Cluster name Economy ...
1 Tokyo–Yokohama JP 127,418 115,020 10.1 1.5 11.7 1 0
2 Shenzhen–Hong Kong–Guangzhou CN/HK 113,482 153,180 9.0 2.0 11.0 2 0
3 Seoul KR 63,447 133,604 5.0 1.8 6.8 3 0
"""


def test_a_ranking_as_text_becomes_a_csv_file(raw, capsys):
    (raw.parent / "pasted.txt").write_text(TEXT, encoding="utf-8")
    assert main(["add", "data/pasted.txt"]) == 0
    assert list_files(raw) == ["rankings/gii-2025-size.csv", "sources.csv"]
    assert read_sources(raw)[0]["origin"] == "pasted.txt"
    add_content(BEIJING, "beijing.txt")
    ds = assemble(raw)
    assert list(ds.rankings["pct_applications"]) == [127418, 113482, 63447]
    assert ds.sources.set_index("source")["origin"]["rankings/gii-2025-size.csv"]
    assert main(["add", "data/pasted.txt"]) == 0
    assert "already there as" in capsys.readouterr().out


def test_what_a_ranking_does_not_say_is_asked_for_and_said(raw, capsys):
    text = TEXT.partition("\n")[2]
    (raw.parent / "pasted.txt").write_text(text, encoding="utf-8")
    assert main(["add", "data/pasted.txt"]) == 1
    assert "does not say which edition" in capsys.readouterr().err
    says = ["--edition", "2025", "--kind", "intensity", "--method", "2024"]
    assert main(["add", "data/pasted.txt", *says]) == 0
    assert list_files(raw)[0] == "rankings/gii-2025-intensity-method-2024.csv"
    assert main(["add", "data/pasted.txt", *says[:2], "--kind", "height"]) == 2
    assert "expected size or intensity" in capsys.readouterr().err


@pytest.mark.parametrize("replace", [False, True])
def test_a_ranking_of_another_kind_is_another_whatever_its_bytes(raw, replace):
    content = TEXT.encode()
    add_content(content, "t.txt", edition=2025, kind="intensity")
    added = add_content(content, "t.txt", replace=replace, edition=2025, kind="size")
    assert added.status == "added"
    names = [f"rankings/gii-2025-{kind}.csv" for kind in ("intensity", "size")]
    assert list_files(raw) == [*names, "sources.csv"]


def test_what_could_not_be_read_of_a_ranking_is_printed(raw, capsys):
    text = TEXT.replace("127,418 115,020", "127,418")
    (raw.parent / "pasted.txt").write_text(text, encoding="utf-8")
    assert main(["add", "data/pasted.txt"]) == 0
    assert "data/pasted.txt:3: error unreadable-ranking: " in capsys.readouterr().out
