"""HTML as browsers save it and PDF as they print it become the same lines of text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from giikit.errors import PageError
from giikit.pages import make_page, read_page
from giikit.parsing import parse_profile, read_profile

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
TEXT = (RAW / "beijing.txt").read_text(encoding="utf-8")


def read_lines(html: str) -> list[tuple[str, int | None]]:
    page = make_page(html, "page.html")
    assert page.format == "html"
    assert not page.has_slices
    return list(zip(page.lines, page.numbers, strict=True))


def test_blocks_are_lines_and_inline_marks_are_not():
    html = "<body>\n<h1>A <b>b</b><sup>c</sup></h1>\n<div>d<p>e\n f</p>g<br>h</div>"
    assert read_lines(html) == [
        *(("A **b**<sup>c</sup>", 2), ("d", 3), ("e f", 3), ("g", 3), ("h", 3)),
    ]


def test_what_a_browser_does_not_show_is_not_read():
    html = (
        "<html><head><title>t</title><style>s</style></head><body><script>x</script>"
        "<p hidden>a</p><p style='color: red; display : none'>b</p><!-- c -->"
        "<svg><title>d</title></svg><noscript>e</noscript><template>f</template>"
        "<p>shown &amp; read&nbsp;&ndash; &#8211;</p></body></html>"
    )
    assert read_lines(html) == [("shown & read\N{NO-BREAK SPACE}– –", 1)]


def test_a_chart_drawn_as_svg_has_its_text_and_an_icon_has_none():
    icon = "<svg><title>Flag</title><g><path d='M0 0'/></g></svg>"
    chart = (
        "<svg><g><text><tspan>Digital</tspan><tspan>communication</tspan></text>"
        "<text>19%</text></g><g><text>Optics</text><text>8%</text></g></svg>"
    )
    assert [line for line, _ in read_lines(f"<p>Beijing{icon}, China</p>{chart}")] == [
        *("Beijing, China", "Digital communication", "19%", "Optics", "8%"),
    ]
    # With axis ticks, the fields cannot be told from them.
    head, tail = (write_blocks(part) for part in TEXT.split("Publications"))
    unclear = chart.replace("<g>", "<text>20</text><g>")
    profile = parse_profile(f"{head}<p>Publications</p>{unclear}{tail}")
    assert profile.technology_fields == ()
    assert "chart-unclear" in {finding.code for finding in profile.findings}


def write_blocks(text: str) -> str:
    return "".join(f"<p>{line}</p>" for line in text.replace("**", "").split("\n"))


def test_what_only_a_screen_reader_says_is_no_part_of_a_name():
    html = "<p>SAFRAN<span class='sr-only'> (opens in new window)</span></p>"
    assert read_lines(html) == [("SAFRAN<del> (opens in new window)</del>", 1)]


def test_markdown_that_holds_tags_keeps_its_lines():
    marked = TEXT.replace("Top PCT", "### Top PCT").replace("\n\n", "\n\n<br>\n", 1)
    for text in (f'<div id="main">\n{marked}\n</div>', f"<img src='a.png'>\n{marked}"):
        profile, plain = parse_profile(text), parse_profile(TEXT)
        assert profile.organizations == plain.organizations
        assert (profile.cluster, profile.size_rank) == ("Beijing", 3)


def test_the_cells_of_a_row_are_joined_by_tabs():
    html = (
        "<table><tr><th></th><th></th><th>Patents</th><th>Share</th></tr>\n"
        "<tr><td>1</td><td><p>BOE</p> <i>TECH</i></td><td>9,607<br></td><td>23%</td>"
        "</tr></table>"
    )
    assert read_lines(html) == [
        ("\t\tPatents\tShare", 1),
        ("1\tBOE TECH\t9,607\t23%", 2),
    ]


def test_a_table_around_half_the_page_is_no_row():
    rows = "<table><tr><td>1</td><td>A</td><td>2</td><td>3%</td></tr></table>"
    assert read_lines(f"<table><tr><td><p>above</p>{rows}</td></tr></table>") == [
        *(("above", 1), ("1\tA\t2\t3%", 1)),
    ]


def test_spans_that_make_one_word_are_reported_as_a_line():
    page = "<p>" + TEXT.replace("\n", "</p><p>")
    row = "<span>1</span><span>BOE TECHNOLOGY</span><span>9,607</span><span>23%</span>"
    page = page.replace("1\tBOE TECHNOLOGY\t9,607\t23%", row)
    profile = parse_profile(page)
    assert "BOE TECHNOLOGY" not in {row.organization for row in profile.organizations}
    assert any("1BOE TECHNOLOGY9,60723%" in f.message for f in profile.findings)


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<ol><li>A<li>B</ol><ul><li>C</ul>", ["1. A", "2. B", "C"]),
        ('<ol start="3"><li>A<li value="7">B<li>C</ol>', ["3. A", "7. B", "8. C"]),
        ('<ol start="x"><li>A<ol><li>B</ol><li>C</ol>', ["1. A", "1. B", "2. C"]),
        (
            "<ol><li><p>3rd</p><i>A</i><li><div><p> <b>B</b>",
            ["1. 3rd", "A", "**2. B**"],
        ),
        ("<ol><li>A<li> <li></ol>B", ["1. A", "B"]),
        ("<ol><li>1 A<li>2 B<li>C</ol><ol><li>D</ol>", ["1 A", "2 B", "C", "1. D"]),
        ('<ol start="4"><li><i>04</i> A<li><i>05</i> B</ol>', ["04 A", "05 B"]),
        ("<ol><li>1,204 A<li>2 B<li>3M</ol>", ["1. 1,204 A", "2. 2 B", "3. 3M"]),
        ("<ol reversed><li>A</ol><ol type=a><li>B</ol>", ["A", "B"]),
    ],
)
def test_items_of_a_numbered_list_have_the_numbers_that_a_browser_shows(html, lines):
    assert [line for line, _ in read_lines(html)] == lines


@pytest.mark.parametrize(
    "item",
    [
        r"<li>\2 <span>\3</span> <span>\4</span></li>",
        r"<li>\1 \2 <span>\3</span> <span>\4</span></li>",
        r"<li><p>\1. <b>\2</b> (\3, \4)</p></li>",
        r"<li><p>\2 (\3, \4)</p></li>",
    ],
)
@pytest.mark.parametrize("name", ["beijing", "qingdao"])
def test_rows_in_a_numbered_list_are_ranked(name, item):
    saved = parse_profile((RAW / f"{name}.txt").read_text(encoding="utf-8"))
    text = (RAW / f"{name}.txt").read_text(encoding="utf-8")
    body = re.sub(r"\n(.+)", r"<p>\1</p>", text)
    for rank in "123":
        row = rf"<p>({rank})\t(.+?)\t(.+?)\t(.+?)</p>"
        ends = {"1": ("<ol>", ""), "3": ("", "</ol>")}.get(rank, ("", ""))
        body = re.sub(row, item.join(ends), body)
    profile = parse_profile(f"<html><body>{body}</body></html>")
    assert profile.organizations == saved.organizations


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>2 <b>PCT</b><button title=Help>i</button> and</p>", ["2 **PCT** and"]),
        ("<h3>Top <button> ? </button></h3><p>A</p>", ["Top", "A"]),
        ("<button>Patents</button><button>Field</button>", ["Patents", "Field"]),
        ("<p>A<button>By</button><button>1</button></p>", ["A", "By", "1"]),
        ("<p>A<button style='display:none'>B</button> C</p>", ["A C"]),
    ],
)
def test_a_button_of_one_letter_is_no_part_of_the_text(html, lines):
    assert [line for line, _ in read_lines(html)] == lines


def test_unknown_elements_part_their_text():
    assert read_lines("<x-a>a</x-a><x-b>b</x-b>") == [("a", 1), ("b", 1)]


def test_html_gives_the_same_values_as_text():
    body = "".join(
        "<div>" + "".join(f"<div>{cell}</div>" for cell in line.split("\t")) + "</div>"
        for line in TEXT.split("\n")
    )
    profile = parse_profile(f"<!doctype html><html><body>{body}</body></html>")
    assert profile.organizations == parse_profile(TEXT).organizations
    assert profile.size_rank == 3
    assert {(o.line, o.start, o.end) for o in profile.observations} == {(1, None, None)}


def test_html_nested_ten_thousand_deep_is_an_error():
    html = "<html><body>" + "<div>" * 10_000 + TEXT
    with pytest.raises(PageError, match=r"a\.html:1: the HTML cannot be read .*depth"):
        make_page(html, "a.html")


def test_html_without_an_element_is_an_error():
    with pytest.raises(PageError, match="the HTML cannot be read"):
        make_page("<!-- nothing -->", "a.html")


def test_text_in_a_file_called_html_is_text(tmp_path):
    path = tmp_path / "beijing.html"
    path.write_text(TEXT, encoding="utf-8")
    assert read_page(path, "beijing.html").format == "text"
    assert read_profile(path).size_rank == 3


def write_pdf(pages: list[list[tuple[int, int, str]]]) -> bytes:
    """Write a PDF of texts at places, as plain as one can be."""
    objects = [b"", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Courier"]
    objects[2] += b"/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[1/fi/fl]>>>>"
    code = str.maketrans({"ﬁ": "\1", "ﬂ": "\2", "(": "\\(", ")": "\\)"})
    kids = []
    for page in pages:
        shown = b"".join(
            b"BT /F1 8 Tf 1 0 0 1 %d %d Tm (%s) Tj ET\n"
            % (x, y, text.translate(code).encode("cp1252"))
            for x, y, text in page
        )
        objects.append(b"<</Length %d>>stream\n%sendstream" % (len(shown), shown))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    tail = b"trailer<</Size %d/Root 1 0 R>>\n" % (len(objects) + 1)
    return out + head + tail + b"startxref\n%d\n%%%%EOF" % len(out)


def lay_out(text: str) -> list[list[tuple[int, int, str]]]:
    """Set a page as a browser prints it: sentences wrapped, cells in columns."""
    placed, y = [], 760
    for line in filter(str.strip, text.replace("**", "").split("\n")):
        y -= 24
        if "\t" in line:
            y += 12
            columns = zip((60, 80, 350, 420), line.split("\t"), strict=True)
            placed += [(x, y, cell) for x, cell in columns if cell]
            continue
        words, row = line.split(" "), ""
        for word in [*words, ""]:
            if len(row) + len(word) > 95 or not word:
                placed.append((60, y, row.strip()))
                y, row = y - 10, ""
            row += word + " "
    return [placed]


@pytest.mark.parametrize("name", ["beijing", "qingdao"])
def test_a_printed_page_gives_the_same_values_as_text(tmp_path, name):
    text = (RAW / f"{name}.txt").read_text(encoding="utf-8")
    path = tmp_path / "page.pdf"
    path.write_bytes(write_pdf(lay_out(text)))
    printed, saved = read_profile(path), parse_profile(text)
    assert printed.organizations == saved.organizations
    assert printed.collaborations == saved.collaborations
    for column in ("edition", "cluster", "economy", "pct_per_million", "size_rank"):
        assert getattr(printed, column) == getattr(saved, column)
    assert {f.code for f in printed.findings} == {"chart-empty"}
    assert {(o.line, o.start, o.end) for o in printed.observations} == {(None,) * 3}


def test_what_a_browser_prints_around_its_pages_is_no_part_of_the_profile(tmp_path):
    text = (RAW / "beijing.txt").read_text(encoding="utf-8")
    (placed,) = lay_out(text)
    head = [(30, 780, "11/23/26, 4:26 AM"), (300, 780, "Beijing, China - Index 2023")]
    address = (30, 10, "https://www.wipo.int/gii-ranking/clusters/beijing")
    # The page breaks within the list of applicants, and bold leaves a gap.
    second = [cell for _, _, cell in placed].index("2")
    first = [(x, y, cell.replace("89 PCT", "89      PCT")) for x, y, cell in placed]
    sheets = [
        [*head, *first[:second], address, (550, 10, "1/2")],
        [*head, *first[second:], address, (550, 10, "2/2")],
    ]
    path = tmp_path / "page.pdf"
    path.write_bytes(write_pdf(sheets))
    printed, saved = read_profile(path), parse_profile(text)
    assert printed.organizations == saved.organizations
    assert printed.pct_per_million == saved.pct_per_million
    assert {f.code for f in printed.findings} == {"chart-empty"}


@pytest.mark.parametrize("name", ["beijing", "qingdao"])
def test_a_page_printed_in_a_font_that_sets_letters_closer_is_read(name):
    """Chromium's own PDF, in DejaVu Sans: kerned pairs and ligatures leave gaps."""
    printed = read_profile(RAW.parents[3] / "printed" / f"{name}.pdf")
    saved = read_profile(RAW / f"{name}.txt")
    assert printed.organizations == saved.organizations
    assert printed.collaborations == saved.collaborations
    for column in ("cluster", "economy", "rank_in_economy", "pct_per_million"):
        assert getattr(printed, column) == getattr(saved, column)
    assert {f.code for f in printed.findings} == {"chart-empty"}


def test_letters_that_a_font_draws_as_one_are_read_as_two(tmp_path):
    text = TEXT.replace("XIAOMI", "Xiaomi Paciﬁc").replace("BYTEDANCE", "ﬂy")
    saved = parse_profile(text.replace("ﬁ", "fi").replace("ﬂ", "fl"))
    path = tmp_path / "page.pdf"
    joined = text.replace("fi", "ﬁ").replace("fl", "ﬂ")
    path.write_bytes(write_pdf(lay_out(joined)))
    printed = read_profile(path)
    assert printed.organizations == saved.organizations
    assert printed.articles_per_million == saved.articles_per_million
    assert {f.code for f in printed.findings} == {"chart-empty"}


def test_a_sentence_goes_on_over_the_end_of_a_page(tmp_path):
    (placed,) = lay_out(TEXT)
    # Either sentence on collaboration is wrapped once or more.
    for cut in range(len(placed) - 4, len(placed)):
        path = tmp_path / f"{cut}.pdf"
        path.write_bytes(write_pdf([placed[:cut], placed[cut:]]))
        printed = read_profile(path)
        assert printed.collaborations == parse_profile(TEXT).collaborations
        assert {f.code for f in printed.findings} == {"chart-empty"}


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4\n", b"not a PDF", b"%PDF-1.7 \xff" * 99]
)
def test_a_damaged_pdf_is_an_error_and_no_more(tmp_path, content, caplog):
    path = tmp_path / "page.pdf"
    path.write_bytes(content)
    # What pypdf has to say names no file: it is in the error, and nowhere else.
    with pytest.raises(PageError, match=r"page\.pdf: the PDF cannot be read"):
        read_profile(path)
    assert caplog.records == []
