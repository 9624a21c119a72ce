"""The notebooks: how they are stored, and that they run on whatever data."""

import ast
import json
import re
from itertools import product
from pathlib import Path
from unittest.mock import patch

import nbformat
import pytest
from bs4 import BeautifulSoup
from generator.rendering import make_clusters, write_pages
from sampling import sample

from giikit.build import build_dataset

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
PARAMETERS = {
    "01_cluster_profile": {"cluster": "", "edition": 0, "data_dir": ""},
    "02_across_clusters": {"edition": 0, "clusters": [], "data_dir": ""},
    "03_over_editions": {"editions": [], "clusters": [], "data_dir": ""},
    "04_explore": {"word": "UNIV", "data_dir": ""},
}
TAGS = {"imports", "parameters", "load", "table", "figure", "brief", "source"}
TAGS |= {"explorer"}
FORBIDDEN = r"\bdef |sys\.path|%cd|!pip|^%|^!"

each = pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)


def load_cells(path, kind="code"):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [c for c in notebook["cells"] if c["cell_type"] == kind]
    return [("".join(c["source"]), c) for c in cells]


def list_parameters(path):
    (source,) = [
        s for s, c in load_cells(path) if "parameters" in c["metadata"]["tags"]
    ]
    return source, ast.parse(source).body


def test_there_are_four_notebooks():
    assert [path.stem for path in PATHS] == list(PARAMETERS)


@each
def test_a_notebook_is_stored_stripped(path):
    for _, cell in load_cells(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
    text = path.read_text(encoding="utf-8")
    form = json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True)
    assert text == form + "\n", "keys sorted and indented by one, as Jupyter writes"


@each
def test_the_kernel_is_python3(path):
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"


@each
def test_cells_are_few_short_and_tagged(path):
    cells = load_cells(path)
    assert len(cells) <= 15
    for source, cell in cells:
        assert len(source.splitlines()) <= 8, source
        assert len(cell["metadata"]["tags"]) == 1
        assert set(cell["metadata"]["tags"]) <= TAGS
        assert not re.search(FORBIDDEN, source, re.MULTILINE), source
    tags = [c["metadata"]["tags"][0] for _, c in cells]
    assert tags[:3] == ["imports", "parameters", "load"]
    assert tags.count("parameters") == 1
    first, cell = load_cells(path, "markdown")[0]
    # What speaks to the notebook's user is not for a report's reader.
    runs = {"cluster", "edition", "editions"} & {*PARAMETERS[path.stem]}
    assert cell["metadata"] == ({"tags": ["remove-cell"]} if runs else {})
    assert first.startswith("# ")
    assert "?" in first
    assert "**Inputs:**" in first


@each
def test_parameters_are_commented_literals_that_run_unaided(path):
    source, body = list_parameters(path)
    assert all("  # " in line for line in source.splitlines())
    assert {n.targets[0].id: ast.literal_eval(n.value) for n in body} == PARAMETERS[
        path.stem
    ]


@each
def test_every_figure_comes_from_plots_so_that_it_is_described(path):
    for source, cell in load_cells(path):
        if cell["metadata"]["tags"] == ["figure"]:
            assert re.search(r"^giikit\.show_figure\(plots\.\w+, .*\)$", source, re.M)
        else:
            assert "plots." not in source
        assert "plt" not in source


@each
def test_tables_of_a_report_are_shown_by_one_function(path):
    for source, cell in load_cells(path):
        assert ".style" not in source
        assert "HTML" not in source
        if cell["metadata"]["tags"] == ["table"] and path is not PATHS[3]:
            assert "giikit.show_table(" in source


def run_cells(path, **parameters):
    """Run a notebook's code; return its figures' texts and its tables as HTML."""
    names, alts, tables = {}, [], []
    for source, cell in load_cells(path):
        tree = ast.parse(source)
        shown = None
        if isinstance(tree.body[-1], ast.Expr):
            shown = ast.Expression(tree.body.pop().value)
        with patch("IPython.display.display", lambda shown: alts.append(shown.alt)):
            exec(compile(tree, path.stem, "exec"), names)
            if "parameters" in cell["metadata"]["tags"]:
                names |= parameters
            value = shown and eval(compile(shown, path.stem, "eval"), names)
        if shown and hasattr(value, "_repr_html_"):
            tables.append(value._repr_html_())
    return alts, "\n".join(tables)


@pytest.mark.parametrize(
    ("path", "folder"),
    sample(product(PATHS, ["notebooks", ".", "data/raw/2024"]), every=3),
)
def test_a_notebook_runs_unaided_from_any_folder_below(
    path, folder, study, monkeypatch
):
    (study / folder).mkdir(exist_ok=True)
    monkeypatch.chdir(study / folder)
    alts, tables = run_cells(path)
    figures = [c for _, c in load_cells(path) if c["metadata"]["tags"] == ["figure"]]
    assert len(alts) >= len(figures)
    assert all(len(alt) > 20 for alt in alts)
    assert "Beijing" in tables


def test_the_profile_of_a_named_cluster_is_shown(study):
    alts, tables = run_cells(PATHS[0], cluster="qingdao", edition=2024)
    assert all("Qingdao" in alt for alt in alts)
    assert any("published, GII 2023 7,286" in alt for alt in alts)
    assert "48,118" in tables
    assert "e4204ea8" not in tables
    assert "b3fdc557" in tables


def test_chosen_clusters_alone_are_compared(study):
    alts, tables = run_cells(PATHS[1], clusters=["qingdao"])
    assert all("1 cluster, " in alt or "Qingdao" in alt for alt in alts)
    assert "2024/beijing.txt" not in tables


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    """A data folder with a page that contradicts itself, and one that is none."""
    data = tmp_path_factory.mktemp("data")
    clusters = make_clusters(7, 6)
    pages = write_pages(data / "raw", clusters)
    text = pages[0].read_text(encoding="utf-8")
    shares = re.findall(r"\t(\d[\d,]*)\t\d+%", text)
    pages[0].write_text(text.replace(f"\t{shares[0]}\t", "\t7\t"), encoding="utf-8")
    (data / "raw" / "2024" / "none.txt").write_text("<script>alert(1)</script>\n")
    build_dataset(data / "raw", data / "processed")
    return data, pages[0].stem


@each
def test_a_notebook_runs_on_pages_with_errors_and_shows_them(path, spoiled):
    data, cluster = spoiled
    chosen = {"cluster": cluster} if path is PATHS[0] else {}
    _, tables = run_cells(path, data_dir=str(data), **chosen)
    assert "error" in tables
    assert "<script>" not in tables
    if path in PATHS[:2]:
        assert "<strong>error</strong>" in tables


def test_a_report_gives_every_picture_its_alternative_text():
    from giikit.reports.html import export_html

    bundle = {"image/png": "aGk=", "text/plain": "<Figure>"}
    said = {"image/png": {"alt": 'A "$1" <b>'}}
    cell = nbformat.v4.new_code_cell(
        outputs=[
            nbformat.v4.new_output("display_data", data=bundle, metadata=said),
            nbformat.v4.new_output("display_data", data=bundle),
        ]
    )
    page = {"title": "A report", "root": "", "name": "a", "folder": "."}
    html = export_html(nbformat.v4.new_notebook(cells=[cell]), page)
    texts = [image["alt"] for image in BeautifulSoup(html, "html.parser").select("img")]
    assert texts == ['A "$1" <b>', "<Figure>"]


@pytest.mark.parametrize("count", sample([1, 2, 30], every=2))
def test_clusters_are_compared_however_few_or_many(count, tmp_path):
    write_pages(tmp_path / "raw", make_clusters(3, count))
    alts, tables = run_cells(PATHS[1], data_dir=str(tmp_path))
    assert len(alts) == 7
    assert all("GII 2024" in alt for alt in alts)
    first, second, *_ = BeautifulSoup(tables, "html.parser").select("table")
    assert len(first.tbody.select("tr")) == count
    ranks = [int(row.select("td")[2].text) for row in first.tbody.select("tr")]
    assert ranks == sorted(ranks)
    assert len(second.tbody.select("tr")) == min(count, 25)


def test_editions_are_compared_with_what_else_has_changed(tmp_path):
    write_pages(tmp_path / "raw", make_clusters(3, 20) + make_clusters(3, 20, 2025))
    alts, tables = run_cells(PATHS[2], data_dir=str(tmp_path))
    *alts, deals = alts
    assert len(alts) == 5
    assert all("Helsinki" in alt or "Copenhagen" in alt for alt in alts), alts
    assert "Only edition 2025 has values" in deals
    # Once in a table, and below each figure.
    for said in (tables, *alts):
        assert said.count("venture capital deals count beside") == 1


def test_one_edition_alone_has_nothing_to_compare(tmp_path):
    write_pages(tmp_path / "raw", make_clusters(3, 3))
    alts, tables = run_cells(PATHS[2], data_dir=str(tmp_path))
    assert "There is one edition only: nothing to compare." in tables
    assert all("nothing to compare" in alt for alt in alts)
