"""Batches of notebooks: what is redone, what is written, what happens on failure."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from generator.rendering import make_clusters, write_pages
from processes import PATIENCE, list_processes, wait_for_no_process, wait_until

import giikit
from giikit._warm import Failure, Result
from giikit.errors import GiikitError, RunError
from giikit.reports import html, remote
from giikit.reports import run as reports
from giikit.reports.notebooks import find_notebooks, name_notebook, read_notebook
from giikit.reports.plans import Survey
from giikit.reports.store import Store
from giikit.vocabulary import LABELS, RATES

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
HERE = Path(__file__).parent
NAMES = [
    "2024/cluster-profile/beijing",
    "2024/cluster-profile/qingdao",
    "2024/across-clusters",
]


def make_study(folder):
    """A study folder with the two real pages and two short notebooks."""
    shutil.copytree(HERE / "pages/real/data/raw", folder / "data" / "raw")
    shutil.copytree(HERE / "notebooks" / "study", folder / "notebooks")
    return folder


def run(study, *clusters, **options):
    return giikit.run_reports(clusters, data=study / "data", **options)


def list_files(folder):
    paths = folder.rglob("*")
    return sorted(p.relative_to(folder).as_posix() for p in paths if p.is_file())


def read_reports(study):
    folder = study / "reports"
    names = [name for name in list_files(folder) if name.startswith("2024/")]
    return {name: (folder / name).read_bytes() for name in names}


def edit_page(study, old, new, page="2024/beijing.txt"):
    path = study / "data" / "raw" / page
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study whose reports were made once; not to be changed."""
    study = make_study(tmp_path_factory.mktemp("made"))
    return study, run(study)


@pytest.fixture
def new_study(tmp_path):
    """A study of its own in which nothing was ever made."""
    return make_study(tmp_path / "study")


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A study with tables, which take longest, and no report; not to be changed."""
    study = make_study(tmp_path_factory.mktemp("begun") / "study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reports, "open_server", lambda *_: None)
        run(study, only_failed=True)
    return study


@pytest.fixture
def study(begun, tmp_path):
    """A study of its own, with tables and no report."""
    return Path(shutil.copytree(begun, tmp_path / "study"))


@pytest.fixture
def instant(monkeypatch):
    """Replace the running of notebooks; gives the parameters of those run."""
    ran = []

    def make_report(server, folders, work, job):
        ran.append(job.parameters)
        failure = Failure(2, "1 / 0", "ZeroDivisionError", "division by zero")
        broken = job.parameters.get("cluster") in make_report.failing
        notebook = nbformat.v4.new_notebook(metadata={"made": dict(job.parameters)})
        text = nbformat.writes(notebook)
        return Result(text, failure if broken else None, 0.1, 0.05)

    make_report.failing = set()
    make_report.ran = ran
    monkeypatch.setattr(reports, "make_report", make_report)
    monkeypatch.setattr(reports, "open_server", lambda *_: None)
    return make_report


def list_run(instant):
    names = sorted(p.get("cluster", "across-clusters") for p in instant.ran)
    instant.ran.clear()
    return names


def test_a_run_writes_all_reports_and_nothing_else(made):
    study, result = made
    assert [(r.name, r.status) for r in result.reports] == [(n, "done") for n in NAMES]
    assert result.failed == ()
    outputs = [f"{name}{suffix}" for name in NAMES for suffix in (".html", ".ipynb")]
    expected = [".lock", *outputs, "index.html", "run.json"]
    assert list_files(study / "reports") == sorted(expected)
    assert result.index == study / "reports" / "index.html"
    assert re.search(r"3 done, 0 up-to-date, 0 failed in [\d.]+ s", str(result))


def test_reports_hold_what_the_notebooks_show(made):
    study, _ = made
    page = (study / "reports" / "2024/cluster-profile/beijing.html").read_text("utf-8")
    assert "<title>Beijing, Global Innovation Index 2024: One cluster</title>" in page
    assert '<html lang="en">' in page
    assert "2189" in page
    assert "15893" in page
    assert "HAIER" not in page


def test_pages_need_nothing_from_elsewhere(made):
    study, _ = made
    for path in (study / "reports").rglob("*.html"):
        text = path.read_text("utf-8")
        outside = (
            r"""(?:src|href)=["']?(?:https?:)?//|@import|url\(["']?(?:https?:)?//"""
        )
        assert not re.search(outside, text)
        for link in re.findall(r'href="([^"#]+)"', text):
            assert (path.parent / link).is_file()


def test_the_index_shows_and_links_every_report(made):
    _, result = made
    index = result.index.read_text("utf-8")
    for name in NAMES:
        assert f'href="{name}.html"' in index
        assert f'href="{name}.ipynb"' in index
    for figure in ("Beijing", "Qingdao", "China", "2,189", "15,893"):
        assert figure in index


def test_run_json_records_what_was_done(made):
    study, _ = made
    record = json.loads((study / "reports" / "run.json").read_text("utf-8"))
    assert record["versions"]["pandas"]
    assert record["options"]["timeout"] is None
    report = record["reports"]["2024/cluster-profile/beijing"]
    assert report["status"] == "done"
    assert report["depends"]["parameters"] == {"cluster": "beijing", "edition": 2024}
    assert set(report["depends"]) == {
        *("notebook", "parameters", "data", "files", "links", "code", "versions")
    }
    assert report["seconds"] > 0
    assert report["cell_seconds"] > 0
    assert report["error"] is None


def test_bytes_are_the_same_in_another_folder_from_another_kind_of_kernel(
    made, tmp_path, monkeypatch
):
    other = make_study(tmp_path / "an öther folder")
    monkeypatch.chdir(tmp_path)
    run(other, "beijing", kernel="cold", jobs=1)
    again = read_reports(other)
    assert [*again] == [n for n in read_reports(made[0]) if "qingdao" not in n]
    assert again.items() <= read_reports(made[0]).items()


def test_reports_that_are_up_to_date_are_left_alone(study, instant):
    run(study)
    assert list_run(instant) == ["across-clusters", "beijing", "qingdao"]
    before = read_reports(study)
    result = run(study)
    assert [r.status for r in result.reports] == ["up-to-date"] * 3
    assert "0 done, 3 up-to-date" in str(result)
    assert list_run(instant) == []
    assert read_reports(study) == before
    run(study, force=True)
    assert list_run(instant) == ["across-clusters", "beijing", "qingdao"]


def test_a_changed_page_redoes_what_depends_on_it(study, instant):
    run(study)
    list_run(instant)
    edit_page(study, "PEKING UNIVERSITY", "PEKING UNIV.")
    run(study)
    assert list_run(instant) == ["across-clusters", "beijing", "qingdao"]


def save_run(study):
    """Leave in a notebook what JupyterLab does when it was run and is saved."""
    path = study / "notebooks" / "02_across_clusters.ipynb"
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="done")]
            cell.execution_count = 3
            cell.metadata["execution"] = {"shell.execute_reply": "2024-05-01T10:00"}
    notebook.metadata.kernelspec.display_name = "giikit"
    notebook.metadata["language_info"] = {"name": "python", "version": "3.12.1"}
    notebook.metadata["widgets"] = {}
    nbformat.write(notebook, path)


@pytest.mark.parametrize(
    ("change", "redone"),
    [
        (
            lambda s: (s / "reports/2024/cluster-profile/beijing.html").unlink(),
            ["beijing"],
        ),
        (
            lambda s: (s / "reports/2024/cluster-profile/qingdao.ipynb").write_text(
                "x"
            ),
            ["qingdao"],
        ),
        (
            lambda s: (s / "reports/run.json").write_text("{"),
            ["across-clusters", "beijing", "qingdao"],
        ),
        (lambda s: (s / "reports/index.html").unlink(), []),
        (lambda s: (s / "data/raw/2024/beijing.txt").touch(), []),
        (lambda s: (s / "data/processed/clusters.csv").unlink(), []),
        (
            lambda s: (s / "notebooks/02_across_clusters.ipynb").write_text(
                (s / "notebooks/02_across_clusters.ipynb").read_text() + " "
            ),
            [],
        ),
        (save_run, []),
        (
            lambda s: (s / "notebooks/01_cluster_profile.ipynb").write_text(
                (s / "notebooks/01_cluster_profile.ipynb")
                .read_text()
                .replace('"metadata": {}', '"metadata": {"collapsed": false}')
            ),
            ["beijing", "qingdao"],
        ),
    ],
)
def test_what_was_changed_or_lost_is_made_again(study, instant, change, redone):
    run(study)
    before = list_files(study / "reports")
    list_run(instant)
    change(study)
    run(study)
    assert list_run(instant) == redone
    assert list_files(study / "reports") == before


def test_the_index_has_a_column_for_each_output_that_an_edition_counts():
    names = ["edition", "cluster_id", "cluster", "economy", "size_rank"]
    names += ["intensity_rank", "rank_in_economy", *RATES.values()]
    pages = (
        "2024 seoul Seoul Korea 5 4 1 70 80 ",
        "2025 seoul Seoul Korea 5 4 1 70 80 9",
    )
    rows = [dict(zip(names, page.split(" "), strict=True)) for page in pages]
    survey = Survey([], {}, [], rows, [], "../data", ["clusters"], {})
    earlier, later = survey.render_index({}).decode().split("<section>")[1:3]
    assert LABELS["pct_per_million"] in earlier
    assert LABELS["vc_deals_per_million"] not in earlier
    assert LABELS["vc_deals_per_million"] in later
    assert '--part: 100.0%">9</td>' in later


def test_named_clusters_only(study, instant):
    result = run(study, "Qingdao", edition=2024)
    assert [r.name for r in result.reports] == NAMES[1:]
    assert list_run(instant) == ["across-clusters", "qingdao"]
    index = result.index.read_text("utf-8")
    assert "not made yet" in index
    run(study)
    assert list_run(instant) == ["beijing"]


def test_one_name_is_one_cluster(study, instant):
    giikit.run_reports("Qingdao", data=study / "data")
    assert list_run(instant) == ["across-clusters", "qingdao"]


def test_error_findings_on_pages_are_counted(made, study, instant):
    assert made[1].errors == 0
    assert "error" not in str(made[1])
    (study / "data/raw/notes.txt").write_text("Remember the milk.")
    assert "error findings on the pages: 1 (giikit check)" in str(run(study))


def test_only_failed_reports_are_run_again(study, instant):
    instant.failing = {"beijing"}
    result = run(study)
    assert [r.name for r in result.failed] == ["2024/cluster-profile/beijing"]
    assert result.failed[0].error == "cell [2]: ZeroDivisionError: division by zero"
    list_run(instant)
    edit_page(study, "PEKING UNIVERSITY", "PEKING UNIV.")
    run(study, only_failed=True)
    assert list_run(instant) == ["beijing"]
    instant.failing = set()
    run(study)  # what failed is never up to date; the others show the changed page
    assert list_run(instant) == ["across-clusters", "beijing", "qingdao"]
    assert run(study, only_failed=True).reports == ()


def test_a_failure_is_kept_and_shown(study, instant):
    instant.failing = {"beijing"}
    result = run(study)
    assert (study / "reports/2024/cluster-profile/beijing.ipynb").is_file()
    assert (
        str(result)
        .splitlines()[-2]
        .startswith("failed     2024/cluster-profile/beijing")
    )
    index = result.index.read_text("utf-8")
    assert "failed: cell [2]: ZeroDivisionError: division by zero" in index
    assert "<code>1 / 0</code>" in index
    record = json.loads((study / "reports/run.json").read_text("utf-8"))
    assert record["reports"]["2024/cluster-profile/beijing"]["error"]["cell"] == 2


def test_a_job_that_raises_costs_its_own_report_only(study, instant, monkeypatch):
    def fail(*given):
        if given[-1].parameters.get("cluster") == "beijing":
            message = "no such worker"
            raise OSError(message)
        return instant(*given)

    monkeypatch.setattr(reports, "make_report", fail)
    result = run(study)
    assert [r.status for r in result.reports] == ["failed", "done", "done"]
    assert result.failed[0].error == "no cell was run: OSError: no such worker"
    assert "OSError: no such worker" in result.index.read_text("utf-8")


def test_reports_on_a_page_that_is_gone_go_too_unless_edited(study, instant):
    run(study)
    edited = study / "reports/2024/cluster-profile/qingdao.ipynb"
    edited.write_text("my notes")
    (study / "data/raw/2024/qingdao.txt").unlink()
    run(study)
    assert "qingdao" not in (study / "reports/index.html").read_text("utf-8")
    assert (study / "reports/2024/cluster-profile/qingdao.html").exists()
    run(study, prune=True)
    assert edited.read_text() == "my notes"
    assert not (study / "reports/2024/cluster-profile/qingdao.html").exists()


def test_page_text_reaches_the_index_escaped(study, instant):
    edit_page(study, "Beijing, China", "<script>alert(1)</script>, China")
    index = run(study).index.read_text("utf-8")
    assert "<script>alert" not in index
    assert "script&gt;alert(1)" in index


@pytest.mark.parametrize(
    ("clusters", "options", "message"),
    [
        (["beijng"], {}, "no cluster 'beijng' among the 2; near: beijing"),
        (["x"], {}, "no cluster 'x' among the 2; there are beijing, qingdao"),
        (["dao"], {}, "no cluster 'dao' among the 2; near: qingdao"),
        ([], {"edition": 1999}, r"no edition 1999 among the pages: .* \[2024\]"),
        ([], {"jobs": 0}, "jobs is 0: expected at least 1"),
        ([], {"timeout": -1}, "timeout is -1: expected more than 0 seconds"),
        ([], {"kernel": "hot"}, "kernel is 'hot': expected 'warm' or 'cold'"),
    ],
)
def test_wrong_options_are_refused_before_anything_runs(
    study, instant, clusters, options, message
):
    with pytest.raises(GiikitError, match=message):
        run(study, *clusters, **options)
    assert instant.ran == []


def test_warm_kernels_are_refused_where_there_is_no_fork(study, monkeypatch):
    monkeypatch.setattr("giikit._warm.can_fork", lambda: False)
    with pytest.raises(RunError, match=r"safe on Linux only.*--kernel cold"):
        run(study, kernel="warm")


def test_pages_without_a_profile_are_no_basis_for_reports(study, instant):
    for page in ("beijing", "qingdao"):
        (study / f"data/raw/2024/{page}.txt").write_text("A shopping list\n")
    with pytest.raises(RunError, match="no cluster profile among the pages"):
        run(study)


def test_the_packaged_notebooks_are_used_where_there_is_no_folder(study):
    shutil.rmtree(study / "notebooks")
    names = [n.name for n in find_notebooks(study / "data") if n.kind]
    assert {"cluster-profile", "across-clusters"} <= set(names)
    (study / "notebooks").mkdir()
    with pytest.raises(RunError, match=r"no notebook in .* is a report"):
        find_notebooks(study / "data")


def write_notebook(path, source, tags=("parameters",), title="# A view"):
    cells = [
        nbformat.v4.new_markdown_cell(title, id="title"),
        nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}, id="cell"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize(
    ("source", "values", "message"),
    [
        ("cluster: str", {}, "needs the parameter 'cluster', without a default"),
        ("x: int", {"x": "a"}, "'x' of n.ipynb is 'a', str: expected int$"),
        ("edition = 0", {"edition": True}, "is True, bool: expected int, as its def"),
        ("edition = 0", {"edition": 1.5}, "is 1.5, float: expected int"),
        ("edition = 0", {"edition": "1.5"}, "is '1.5', str: expected int"),
        ("cluster = ''", {"cluster": 1}, "is 1, int: expected str"),
        ("share = 0.5", {"share": "much"}, "is 'much', str: expected float"),
        ("share = 0.5", {"share": True}, "is True, bool: expected float"),
        ("clusters = []", {"clusters": 1}, "is 1, int: expected list"),
        ("on = False", {"on": "maybe"}, "'maybe', str: expected true or false"),
    ],
)
def test_parameters_are_checked_against_the_notebook(tmp_path, source, values, message):
    notebook = read_notebook(write_notebook(tmp_path / "n.ipynb", source))
    with pytest.raises(RunError, match=message):
        notebook.fit_parameters(values)


@pytest.mark.parametrize(
    ("source", "value", "fitted"),
    [
        ("x: str", "NO", "NO"),
        ("x = ''", "2024", "2024"),
        ("x = 0.5", 1, 1.0),
        ("x = 0.5", "1e3", 1000.0),
        ("x = 5", "-3", -3),
        ("x = True", "false", False),
        ("x = None", "NO", "NO"),
        ("x = None", [1], [1]),
        ("x = None", "3", 3),
        ("x = max(1, 2)", "later", "later"),
        ("x = []", "2023, 2024", [2023, 2024]),
        ("x = []", "NO,SE", ["NO", "SE"]),
        ("x = []", "[1, 'a']", [1, "a"]),
        ("x = []", "", []),
        ("x = ['a']", "1,2", ["1", "2"]),
        ("x = (1, 2)", "3", [3]),
        ("x = {}", "{'a': 1}", {"a": 1}),
        ("x: list", "a", ["a"]),
        ("'text'\nx = 1  # a number", "7", 7),
    ],
)
def test_parameters_take_the_type_of_the_default(tmp_path, source, value, fitted):
    notebook = read_notebook(write_notebook(tmp_path / "n.ipynb", source))
    found = notebook.fit_parameters({"x": value, "other": 1})
    assert found == {"x": fitted}
    assert type(found["x"]) is type(fitted)


FORMAT = "it is no notebook of format 4"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", FORMAT),
        (b"[]", FORMAT),
        (b"{}", FORMAT),
        (b'{"cells": 1}', FORMAT),
        (b'{"cells": [', FORMAT),
        (b'{"nbformat": 3, "worksheets": [], "metadata": {}}', FORMAT),
        ('{"cells": "é"}'.encode("latin-1"), "it is not in UTF-8"),
        (None, "it cannot be read: Is a directory"),
    ],
)
def test_what_is_no_notebook_fails_by_name(tmp_path, content, problem):
    path = tmp_path / "n.ipynb"
    path.mkdir() if content is None else path.write_bytes(content)
    notebook = read_notebook(path)
    assert notebook.problem == problem
    assert (notebook.kind, notebook.status) == (None, "failed")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("edition = '2024'", "its edition is '2024': expected edition = 0"),
        ("edition = [2024]", "its edition is [2024]: expected edition = 0"),
        ("cluster = 1", "its cluster is 1: expected cluster = ''"),
        ("x = 1\ncluster = (", "its parameters cell is no Python: '(' was never"),
    ],
)
def test_a_parameters_cell_that_cannot_be_meant_fails_by_name(
    tmp_path, source, problem
):
    notebook = read_notebook(write_notebook(tmp_path / "n.ipynb", source))
    assert notebook.problem.startswith(problem)
    assert (notebook.kind, notebook.status) == (None, "failed")


def test_lines_of_ipython_among_parameters_are_no_parameters(tmp_path):
    source = "%matplotlib inline\n!true\nedition = 0"
    notebook = read_notebook(write_notebook(tmp_path / "n.ipynb", source))
    assert notebook.declared == {"edition": 0}


def test_only_a_code_cell_has_parameters(tmp_path):
    path = write_notebook(tmp_path / "n.ipynb", "edition = 0")
    path.write_text(path.read_text().replace('"code"', '"markdown"'))
    assert read_notebook(path).kind is None


def test_cells_without_an_id_or_with_one_twice_get_their_own(tmp_path):
    path = write_notebook(tmp_path / "n.ipynb", "edition = 0")
    text = path.read_text()
    twice = text.replace('"id": "title"', '"id": "cell"')
    for changed in (twice, text.replace('   "id": "cell",\n', "")):
        assert changed != text
        path.write_text(changed)
        read = nbformat.reads(read_notebook(path).text, 4)
        assert len({cell.id for cell in read.cells}) == 2


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("cluster = (", "its parameters cell is no Python: '(' was never closed"),
        (None, FORMAT),
    ],
)
def test_a_broken_notebook_fails_alone_and_keeps_its_reports(
    study, instant, source, problem
):
    path = write_notebook(study / "notebooks/05_my_view.ipynb", "cluster = ''")
    assert list_done(run(study)) == [*NAMES, *OWN]
    list_run(instant)
    if source:
        write_notebook(path, source)
    else:
        path.write_text('{"cells": [')
    result = run(study, force=True, prune=True)
    assert list_done(result) == NAMES
    assert [(r.name, r.status) for r in result.failed] == [("my-view", "failed")]
    assert result.failed[0].error.startswith(problem)
    assert (study / f"reports/{OWN[0]}.html").is_file()
    assert "failed" in list_states(study).values()
    with pytest.raises(
        RunError, match=rf"05_my_view.ipynb is no report: {problem[:6]}"
    ):
        run(study, notebooks="my-view")
    for other in (study / "notebooks").glob("0[12]*"):
        other.unlink()
    with pytest.raises(
        RunError, match=rf"is a report: .*05_my_view.ipynb: {problem[:6]}"
    ):
        run(study)


def test_a_run_loads_no_grammar_of_addresses(study):
    code = (
        "import sys, giikit.reports.run as run;"
        "run.open_server = lambda *_: None; run.make_report = None;"
        f"made = run.run_reports(data={str(study / 'data')!r});"
        "print(len(made.failed), {'nbconvert', 'nbclient', 'lark'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("3 ")
    assert "nbconvert" in done.stdout
    assert "nbclient" in done.stdout
    assert "lark" not in done.stdout


@pytest.mark.parametrize("key", ["language_info", "kernelspec"])
def test_a_notebook_in_another_language_is_left_out_and_others_run(study, instant, key):
    path = write_notebook(study / "notebooks/03_in_r.ipynb", 'cluster <- ""')
    notebook = nbformat.read(path, 4)
    about = {"name": "R"} if key == "language_info" else {"language": "R"}
    notebook.metadata[key] = about
    nbformat.write(notebook, path)
    result = run(study)
    assert [r.status for r in result.reports] == ["done"] * 3 + ["left-out"]
    assert re.search(r"left-out +in-r .*it is in R, not in Python", str(result))
    assert result.failed == ()
    again = run(study, list_only=True)
    assert [r.status for r in again.reports] == ["up-to-date"] * 3 + ["left-out"]
    assert len(run(study, notebooks="across-clusters").reports) == 1
    with pytest.raises(RunError, match=r"03_in_r.ipynb is no report: it is in R"):
        run(study, notebooks="in-r")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("cluster_profile.ipynb", "are both 'cluster-profile': rename one"),
        ("2025.ipynb", r"2025.ipynb: no report can be called '2025': name the"),
        ("01.ipynb", "no report can be called '01'"),
        ("07_index.ipynb", "no report can be called 'index'"),
        ("08_.ipynb", r"08_.ipynb: no report can be called '': name .* my_view.ipynb"),
        ("😀.ipynb", "😀.ipynb: no report can be called ''"),
    ],
)
def test_names_that_no_report_can_have_are_refused(study, file, message):
    write_notebook(study / "notebooks" / file, "edition = 0")
    with pytest.raises(RunError, match=message):
        run(study, list_only=True)
    with pytest.raises(RunError, match=message):
        run(study, notebooks=file, list_only=True)
    others = run(study, notebooks="across-clusters", list_only=True)
    assert [report.name for report in others.reports] == ["2024/across-clusters"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Untitled.ipynb", "untitled"),
        ("12 My  first_VIEW.v2.ipynb", "my-first-view-v2"),
        ("名前.ipynb", "名前"),
        ("3_U\u0308bersicht.ipynb", "\u00fcbersicht"),
        ("नाम.ipynb", "नाम"),
        ("(copy) 2024-view.ipynb", "copy-2024-view"),
    ],
)
def test_a_report_is_called_as_its_notebook_in_any_script(file, name):
    assert name_notebook(f"notebooks/{file}") == name


def test_a_notebook_that_is_no_report_hides_none_of_its_name(study):
    write_notebook(study / "notebooks" / "08_across_clusters.ipynb", "year = 0")
    names = "across-clusters"
    assert len(run(study, notebooks=names, list_only=True).reports) == 1


def add_own_notebooks(study):
    """Add one for each cluster, with a parameter of its own, and one over editions."""
    folder = study / "notebooks"
    source = "cluster = ''\nedition = 0\nleast = 5"
    write_notebook(folder / "05_my_view.ipynb", source, title="# My view")
    source = "editions = []"
    write_notebook(folder / "Über Editionen.ipynb", source, title="# Over editions")
    write_notebook(folder / "06_scratch.ipynb", "cluster = ''", tags=())


OWN = ["2024/my-view/beijing", "2024/my-view/qingdao"]


def list_done(result):
    return [r.name for r in result.reports if r.status == "done"]


def test_every_notebook_with_parameters_is_a_report(study, instant):
    add_own_notebooks(study)
    result = run(study)
    assert list_done(result) == [*NAMES, *OWN, "über-editionen"]
    index = result.index.read_text("utf-8")
    for name in list_done(result):
        assert f'href="{name}.html"' in index
    assert {"edition": 2024, "cluster": "beijing", "least": 5} not in instant.ran
    assert {"edition": 2024, "cluster": "beijing"} in instant.ran
    assert {} in instant.ran
    assert run(study, edition=2024, force=True).reports[-1].name == OWN[1]


def test_a_parameter_goes_to_the_notebooks_that_declare_it(study, instant):
    add_own_notebooks(study)
    run(study)
    assert list_done(run(study, parameters={"least": "7"})) == OWN
    assert {"edition": 2024, "cluster": "qingdao", "least": 7} in instant.ran
    assert list_done(run(study, parameters={"least": 7})) == []
    assert list_done(run(study, parameters={"editions": "2024"})) == [
        *OWN,
        "über-editionen",
    ]
    assert {"editions": [2024]} in instant.ran


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": {"leest": 1}}, "has a parameter 'leest': did you mean 'least'"),
        ({"parameters": {"zz": 1}}, "a parameter 'zz': there are .*editions, least"),
        ({"parameters": {"least": "a"}}, "'least' of 05_my_view.ipynb is 'a', str: ex"),
        ({"parameters": {"cluster": "a"}}, "given by the run: use CLUSTER"),
        ({"parameters": {"least": 1}, "notebooks": "across-clusters"}, "no notebook h"),
        ({"notebooks": "my-veiw"}, "no notebook 'my-veiw': did you mean 'my-view'"),
        ({"notebooks": ["06_scratch.ipynb"]}, "06_scratch.ipynb is no report"),
    ],
)
def test_what_no_notebook_knows_fails_before_anything_runs(
    new_study, instant, options, message
):
    add_own_notebooks(new_study)
    with pytest.raises(RunError, match=message):
        run(new_study, **options)
    assert instant.ran == []
    assert not (new_study / "reports").exists()
    assert not (new_study / "data/processed").exists()


def test_chosen_notebooks_alone_are_run_and_changed_ones_alone_redone(study, instant):
    add_own_notebooks(study)
    assert list_done(run(study, notebooks="05_my_view.ipynb")) == OWN
    run(study)
    write_notebook(study / "notebooks/05_my_view.ipynb", "cluster: str\nedition = 1")
    assert list_done(run(study)) == OWN
    (study / "notebooks/05_my_view.ipynb").unlink()
    result = run(study)
    assert list_done(result) == []
    assert "my-view" not in result.index.read_text("utf-8")
    assert (study / "reports/2024/my-view").is_dir()
    run(study, prune=True)
    assert not (study / "reports/2024/my-view").exists()


@pytest.mark.parametrize(
    ("path", "redone"),
    [
        ("notebooks/helpers.py", True),
        ("data/own.csv", True),
        ("notebooks/.ipynb_checkpoints/x.ipynb", False),
        ("notebooks/__pycache__/helpers.pyc", False),
        ("notebooks/06_scratch.ipynb", False),
        ("data/.DS_Store", False),
        ("notes.txt", False),
    ],
)
def test_files_that_a_notebook_may_read_make_it_stale(study, instant, path, redone):
    # Reports in the data folder: what is read must not be what is written.
    out = (study / "reports").rename(study / "data" / "reports")
    run(study, out=out)
    (study / path).parent.mkdir(exist_ok=True)
    content = json.dumps({"cells": [], "metadata": {}})
    (study / path).write_text(content)
    assert list_done(run(study, out=out)) == (NAMES if redone else [])
    assert list_done(run(study, out=out)) == []


def test_a_notebook_that_writes_beside_itself_is_told_of(study, instant, monkeypatch):
    def write_and_make(server, folders, work, job):
        place = folders[1]
        (place / f"{job.parameters.get('cluster')}.csv").write_text("1")
        return instant(server, folders, work, job)

    run(study)
    monkeypatch.setattr(reports, "make_report", write_and_make)
    told = r"changed while the notebooks ran: notebooks/None.csv, notebooks/beijing.csv"
    with pytest.warns(UserWarning, match=told):
        run(study, force=True)
    # What is there already, and the same, makes one more run, and no complaint.
    assert list_done(run(study)) == NAMES
    assert list_done(run(study)) == []


def list_states(study, **options):
    return {r.name: r.status for r in run(study, list_only=True, **options).reports}


def test_a_list_tells_what_there_is_to_do_and_changes_nothing(new_study, instant):
    study = new_study
    add_own_notebooks(study)
    todo = dict.fromkeys([*NAMES, *OWN, "über-editionen"], "to-do")
    assert list_states(study) == todo
    assert not (study / "data/processed").exists()
    assert not (study / "reports").exists()
    run(study)
    before = {p: p.read_bytes() for p in study.rglob("*") if p.is_file()}
    assert set(list_states(study).values()) == {"up-to-date"}
    (study / "notebooks/05_my_view.ipynb").unlink()
    edit_page(study, "PEKING UNIVERSITY", "PEKING UNIV.")
    states = list_states(study)
    assert [n for n, s in states.items() if s == "to-do"] == [*NAMES, "über-editionen"]
    assert [n for n, s in states.items() if s == "gone"] == OWN
    after = {p: p.read_bytes() for p in study.rglob("*") if p.is_file()}
    assert [p.name for p in before if after.get(p) != before[p]] == [
        "05_my_view.ipynb",
        "beijing.txt",
    ]


def test_a_cluster_without_an_edition_is_one_of_its_newest(study, instant):
    later = study / "data/raw/2025/beijing.txt"
    later.parent.mkdir()
    text = (study / "data/raw/2024/beijing.txt").read_text("utf-8")
    later.write_text(text.replace("2024", "2025"), encoding="utf-8")
    write_notebook(study / "notebooks/05_newest.ipynb", "cluster = ''")
    result = run(study, notebooks="newest")
    assert list_done(result) == ["2025/newest/beijing", "2024/newest/qingdao"]
    assert instant.ran == [{"cluster": "beijing"}, {"cluster": "qingdao"}]


def test_a_limit_on_threads_is_told(study, instant, monkeypatch):
    def refuse(*_):
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(reports.ThreadPoolExecutor, "submit", refuse)
    with pytest.raises(RunError, match=r"no thread could be started .*limit on proc"):
        run(study)
    assert not (study / "reports/.work").exists()


def test_a_study_that_nobody_may_write_to_is_told_to_be_up_to_date(study, instant):
    run(study)
    paths = [study, *study.rglob("*")]
    before = {path: path.stat().st_mtime_ns for path in paths}
    assert [r.status for r in run(study).reports] == ["up-to-date"] * 3
    # An administrator may write everywhere, but nothing was written at all.
    assert {path: path.stat().st_mtime_ns for path in paths} == before
    assert [study, *study.rglob("*")] == paths


def test_an_error_text_is_not_obeyed_by_the_terminal(study, instant, monkeypatch):
    def make_report(*_):
        failure = Failure(1, "", "ValueError", "\x1b[2J\x1b]0;gone\x07")
        return Result(nbformat.writes(nbformat.v4.new_notebook()), failure)

    monkeypatch.setattr(reports, "make_report", make_report)
    text = str(run(study))
    assert "ValueError" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_reports_may_lie_on_another_file_system(study, instant, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    (study / "reports/2024").symlink_to(other)
    replace = Path.replace

    def refuse(path, target):
        if path.resolve().is_relative_to(
            other
        ) != target.parent.resolve().is_relative_to(other):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    assert list_done(run(study)) == NAMES


def test_a_page_says_where_it_stands_among_the_others(study, instant, monkeypatch):
    pages = {}

    def export_html(notebook, page):
        pages[page["name"]] = page
        return ""

    monkeypatch.setattr(html, "export_html", export_html)
    run(study)
    beijing, qingdao, across = (pages[name] for name in NAMES)
    assert beijing["root"] == "../../"
    assert beijing["previous"] is None
    assert beijing["title"] == "Beijing, Global Innovation Index 2024: One cluster"
    assert beijing["source"] == "../../../data/raw/2024/beijing.txt"
    assert beijing["next"] == {"href": "qingdao.html", "title": "Qingdao"}
    assert qingdao["previous"]["href"] == "beijing.html"
    assert (across["root"], across["next"], across["cluster_id"]) == ("../", None, "")
    assert across["links"] == {
        f"2024/{key}": f"../2024/cluster-profile/{key}.html"
        for key in ("beijing", "qingdao")
    }


def start_run(study, *, wait_for, env=None):
    """Start `giikit report` in a process of its own; wait until a file is there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "giikit", "report", "--data", study / "data"],
        env=os.environ | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    wait_until(lambda: wait_for.exists() or process.poll() is not None)
    assert wait_for.exists()
    return process


def make_endless(study, flag):
    """Make the profile of Qingdao run without an end, once it has made a file."""
    path = study / "notebooks/01_cluster_profile.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][2]["source"] += [
        "\nif cluster == 'qingdao':\n",
        f"    open({str(flag)!r}, 'w').close()\n",
        "    while True: pass",
    ]
    path.write_text(json.dumps(notebook))


@pytest.mark.skipif(sys.platform != "linux", reason="kernels end with their run")
def test_ctrl_c_twice_while_the_server_of_kernels_loads_ends_all(study, tmp_path):
    mark = f"GIIKIT_TEST_MARK={tmp_path}"
    process = start_run(
        study,
        wait_for=study / "reports/.work/server",
        env=dict([mark.split("=")]),
    )
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    # The output ends when the last process ends that could write to it.
    output, _ = process.communicate(timeout=PATIENCE)
    assert (output.decode(), process.returncode) == ("giikit: interrupted\n", 130)
    wait_for_no_process(mark)
    run(study, list_only=True)


def test_a_notebook_that_spoils_the_data_spoils_no_other_report(made, study):
    source = """
import pathlib, giikit
cluster = ""
edition = 0
"""
    spoil = """
import os, pathlib, giikit, matplotlib
copy = pathlib.Path(os.environ["GIIKIT_DATA"])
for folder in (copy, pathlib.Path("../data")):
    for path in (folder / "processed").glob("*.*"):
        path.write_text("spoiled")
assert (copy / "raw/2024/beijing.txt").is_file()
assert pathlib.Path.cwd().name == "notebooks"
print(sorted(os.listdir(os.environ["IPYTHONDIR"])), matplotlib.get_configdir()[-20:])
"""
    cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]}, id="a"),
        nbformat.v4.new_code_cell(spoil, id="b"),
    ]
    path = study / "notebooks" / "00_spoil.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    result = run(study, "beijing", jobs=1)
    assert [r.error for r in result.failed] == []
    name = "2024/cluster-profile/beijing.ipynb"
    assert read_reports(study)[name] == read_reports(made[0])[name]
    assert {r.status for r in run(study, "beijing").reports} == {"up-to-date"}
    assert (study / "data/processed/clusters.csv").read_text("utf-8") != "spoiled"


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.parametrize(
    "signum",
    [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.thorough)],
)
def test_a_killed_run_leaves_whole_files_and_the_next_goes_on(
    made, study, tmp_path, signum
):
    original = (study / "notebooks/01_cluster_profile.ipynb").read_text()
    make_endless(study, tmp_path / "flag")
    mark = f"GIIKIT_TEST_MARK={tmp_path}"
    process = start_run(
        study,
        wait_for=tmp_path / "flag",
        env=dict([mark.split("=")]),
    )
    assert wait_until((study / "reports/2024/cluster-profile/beijing.html").exists)
    assert len(list_processes(mark)) >= 2
    process.send_signal(signum)
    output, _ = process.communicate(timeout=PATIENCE)
    if signum == signal.SIGINT:
        assert output.decode() == "giikit: interrupted\n"
        assert process.returncode == 130
    wait_for_no_process(mark)
    (study / "notebooks/01_cluster_profile.ipynb").write_text(original)
    result = run(study)
    assert {r.name for r in result.reports if r.status != "up-to-date"} >= {
        "2024/cluster-profile/qingdao"
    }
    assert read_reports(study) == read_reports(made[0])
    assert list_files(study / "reports") == list_files(made[0] / "reports")


def test_what_was_made_before_a_kill_is_not_made_again(study, instant, monkeypatch):
    stored = [
        study / "reports/2024" / name
        for name in ("across-clusters.html", "cluster-profile/beijing.html")
    ]

    def make_report(*given):
        if given[-1].parameters.get("cluster") == "qingdao":
            assert wait_until(lambda: all(path.exists() for path in stored))
            raise KeyboardInterrupt
        return instant(*given)

    monkeypatch.setattr(reports, "make_report", make_report)
    with pytest.raises(KeyboardInterrupt):
        run(study, jobs=1)
    assert list_run(instant) == ["across-clusters", "beijing"]
    monkeypatch.setattr(reports, "make_report", instant)
    run(study)
    assert list_run(instant) == ["qingdao"]


def test_a_full_disk_is_told_and_leaves_the_old_files(study, instant, monkeypatch):
    run(study)
    before = read_reports(study)
    write_bytes = Path.write_bytes

    def fail(path, content):
        if path.name.startswith(".") and "reports" in path.parts:
            write_bytes(path, content[:5])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail)
    expected = r"cannot write to .*: No space left on device; .*; what is written is wh"
    with pytest.raises(RunError, match=expected):
        run(study, force=True)
    monkeypatch.undo()
    assert read_reports(study) == before
    assert not (study / "reports/.work").exists()


@pytest.mark.parametrize("blocked", ["reports", "reports/.work"])
def test_a_folder_that_cannot_be_written_to_is_told(new_study, instant, blocked):
    (new_study / blocked).parent.mkdir(exist_ok=True)
    (new_study / blocked).write_text("a file")
    with pytest.raises(RunError, match=r"cannot write to .*reports: .*another folder"):
        run(new_study)


def test_a_second_run_waits_and_says_so(study, instant, monkeypatch):
    told = []
    monkeypatch.setattr(reports, "_show", told.append)
    order = []
    with Store(study / "reports", {}).hold(print):
        second = threading.Thread(target=lambda: order.append(run(study)))
        second.start()
        assert wait_until(lambda: told)
        order.append("first")
    second.join()
    assert order[0] == "first"
    assert len(order[1].reports) == 3
    assert re.search(r"waiting for another run in .*reports", told[0])


def test_leftovers_of_a_killed_run_are_removed(study, instant):
    work = study / "reports/.work"
    work.mkdir(parents=True)
    (work / "output").write_text("half")
    run(study)
    assert not work.exists()


@pytest.fixture
def dask(tmp_path):
    """Return what starts processes of Dask, and the scheduler's address."""
    pytest.importorskip("distributed")
    folder, processes = tmp_path / "dask", []
    folder.mkdir()
    place = ("--scheduler-file", str(folder / "scheduler.json"))

    def start(kind, *options, env=None):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *place]
        process = subprocess.Popen(
            [*command, *options, "--no-dashboard"],
            cwd=folder,
            env=os.environ | (env or {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        return process

    start("scheduler", "--host", "127.0.0.1", "--port", "0")

    def read_address():
        with suppress(OSError, ValueError):  # not there, or not whole yet
            return json.loads(Path(place[1]).read_text())["address"]
        return None

    yield start, wait_until(read_address)
    for process in processes:
        process.kill()
        process.wait()


WORKER = ("worker", "--nworkers", "1", "--nthreads", "1", "--no-nanny")


@pytest.mark.thorough
def test_dask_workers_make_all_reports_though_one_is_killed(tmp_path, dask):
    start, address = dask
    study = make_study(tmp_path / "study")
    shutil.rmtree(study / "data/raw/2024")
    write_pages(study / "data/raw", make_clusters(7, 8))
    worker, _ = start(*WORKER), start(*WORKER)
    results = []
    thread = threading.Thread(target=lambda: results.append(run(study, dask=address)))
    thread.start()
    made = (study / "reports").glob
    wait_until(lambda: not thread.is_alive() or list(made("2024/*.html")))
    worker.kill()
    thread.join(timeout=300)
    assert len(results[0].reports) == 9
    assert {r.status for r in results[0].reports} == {"done"}
    kept = read_reports(study)
    again = run(study, Path(results[0].reports[1].name).name, force=True)
    assert [r.status for r in again.reports] == ["done", "done"]
    assert read_reports(study) == kept


def test_a_dask_scheduler_without_workers_is_told(study, dask, monkeypatch):
    monkeypatch.setattr(remote, "_PATIENCE", 1)
    with pytest.raises(RunError, match=r"scheduler at .* has no workers: start some"):
        run(study, dask=dask[1])


@pytest.mark.thorough
def test_a_dask_worker_with_another_giikit_is_refused(new_study, dask, tmp_path):
    start, address = dask
    (tmp_path / "other/giikit").mkdir(parents=True)
    (tmp_path / "other/giikit/__init__.py").touch()
    start(*WORKER, env={"PYTHONPATH": str(tmp_path / "other")})
    with pytest.raises(RunError, match=r"worker .* has other software \(giikit\)"):
        run(new_study, dask=address)
    assert not (new_study / "reports").exists()


def test_other_versions_of_a_worker_are_named():
    wanted = json.dumps({"pandas": "3.0", "numpy": "2.4"})
    found = json.dumps({"pandas": "3.1", "numpy": "2.4", "more": "1"})
    with pytest.raises(RunError, match=r"worker a has other software \(pandas\)"):
        remote.check_software(wanted, found, "a")
    remote.check_software(wanted, json.dumps({**json.loads(wanted), "more": "1"}), "a")


def test_a_bad_dask_address_fails_though_nothing_is_to_be_done(study, instant):
    pytest.importorskip("distributed")
    run(study)
    with pytest.raises(RunError, match="no Dask scheduler at nonsense://x"):
        run(study, dask="nonsense://x")
