"""Pages that nobody meant well: nothing but `PageError`, and no value in silence.

`benchmarks/fuzz_parse.py` runs the same damage for as long as one likes.
"""

from __future__ import annotations

import math
import random
from itertools import product
from pathlib import Path

import pytest
from generator.mutating import mutate
from generator.rendering import Wording, encode_page, make_clusters, render
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sampling import sample

import giikit
from giikit import ClusterProfile, PageError
from giikit.tables import make_dataset

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
BEIJING = (RAW / "beijing.txt").read_bytes()
QINGDAO = (RAW / "qingdao.txt").read_bytes()
SUFFIXES = (".txt", ".md", ".html", ".htm", ".pdf")


def make_pages() -> list[bytes]:
    """The real pages, and one of each other format."""
    clusters = make_clusters(2, 8, 2025)
    menus = Wording(menus=True)
    return [
        BEIJING,
        QINGDAO,
        render(clusters[0], "spaces", Wording(grouping="\N{NO-BREAK SPACE}")).encode(),
        render(clusters[1], "cells", menus).encode(),
        render(clusters[2], "markdown", menus).encode(),
        render(clusters[3], "html-table", menus).encode(),
        render(clusters[4], "html-divs", menus).encode(),
        encode_page(render(clusters[5]), "utf-16-le", "\r\n"),
    ]


PAGES = make_pages()


def read(content: bytes, folder: Path, suffix: str = ".txt") -> ClusterProfile | None:
    """Read bytes as a file; None where they are refused with a clear error."""
    path = folder / f"page{suffix}"
    path.write_bytes(content)
    try:
        return giikit.read_profile(path)
    except PageError:
        return None


def check_shape(profile: ClusterProfile) -> None:
    """Hold what is true of every profile, whatever the page."""
    assert profile.edition is None or profile.edition > 0
    for o in profile.observations:
        assert o.value is None or math.isfinite(o.value)
        assert o.text
        assert o.start is None or 0 <= o.start <= o.end
    for share in (
        profile.patent_collaboration_share,
        profile.publication_collaboration_share,
        *(row.share for row in profile.organizations),
    ):
        assert share is None or 0 <= share <= 1
    for f in profile.findings:
        assert f.severity in ("error", "warning", "info")
        assert f.code
        assert f.message


def find_remarks(profile: ClusterProfile) -> list[str]:
    return [f.code for f in profile.findings if f.severity != "info"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@given(content=st.binary(max_size=3000), suffix=st.sampled_from(SUFFIXES))
def test_arbitrary_bytes_raise_nothing_but_page_errors(folder, content, suffix):
    profile = read(content, folder, suffix)
    assert profile is None or profile.findings


@given(text=st.text(max_size=3000))
@example(text="")
@example(text="\ud800")
@example(text="Global Innovation Index \ud800")
@example(text="\N{ZERO WIDTH NO-BREAK SPACE}")
def test_arbitrary_text_raises_nothing_but_page_errors(text):
    try:
        profile = giikit.parse_profile(text)
    except PageError:
        return
    assert profile.findings


@given(seed=st.integers(0, 2**32), page=st.sampled_from(PAGES))
def test_a_damaged_page_raises_nothing_but_page_errors(folder, seed, page):
    rng = random.Random(seed)
    content = mutate(rng, page, rng.choice(PAGES))
    suffix = ".html" if b"<body" in page else ".txt"
    profile = read(content, folder, suffix)
    if profile:
        check_shape(profile)


@given(seed=st.integers(0, 2**32), page=st.sampled_from([BEIJING, QINGDAO]))
def test_a_damaged_page_keeps_its_places(seed, page):
    rng = random.Random(seed)
    text = mutate(rng, page, PAGES[2]).decode(errors="ignore").replace("\r", "")
    try:
        profile = giikit.parse_profile(text)
    except PageError:
        return
    lines = text.split("\n")
    for o in profile.observations:
        if o.start is not None:
            assert lines[o.line - 1][o.start : o.end] == o.text
    for f in profile.findings:
        if f.start is not None:
            assert 0 <= f.start <= f.end <= len(lines[f.line - 1])


# What the fuzzer found, cut down.
@pytest.mark.parametrize(
    "page",
    [
        "Qingdao,\nQingdao is the eighth-ranked cluster over the last five years",
        "Top PCT applicants\nPatents\tShare\nBeijing is the only cluster in China",
        BEIJING.decode().replace("Publications\n", "Publications\n**\n\ufeff\n__\n"),
        BEIJING.decode().replace("\t9,607\t", "\t\x0b\t"),
        BEIJING.decode().replace("2\tPEKING", "\x07\tPEKING"),
    ],
    ids=["empty economy", "empty list", "empty field", "empty count", "empty rank"],
)
def test_pages_that_once_broke_the_parser(page):
    profile = giikit.parse_profile(page)
    check_shape(profile)
    assert page.startswith(" ") == (len(profile.organizations) == 6)


def test_a_file_over_five_million_bytes_is_refused_at_once(tmp_path):
    path = tmp_path / "large.txt"
    path.write_bytes(BEIJING.ljust(5_000_001))
    with pytest.raises(PageError, match=r"large\.txt.*5,000,000 bytes"):
        giikit.read_profile(path)


def test_a_text_over_five_million_bytes_is_refused_at_once():
    with pytest.raises(PageError, match=r"5,000,000 bytes"):
        giikit.parse_profile(BEIJING.decode().ljust(5_000_001))


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 4,
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + bytes(range(256)) * 4,
        BEIJING.replace(b"TSINGHUA", b"TSING\x00HUA"),
        BEIJING + b"\x00",
    ],
    ids=["picture", "archive", "NUL in a name", "NUL at the end"],
)
def test_a_binary_is_refused(tmp_path, content):
    path = tmp_path / "page.txt"
    path.write_bytes(content)
    with pytest.raises(PageError, match=r"(?i)binary|NUL"):
        giikit.read_profile(path)


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf", b"\xff\xfe"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_refused(tmp_path, content, suffix):
    assert read(content, tmp_path, suffix) is None


@pytest.mark.parametrize("place", range(BEIJING.count("–".encode())))
@pytest.mark.parametrize("kept", [1, 2])
def test_half_a_character_is_noticed(tmp_path, place, kept):
    parts = BEIJING.split("–".encode())
    half = "–".encode()[:kept]
    content = "–".encode().join(parts[: place + 1]) + half
    content += "–".encode().join(parts[place + 1 :])
    profile = read(content, tmp_path)
    assert profile is None or find_remarks(profile)


@pytest.mark.parametrize(
    "control", ["\x01", "\x07", "\x08", "\x1b[31m", "\x7f", "\x9b"]
)
@pytest.mark.parametrize("before", ["BOE", "9,607", "Beijing is", "Nanjing"])
def test_control_characters_are_noticed(tmp_path, control, before):
    page = BEIJING.decode().replace(before, control + before, 1)
    profile = read(page.encode(), tmp_path)
    assert profile is None or find_remarks(profile)


def make_nested(tag: str, *, closed: bool, depth: int = 10_000) -> bytes:
    page = render(make_clusters(2, 1)[0], "html-table")
    start, end = page.index("<main>"), page.index("</main>")
    opened = f"<{tag}>" * depth
    ended = f"</{tag}>" * depth if closed else ""
    return f"{page[:start]}{opened}{page[start:end]}{ended}{page[end:]}".encode()


@pytest.mark.parametrize("tag", ["div", "b", "p", "table", "td", "ul", "svg", "x-y"])
@pytest.mark.parametrize("closed", [True, False])
def test_ten_thousand_nested_tags_lose_nothing_in_silence(tmp_path, tag, closed):
    cluster = make_clusters(2, 1)[0]
    profile = read(make_nested(tag, closed=closed), tmp_path, ".html")
    if profile and not find_remarks(profile):
        assert profile.size_rank == cluster.size_rank
        assert len(profile.organizations) == 6
        assert len(profile.collaborations) == 6


def test_markdown_nested_deep_loses_nothing_in_silence(tmp_path):
    page = BEIJING.replace(b"Top PCT", b"> " * 10_000 + b"Top PCT", 1)
    profile = read(page, tmp_path, ".md")
    assert profile is None or find_remarks(profile)


LINES = [
    "a" * 1_000_000,
    " " * 1_000_000 + "x",
    "1\t" + "A " * 500_000 + "\t9\t1%",
    "1   " + "A   " * 250_000,
    "9," * 500_000,
    "**" * 500_000,
    "|" * 1_000_000,
    "23% of " * 140_000,
    "Beijing is the " * 66_000,
    "with **A**, " * 83_000,
]


@pytest.mark.parametrize(
    ("suffix", "line"),
    sample(product([".txt", ".md", ".html"], LINES), every=3),
    ids=lambda text: text[:12],
)
def test_a_line_of_a_million_characters_is_noticed(tmp_path, suffix, line):
    page = BEIJING.decode().replace("Top publishing", f"{line}\nTop publishing", 1)
    profile = read(page.encode(), tmp_path, suffix)
    assert profile is None or find_remarks(profile)
    assert read(line.encode(), tmp_path, suffix) is None


def test_entities_of_a_page_reach_no_file_and_no_end(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("OPEN SESAME")
    bomb = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 30))
    bomb = '<!ENTITY a0 "ha">' + bomb
    doctype = f'<!DOCTYPE html [{bomb}<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    page = render(make_clusters(2, 1)[0], "html-table")
    page = page.replace("<!DOCTYPE html>", doctype)
    page = page.replace("<h3>Top PCT", "<p>&a29; &s;</p><h3>Top PCT", 1)
    profile = read(page.encode(), tmp_path, ".html")
    assert profile is None or (
        find_remarks(profile) and "OPEN SESAME" not in str(profile.observations)
    )


def test_links_out_of_the_folder_are_reported_and_not_read(tmp_path):
    outside = tmp_path / "outside"
    raw = tmp_path / "raw"
    outside.mkdir()
    raw.mkdir()
    (raw / "beijing.txt").write_bytes(BEIJING)
    (outside / "qingdao.txt").write_bytes(QINGDAO)
    (raw / "file.txt").symlink_to(outside / "qingdao.txt")
    (raw / "folder").symlink_to(outside, target_is_directory=True)
    (raw / "nowhere.txt").symlink_to(outside / "absent.txt")
    (raw / "loop.txt").symlink_to(raw / "loop.txt")
    ds = giikit.build_dataset(raw, tmp_path / "out")
    assert list(ds.clusters["cluster_id"]) == ["beijing"]
    errors = ds.findings[ds.findings["severity"] == "error"]
    assert {"file.txt", "nowhere.txt", "loop.txt"} <= set(errors["source"])
    assert errors["message"].str.contains("link").all()


def test_a_link_inside_the_folder_is_a_page(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / ".kept").mkdir()
    (raw / ".kept" / "beijing.txt").write_bytes(BEIJING)
    (raw / "beijing.txt").symlink_to(raw / ".kept" / "beijing.txt")
    ds = giikit.build_dataset(raw, tmp_path / "out")
    assert list(ds.clusters["source"]) == ["beijing.txt"]


# Tables of all pages at a time: those of one cost as much.
@settings(max_examples=settings.default.max_examples // len(PAGES))
@given(seed=st.integers(0, 2**32))
def test_what_is_read_of_damaged_pages_fits_the_tables(folder, seed):
    rng = random.Random(seed)
    pages = [mutate(rng, page, rng.choice(PAGES)) for page in PAGES]
    profiles = [profile for page in pages if (profile := read(page, folder))]
    whole = {(p.edition, p.cluster_id): p for p in profiles}
    whole = [profile for key, profile in whole.items() if None not in key]
    ds = make_dataset(whole)
    assert len(ds.observations) == sum(len(p.observations) for p in whole)
