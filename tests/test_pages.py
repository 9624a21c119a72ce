from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from giikit.errors import PageError
from giikit.pages import find_page_paths, make_page, read_page

RAW = Path(__file__).parent / "pages/real/data/raw"


def write(folder: Path, name: str, content: bytes = b"x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "digest"),
    [("beijing", "e4204ea8"), ("qingdao", "b3fdc557")],
)
def test_the_raw_pages_are_untouched(name, digest):
    content = (RAW / "2024" / f"{name}.txt").read_bytes()
    assert hashlib.sha256(content).hexdigest().startswith(digest)


def test_pages_are_found_below_the_folder_in_a_fixed_order(tmp_path):
    for name in [
        *("b.txt", "a/z.MD", "a/y.HTML", "2023/x.htm", "c.PDF", "2024/rankings/e.txt"),
        *("README.txt", "a/readme.md", "rankings/d.txt", ".hidden.txt", ".git/e.txt"),
        *("notes.csv", "plain"),
    ]:
        write(tmp_path, name)
    (tmp_path / "folder.txt").mkdir()
    found = [p.relative_to(tmp_path).as_posix() for p in find_page_paths(tmp_path)]
    assert found == [
        *("2023/x.htm", "2024/rankings/e.txt", "a/y.HTML", "a/z.MD", "b.txt", "c.PDF"),
    ]


def test_lines_break_at_lf_crlf_and_cr_only(tmp_path):
    text = "a\nb\r\nc\rd\u2028e\x0bf\x0cg\x85h"
    page = read_page(write(tmp_path, "a.txt", text.encode()), "a.txt")
    assert list(page.lines) == ["a", "b", "c", "d\u2028e\x0bf\x0cg\x85h"]
    assert list(page.numbers) == [1, 2, 3, 4]


def test_a_page_tells_its_size_and_digest(tmp_path):
    page = read_page(write(tmp_path, "a.md", b"\xef\xbb\xbfone"), "x/a.md")
    digest = hashlib.sha256(b"\xef\xbb\xbfone").hexdigest()
    assert (page.source, page.format, page.size) == ("x/a.md", "markdown", 6)
    assert (page.sha256, list(page.lines)) == (digest, ["one"])


def test_a_file_over_five_megabytes_is_refused(tmp_path):
    path = write(tmp_path, "a.txt", b"x" * 5_000_001)
    with pytest.raises(PageError, match=r"^a\.txt: the file is larger than 5,000,000"):
        read_page(path, "a.txt")


def test_a_binary_file_is_refused(tmp_path):
    path = write(tmp_path, "a.txt", b"GIF\0\1\2")
    with pytest.raises(PageError, match="NUL characters"):
        read_page(path, "a.txt")


def test_a_broken_encoding_is_an_error_with_its_line(tmp_path):
    path = write(tmp_path, "a.txt", "one\ntwo –".encode()[:-1])
    with pytest.raises(PageError, match=r"^a\.txt:2: byte 0xe2 at 8 breaks"):
        read_page(path, "a.txt")


@pytest.mark.parametrize("line", ["1\n", "\n", "a\r"])
def test_a_page_of_more_than_two_hundred_thousand_lines_is_refused(tmp_path, line):
    path = write(tmp_path, "a.txt", line.encode() * 200_001)
    with pytest.raises(PageError, match=r"^a\.txt: there are 200,002 lines"):
        read_page(path, "a.txt")


@pytest.mark.parametrize(
    "start",
    [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08", b"{\\rtf1\\ansi "],
    ids=["zip", "doc", "gz", "rtf"],
)
@pytest.mark.parametrize("suffix", ["", ".txt", ".html", ".md"])
def test_a_file_that_packs_a_page_is_refused_saying_what_to_do(start, suffix):
    with pytest.raises(PageError, match="rich text or another binary: save the page"):
        make_page(start + b"Global Innovation Index 2024\n<html>", "page", suffix)


@pytest.mark.parametrize("charset", ["gb2312", "GBK"])
def test_a_charset_is_taken_for_what_browsers_take_it_for(charset):
    html = f"<html><meta charset={charset}><p>Shanghai–Suzhou</p></html>"
    page = make_page(html.encode("gb18030"), "page")
    assert (page.lines, page.guessed) == (["Shanghai–Suzhou"], "")
