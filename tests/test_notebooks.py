"""The notebooks: how they are stored, and that they run on whatever data."""

import ast
import json
import re
from pathlib import Path
from unittest.mock import patch

import nbformat
import pytest
from bs4 import BeautifulSoup
from generator.rendering import make_clusters, write_pages

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
PARAMETERS = {
    "01_cluster_profile": {"cluster": "", "edition": 0, "data_dir": ""},
    "02_across_clusters": {"edition": 0, "clusters": [], "data_dir": ""},
    "03_explore": {"word": "UNIV", "data_dir": ""},
}
TAGS = {"imports", "parameters", "load", "table", "figure"}
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


def test_there_are_three_notebooks():
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
        assert len(source.splitlines()) <= 12, source
        assert len(cell["metadata"]["tags"]) == 1
        assert set(cell["metadata"]["tags"]) <= TAGS
        assert not re.search(FORBIDDEN, source, re.MULTILINE), source
    tags = [c["metadata"]["tags"][0] for _, c in cells]
    assert tags[:3] == ["imports", "parameters", "load"]
    assert tags.count("parameters") == 1
    first, _ = load_cells(path, "markdown")[0]
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
def test_every_styled_table_has_a_fixed_name(path):
    for source, _ in load_cells(path):
        # Without one pandas draws it at random: other bytes on every run. So does a
        # Styler's repr, which has its address.
        assert source.count(".style") == source.count(".set_uuid("), source
        assert source.count(".style") == source.count(".to_html())"), source
        assert source.count(".style") == source.count('escape="html"'), source


def run_cells(path, **parameters):
    """Run a notebook's code; return its figures' texts and its tables as HTML."""
    names, alts, tables = {}, [], []
    for source, cell in load_cells(path):
        tree = ast.parse(source)
        shown = None
        if isinstance(tree.body[-1], ast.Expr):
            shown = ast.Expression(tree.body.pop().value)
        exec(compile(tree, path.stem, "exec"), names)
        if "parameters" in cell["metadata"]["tags"]:
            names |= parameters
        if shown:
            with patch("IPython.display.display", lambda shown: alts.append(shown.alt)):
                value = eval(compile(shown, path.stem, "eval"), names)
            if hasattr(value, "_repr_html_"):
                tables.append(value._repr_html_())
    return alts, "\n".join(tables)


@each
@pytest.mark.parametrize("folder", [".", "notebooks", "data/raw/2024"])
def test_a_notebook_runs_unaided_from_any_folder_below(
    path, folder, study, monkeypatch
):
    (study / folder).mkdir(exist_ok=True)
    monkeypatch.chdir(study / folder)
    alts, tables = run_cells(path)
    assert len(alts) == sum(
        c["metadata"]["tags"] == ["figure"] for _, c in load_cells(path)
    )
    assert all("GII 2024" in alt for alt in alts)
    assert "Beijing" in tables


def test_the_profile_of_a_named_cluster_is_shown(study):
    alts, tables = run_cells(PATHS[0], cluster="qingdao", edition=2024)
    assert all(alt.split(". ")[1].startswith("Qingdao, GII 2024") for alt in alts)
    assert "published, GII 2023 7,286" in alts[-1]
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
    return data, pages[0].stem


@each
def test_a_notebook_runs_on_pages_with_errors_and_shows_them(path, spoiled):
    data, cluster = spoiled
    chosen = {"cluster": cluster} if path is PATHS[0] else {}
    _, tables = run_cells(path, data_dir=str(data), **chosen)
    assert "error" in tables
    assert "<script>" not in tables
    if path is not PATHS[2]:
        assert "color: var(--jp-error-color1" in tables


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
    page = {"title": "A report", "root": ""}
    html = export_html(nbformat.v4.new_notebook(cells=[cell]), page)
    texts = [image["alt"] for image in BeautifulSoup(html, "html.parser").select("img")]
    assert texts == ['A "$1" <b>', "<Figure>"]
