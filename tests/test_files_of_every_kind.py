"""Whatever lies in data/raw costs its own finding, never the build."""

from __future__ import annotations

import base64
import os
import quopri
import threading
import zlib
from pathlib import Path

import pytest

import giikit
from giikit.errors import PageError
from giikit.pages import find_other_paths, find_page_paths, name_source, read_page
from giikit.parsing import read_profile

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
BEIJING = (RAW / "beijing.txt").read_bytes()


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "data" / "raw"
    (folder / "rankings").mkdir(parents=True)
    (folder / "beijing.txt").write_bytes(BEIJING)
    return folder


def build(raw: Path) -> dict[str, list[str]]:
    """Build; return the codes of the errors and infos on each file but the real one."""
    found: dict[str, list[str]] = {}

    def run() -> None:
        ds = giikit.build_dataset(raw, raw.parent / "processed")
        assert list(ds.clusters["cluster_id"]) == ["beijing"]
        for row in ds.findings.itertuples():
            if row.source != "beijing.txt":
                found.setdefault(row.source, []).append(row.code)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    worker.join(20)
    assert not worker.is_alive(), "the build waits for a file"
    return found


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_link_to_fifo(path: Path) -> None:
    pipe = path.with_name(f".{path.stem}")
    os.mkfifo(pipe)
    path.symlink_to(pipe)


def make_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 * 10**9)


def make_forbidden(path: Path) -> None:
    path.write_bytes(BEIJING)
    path.chmod(0)


KINDS = [make_fifo, make_link_to_device, make_link_to_fifo, make_sparse]


@pytest.mark.parametrize("make", KINDS)
def test_what_is_no_readable_file_is_its_own_finding(raw, make):
    make(raw / "a.txt")
    make(raw / "b.html")
    make(raw / "rankings" / "gii-2023-size.csv")
    assert build(raw) == {
        "a.txt": ["not-a-profile"],
        "b.html": ["not-a-profile"],
        "rankings/gii-2023-size.csv": ["unreadable-ranking"],
    }


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(5, "I/O")]
)
def test_a_file_that_may_not_be_read_is_its_own_finding(raw, monkeypatch, error):
    opened = os.open

    def refuse(path, *args, **kwargs):
        if str(path).endswith("secret.txt"):
            raise error
        return opened(path, *args, **kwargs)

    (raw / "secret.txt").write_bytes(BEIJING)
    monkeypatch.setattr(os, "open", refuse)
    assert build(raw) == {"secret.txt": ["not-a-profile"]}
    with pytest.raises(PageError, match=f"cannot be read: {error.strerror}"):
        read_page(raw / "secret.txt", "secret.txt")


@pytest.mark.parametrize(
    "name", [b"caf\xe9.txt", b"\xff\xfe.html", b"2024/m\xfcnchen.md"]
)
def test_a_name_that_is_no_utf_8_is_written_escaped(raw, name):
    path = Path(os.fsdecode(os.fsencode(raw) + b"/" + name))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"no profile")
    source = name_source(path, raw)
    assert "\\x" in source
    assert build(raw) == {source: ["not-a-profile"]}


def test_other_files_below_raw_are_said_to_be_left_out(raw, tmp_path):
    (raw / "2024").mkdir()
    for name in ("2024/chart.png", "notes.docx", "2024/plain", "copy.txt~"):
        (raw / name).write_bytes(b"x")
    for name in ("sources.csv", "README", ".DS_Store", "2024/readme.md"):
        (raw / name).write_text("source,sha256,origin,retrieved\n")
    (raw / "linked").symlink_to(tmp_path, target_is_directory=True)
    others = ["2024/chart.png", "2024/plain", "copy.txt~", "linked", "notes.docx"]
    found = [path.relative_to(raw).as_posix() for path in find_other_paths(raw)]
    assert found == others
    assert build(raw) == {name: ["other-file"] for name in others}
    assert find_page_paths(raw) == [raw / "beijing.txt"]


def write_html(text: str) -> str:
    body = "".join(f"<p>{line}</p>\n" for line in text.split("\n"))
    return f"<html><head><title>GII</title></head><body>{body}</body></html>"


def write_mhtml(html: bytes, encoding: str, charset: str, line_end: bytes) -> bytes:
    encode = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}
    text = f"""From: <Saved by Blink>
Snapshot-Content-Location: https://www.wipo.int/gii-ranking/beijing
Subject: Beijing
MIME-Version: 1.0
Content-Type: multipart/related;
\ttype="text/html";
\tboundary="----MultipartBoundary--abc----"

------MultipartBoundary--abc----
Content-Type: image/png
Content-Transfer-Encoding: base64

iVBORw0KGgo=
------MultipartBoundary--abc----
Content-Type: text/html; charset="{charset}"
Content-Transfer-Encoding: {encoding}
Content-Location: https://www.wipo.int/gii-ranking/beijing

""".encode()
    text += encode[encoding](html) + b"\n------MultipartBoundary--abc------\n"
    return text.replace(b"\n", line_end)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "gb18030"])
def test_mhtml_is_read_like_the_html_in_it(tmp_path, encoding, charset, line_end):
    html = write_html(BEIJING.decode())
    path = tmp_path / "page.mhtml"
    path.write_bytes(write_mhtml(html.encode(charset), encoding, charset, line_end))
    page, whole = read_page(path, "page.mhtml"), giikit.parse_profile(html)
    assert (page.format, set(page.numbers)) == ("mhtml", {None})
    profile = read_profile(path)
    assert profile.organizations == whole.organizations != ()
    assert profile.collaborations == whole.collaborations
    assert [f.code for f in profile.findings] == [f.code for f in whole.findings]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_mhtml_without_pictures_is_the_page_alone(tmp_path, line_end):
    head = b"""From: <Saved by Blink>
MIME-Version: 1.0
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

"""
    html = write_html(BEIJING.decode())
    path = tmp_path / "page.mhtml"
    content = head + quopri.encodestring(html.encode())
    path.write_bytes(content.replace(b"\n", line_end))
    profile, whole = read_profile(path), giikit.parse_profile(html)
    assert profile.organizations == whole.organizations != ()
    assert profile.cluster == "Beijing"


@pytest.mark.parametrize(
    "content",
    [
        b"MIME-Version: 1.0\nContent-Type: multipart/related\n\nno boundary",
        write_mhtml(b"x", "base64", "utf-8", b"\n").replace(b"text/html", b"text/css"),
    ],
)
def test_mhtml_without_a_page_is_an_error(tmp_path, content):
    path = tmp_path / "page.mhtml"
    path.write_bytes(content)
    with pytest.raises(PageError, match="there is no page in the file"):
        read_page(path, "page.mhtml")


@pytest.mark.parametrize(
    "tag",
    [
        "<p " + " ".join(f"a{i}" for i in range(80_000)) + ">",
        "<p " + "".join(f"a{i}='1'" for i in range(80_000)) + ">",
        '<p "<" ' + " ".join(f"a{i}" for i in range(80_000)) + ">",
    ],
)
def test_an_element_of_eighty_thousand_attributes_is_read_at_once(raw, tag):
    html = write_html(BEIJING.decode()).replace("<body>", f"<body>{tag}")
    assert giikit.parse_profile(html).size_rank == 3


def test_a_pdf_stream_that_expands_without_end_is_refused(tmp_path):
    bomb = b"q " * 40_000_000
    stream = zlib.compress(bomb, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream"
        % (len(stream), stream),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"xref\n0 5\n0000000000 65535 f \n%btrailer<</Size 5/Root 1 0 R>>\n"
    end = b"startxref\n%d\n%%%%EOF" % len(out)
    path = tmp_path / "page.pdf"
    path.write_bytes(out + tail % table + end)
    with pytest.raises(PageError, match="the PDF cannot be read"):
        read_page(path, "page.pdf")
