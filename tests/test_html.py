"""Report pages: executed notebooks in, pages that need nothing from elsewhere out."""

import json

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import giikit
from giikit.reports.html import export_html
from giikit.vocabulary import NOTICE

PAGE = {
    "title": "Beijing, Global Innovation Index 2024",
    "edition": 2024,
    "cluster_id": "beijing",
    "name": "2024/cluster-profile/beijing",
    "root": "../../",
    "folder": ".",
    "source": "../../../data/raw/2024/beijing.txt",
    "previous": {"href": "tokyo-yokohama.html", "title": "Tokyo–Yokohama"},
    "next": None,
    "links": {
        "2024/beijing": "beijing.html",
        "2024/qingdao": "qingdao.html",
    },
}
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "$x$"]
HOSTILE += ["[a](javascript:alert(1))", "<!-- contents -->"]


def show(*outputs, markdown=(), page=PAGE, source="show"):
    cells = [nbformat.v4.new_markdown_cell(text) for text in markdown]
    made = [
        nbformat.v4.new_output("display_data", data=data, metadata=metadata)
        for data, metadata in outputs
    ]
    cells.append(nbformat.v4.new_code_cell(source, outputs=made))
    html = export_html(nbformat.v4.new_notebook(cells=cells), page)
    return BeautifulSoup(html, "html.parser")


def show_frame(page=PAGE, **columns):
    table = giikit.show_table(pd.DataFrame(columns))
    return show(({"text/html": table.html}, {}), page=page)


def test_the_contents_list_every_section_whatever_its_heading():
    page = show(markdown=["# Title", "## A & b", "text\n\n## A & b\n\n## 中文"])
    links = page.select(".contents > a")
    assert [link.text for link in links] == ["A & b", "A & b", "中文"]
    heads = [page.find(id=link["href"][1:]) for link in links]
    assert [head.text for head in heads] == ["A & b", "A & b", "中文"]
    assert len({id(head) for head in heads}) == 3


def test_an_output_that_no_page_can_show_says_so():
    plot = "application/vnd.plotly.v1+json"
    page = show(({plot: {"data": []}}, {}))
    assert f"{plot}: such output is shown in the notebook only." in page.main.text
    page = show(({plot: {"data": []}, "text/plain": "Figure"}, {}))
    assert page.pre.text.strip() == "Figure"
    assert "such output" not in page.main.text


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("remove-cell", (0, 1)),
        ("remove_cell", (0, 1)),
        ("remove-output", (0, 1)),
        ("remove_output", (0, 1)),
        ("hide-input", (1, 1)),
    ],
)
def test_tags_keep_outputs_out_of_the_page_and_never_code(tag, shown):
    output = nbformat.v4.new_output("stream", text="put out")
    metadata = {"tags": [tag]}
    cell = nbformat.v4.new_code_cell("work()", outputs=[output], metadata=metadata)
    html = export_html(nbformat.v4.new_notebook(cells=[cell]), PAGE)
    assert (html.count("put out"), html.count("work()")) == shown


def test_pictures_beside_the_notebook_are_put_into_the_page(tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "my maps").mkdir(parents=True)
    for place in ("my maps/a&b.png", "a.csv", "../secret.png"):
        (folder / place).write_bytes(b"\1")
    embedded = "data:image/png;base64,AQ=="
    others = ["a.csv", "../secret.png", "none.png", "https://a.org/b.png", "x" * 300]
    others += ["%00.png", "/etc/hostname"]
    text = "![one](<my maps/a&b.png>) <img width=9 src='my%20maps/a&amp;b.png'>"
    html = "".join(f'<img src="{src}">' for src in ["my maps/a&amp;b.png", *others])
    page = PAGE | {"folder": folder}
    shown = show(({"text/html": html}, {}), markdown=[text], page=page)
    found = [image["src"] for image in shown.select("img")]
    assert found == [embedded, embedded, embedded, *others]


def test_a_page_has_one_title():
    assert show().h1.text == PAGE["title"]
    page = show(markdown=["# My view"])
    assert [h1.text for h1 in page.select("h1")] == ["My view"]
    assert page.title.text == PAGE["title"]


def test_a_page_leads_to_the_index_its_neighbours_and_its_notebook():
    page = show()
    links = {a.text.strip("‹ "): a["href"] for a in page.select("header a, .files a")}  # noqa: RUF001
    assert links == {
        "All reports": "../../index.html",
        "2024": "../../index.html#edition-2024",
        "Tokyo–Yokohama": "tokyo-yokohama.html",
        "Notebook": "beijing.ipynb",
        "Saved page": "../../../data/raw/2024/beijing.txt",
        "Tables": "../../index.html#tables",
        "Code": "#code",
    }


def test_names_lead_to_the_reports_that_there_are():
    page = show_frame(
        edition=[2024, 2024, 2024],
        cluster_id=["beijing", "qingdao", "oslo"],
        cluster=["Beijing", "Qingdao", "Oslo"],
    )
    links = page.select("td a")
    assert [a.get("href") for a in links] == [None, "qingdao.html", None]


def test_a_line_leads_to_its_place_here_or_in_another_report():
    marked = {"text/html": '<p id="2024-beijing-L4">4</p>'}
    table = giikit.show_table(
        pd.DataFrame(
            {
                "edition": [2024, 2024, 2024],
                "cluster_id": ["beijing", "qingdao", "oslo"],
                "line": [4, 5, 6],
            }
        )
    )
    page = show((marked, {}), ({"text/html": table.html}, {}))
    hrefs = [a.get("href") for a in page.select("td a")]
    assert hrefs == ["#2024-beijing-L4", "qingdao.html#2024-qingdao-L5", None]


def test_marks_of_a_picture_become_links_only_by_their_cluster_id():
    place = {"left": 0.5, "top": 0.25, "width": 0.1, "height": 0.05, "edition": 2024}
    marks = [
        place | {"title": title, "cluster_id": cluster_id}
        for title, cluster_id in [
            ("Qingdao 20", "qingdao"),
            (HOSTILE[1], "javascript:alert(1)"),
        ]
    ]
    metadata = {
        "image/png": {"alt": HOSTILE[1], "width": 691, "marks": json.dumps(marks)}
    }
    page = show(({"image/png": "aGk="}, metadata))
    first, second = page.select("a.mark")
    assert first["href"] == "qingdao.html"
    assert first["title"] == "Qingdao 20"
    assert first["style"] == "left:50.0%;top:25.0%;width:10.0%;height:5.0%"
    assert second.get("href") is None
    assert second["title"] == HOSTILE[1]
    (image,) = page.select("img")
    assert image["alt"] == HOSTILE[1]
    assert image["width"] == "691"


@pytest.mark.parametrize(
    "marks", [3, None, "none", "3", '["a"]', "[{}]", [{"left": 1}]]
)
@pytest.mark.parametrize("width", ["50%", "300px", None, []])
def test_what_others_write_beside_a_picture_does_no_harm(marks, width):
    metadata = {"image/png": {"width": width, "marks": marks}}
    page = show(({"image/png": "aGk="}, metadata))
    assert page.select("img[src^=data]")
    assert page.select("a.mark") == []


def test_the_footer_has_what_the_licence_asks_for():
    texts = [p.text for p in show().select("footer p")]
    assert tuple(texts[:3]) == NOTICE


def test_code_stands_in_one_place_and_what_is_for_users_is_left_out():
    cell = nbformat.v4.new_markdown_cell(
        "# For users", metadata={"tags": ["remove-cell"]}
    )
    code = nbformat.v4.new_code_cell("print('<b>')")
    html = export_html(nbformat.v4.new_notebook(cells=[cell, code]), PAGE)
    page = BeautifulSoup(html, "html.parser")
    assert "For users" not in html
    assert page.find(id="code").pre.text == "print('<b>')"
    assert html.count("print(") == 1


def test_a_widget_is_shown_as_its_text_without_state_or_scripts():
    view = "application/vnd.jupyter.widget-view+json"
    state = "application/vnd.jupyter.widget-state+json"
    output = nbformat.v4.new_output(
        "display_data", data={view: {"model_id": "ab12"}, "text/plain": "Explorer(…)"}
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("explore()", outputs=[output])],
        metadata={"widgets": {state: {"state": {"ab12": {}}, "version_major": 2}}},
    )
    html = export_html(notebook, PAGE)
    page = BeautifulSoup(html, "html.parser")
    assert "Explorer(…)" in page.main.text
    assert "ab12" not in html
    assert all(not s.get("src") and not s.get("type") for s in page.select("script"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_shown_as_printed(text):
    page = PAGE | {"title": text, "next": {"href": text, "title": text}}
    links = {f"2024/{name}": f"{name}.html" for name in ("beijing", "qingdao")}
    shown = show_frame(
        page=page | {"links": links},
        edition=[2024],
        cluster_id=["qingdao"],
        cluster=[text],
    )
    assert shown.title.text == text
    assert shown.h1.text == text
    assert shown.td.find_next("a", href="qingdao.html").text == text
    assert shown.find("a", rel="next")["href"] == text
    assert len(shown.select("script")) == 1
    assert not shown.select("img")


def test_the_same_notebook_gives_the_same_page():
    outputs = {"application/javascript": "1", "text/plain": "x"}
    cell = nbformat.v4.new_code_cell(
        "1", id="a", outputs=[nbformat.v4.new_output("display_data", data=outputs)]
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert export_html(notebook, PAGE) == export_html(notebook, PAGE)
