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
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import nbformat
import pytest
from generator.rendering import make_clusters, write_pages

import giikit
from giikit._warm import Failure, Result
from giikit.errors import GiikitError, RunError
from giikit.reports import run as reports
from giikit.reports.parameters import check_parameters, strip_notebook

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
HERE = Path(__file__).parent
NAMES = ["2024/across-clusters", "2024/beijing", "2024/qingdao"]


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
def study(tmp_path):
    return make_study(tmp_path / "study")


@pytest.fixture
def instant(monkeypatch):
    """Replace the running of notebooks; gives the parameters of those run."""
    ran = []

    def run_job(job, env, folder):
        ran.append(job.parameters)
        failure = Failure(2, "1 / 0", "ZeroDivisionError", "division by zero")
        broken = job.parameters.get("cluster") in run_job.failing
        text = json.dumps(dict(job.parameters))
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_raw_cell(text)])
        return Result(notebook, failure if broken else None, 0.1, 0.05)

    run_job.failing = set()
    run_job.ran = ran
    monkeypatch.setattr(reports, "run_job", run_job)
    monkeypatch.setattr(reports, "_start_loading", lambda: None)
    return run_job


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
    page = (study / "reports" / "2024" / "beijing.html").read_text("utf-8")
    assert "<title>Beijing, Global Innovation Index 2024</title>" in page
    assert '<html lang="en">' in page
    assert "2189" in page
    assert "15893" in page
    assert "Qingdao" not in page


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
    assert record["options"]["force"] is False
    report = record["reports"]["2024/beijing"]
    assert report["status"] == "done"
    assert report["depends"]["parameters"] == {"cluster": "beijing", "edition": 2024}
    assert set(report["depends"]) == {
        *("notebook", "parameters", "data", "code", "versions")
    }
    assert report["seconds"] > 0
    assert report["cell_seconds"] > 0
    assert report["error"] is None


def test_bytes_are_the_same_in_another_folder_from_another_kind_of_kernel(
    made, tmp_path, monkeypatch
):
    other = make_study(tmp_path / "an öther folder")
    monkeypatch.chdir(tmp_path)
    run(other, kernel="cold", jobs=1)
    assert read_reports(other) == read_reports(made[0])


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
        (lambda s: (s / "reports/2024/beijing.html").unlink(), ["beijing"]),
        (lambda s: (s / "reports/2024/qingdao.ipynb").write_text("x"), ["qingdao"]),
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


def test_named_clusters_only(study, instant):
    result = run(study, "Qingdao", edition=2024)
    assert [r.name for r in result.reports] == [NAMES[0], NAMES[2]]
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
    assert [r.name for r in result.failed] == ["2024/beijing"]
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
    assert (study / "reports/2024/beijing.ipynb").is_file()
    assert str(result).splitlines()[-2].startswith("failed  2024/beijing")
    index = result.index.read_text("utf-8")
    assert "failed: cell [2]: ZeroDivisionError: division by zero" in index
    assert "<code>1 / 0</code>" in index
    record = json.loads((study / "reports/run.json").read_text("utf-8"))
    assert record["reports"]["2024/beijing"]["error"]["cell"] == 2


def test_a_job_that_raises_costs_its_own_report_only(study, instant, monkeypatch):
    def fail(job, data, folder):
        if job.parameters.get("cluster") == "beijing":
            message = "no such worker"
            raise OSError(message)
        return instant(job, data, folder)

    monkeypatch.setattr(reports, "run_job", fail)
    result = run(study)
    assert [r.status for r in result.reports] == ["done", "failed", "done"]
    assert result.failed[0].error == "no cell was run: OSError: no such worker"
    assert "OSError: no such worker" in result.index.read_text("utf-8")


def test_reports_on_a_page_that_is_gone_go_too_unless_edited(study, instant):
    run(study)
    edited = study / "reports/2024/qingdao.ipynb"
    edited.write_text("my notes")
    (study / "data/raw/2024/qingdao.txt").unlink()
    run(study)
    assert edited.read_text() == "my notes"
    assert not (study / "reports/2024/qingdao.html").exists()
    assert "qingdao" not in (study / "reports/index.html").read_text("utf-8")


def test_page_text_reaches_the_index_escaped(study, instant):
    edit_page(study, "Beijing, China", "<script>alert(1)</script>, China")
    index = run(study).index.read_text("utf-8")
    assert "<script>alert" not in index
    assert "&lt;script&gt;alert(1)" in index


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
    monkeypatch.delattr("os.fork")
    with pytest.raises(RunError, match=r"cannot fork.*--kernel cold"):
        run(study, kernel="warm")


def test_pages_without_a_profile_are_no_basis_for_reports(study, instant):
    for page in ("beijing", "qingdao"):
        (study / f"data/raw/2024/{page}.txt").write_text("A shopping list\n")
    with pytest.raises(RunError, match="no cluster profile among the pages"):
        run(study)


def test_the_packaged_notebooks_are_used_where_there_are_none(study, instant):
    shutil.rmtree(study / "notebooks")
    with pytest.raises(RunError, match="no notebook 03_none"):
        reports.find_notebook("03_none.ipynb", study / "data")


def write_notebook(source, tags=("parameters",)):
    cell = {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source}
    return json.dumps({"cells": [cell], "metadata": {}})


@pytest.mark.parametrize(
    ("source", "values", "message"),
    [
        ("cluster = ''", {"clustr": "a"}, "no parameter 'clustr': did you mean 'clu"),
        ("cluster = ''", {"x": "a"}, r"no parameter 'x': it has \['cluster'\]"),
        ("cluster: str", {}, "needs the parameter 'cluster', which has no default"),
        ("edition = 0", {"edition": "2024"}, "is '2024', str: expected int"),
        ("edition = 0", {"edition": True}, "is True, bool: expected int"),
        ("edition = 0", {"edition": 1.5}, "is 1.5, float: expected int"),
        ("cluster = ''", {"cluster": 1}, "is 1, int: expected str"),
        ("share = 0.5", {"share": "1"}, "is '1', str: expected float"),
        ("clusters = []", {"clusters": "a"}, "is 'a', str: expected list"),
        ("edition = (", {}, "cannot be read as a notebook: SyntaxError"),
    ],
)
def test_parameters_are_checked_against_the_notebook(source, values, message):
    with pytest.raises(RunError, match=message):
        check_parameters(write_notebook(source), "n.ipynb", values)


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("cluster: str", {"cluster": "NO"}),
        ("share = 0.5", {"share": 1}),
        ("anything = None", {"anything": [1]}),
        ("later = max(1, 2)", {"later": "x"}),
        ("'text'\nx = 1  # a number", {}),
    ],
)
def test_parameters_that_fit_are_accepted(source, values):
    check_parameters(write_notebook(source), "n.ipynb", values)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 1}', b"\xff{}"])
@pytest.mark.parametrize("read", [strip_notebook, partial(check_parameters, values={})])
def test_what_is_no_notebook_is_refused(text, read):
    with pytest.raises(RunError, match=r"n.ipynb cannot be read as a notebook"):
        read(text, where="n.ipynb")


def test_a_notebook_without_a_parameters_cell_is_refused():
    with pytest.raises(RunError, match="no cell tagged 'parameters'"):
        check_parameters(write_notebook("x = 1", tags=()), "n.ipynb", {})


def test_a_wrong_notebook_stops_the_run_before_anything_runs(study, instant):
    path = study / "notebooks/01_cluster_profile.ipynb"
    path.write_text(path.read_text().replace('cluster = \\"\\"', 'clustr = \\"\\"'))
    with pytest.raises(RunError, match=r"01_.*'cluster': did you mean 'clustr'"):
        run(study)
    assert instant.ran == []


def start_run(study, *, wait_for, env=None):
    """Start `giikit report` in a process of its own; wait until a file is there."""
    command = "import sys; from giikit.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "report", "--data", study / "data"],
        env=os.environ | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    deadline = time.monotonic() + 60
    while not wait_for.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert wait_for.exists()
    return process


def list_marked_processes(mark):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            zombie = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            if mark.encode() in (entry / "environ").read_bytes() and not zombie:
                found.append(entry.name)
    return found


def wait_for_no_process(mark):
    deadline = time.monotonic() + 20
    while list_marked_processes(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list_marked_processes(mark) == []


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


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGINT])
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
    wait_for = study / "reports/2024/beijing.html"
    while not wait_for.exists():
        time.sleep(0.02)
    assert len(list_marked_processes(mark)) >= 2
    process.send_signal(signum)
    output, _ = process.communicate(timeout=20)
    if signum == signal.SIGINT:
        assert output.decode() == "giikit: interrupted\n"
        assert process.returncode == 130
    wait_for_no_process(mark)
    (study / "notebooks/01_cluster_profile.ipynb").write_text(original)
    result = run(study)
    assert {r.name for r in result.reports if r.status != "up-to-date"} >= {
        "2024/qingdao"
    }
    assert read_reports(study) == read_reports(made[0])
    assert list_files(study / "reports") == list_files(made[0] / "reports")


def test_what_was_made_before_a_kill_is_not_made_again(study, instant, monkeypatch):
    def run_job(job, data, folder):
        if job.parameters.get("cluster") == "qingdao":
            raise KeyboardInterrupt
        return instant(job, data, folder)

    monkeypatch.setattr(reports, "run_job", run_job)
    with pytest.raises(KeyboardInterrupt):
        run(study, jobs=1)
    assert list_run(instant) == ["across-clusters", "beijing"]
    monkeypatch.setattr(reports, "run_job", instant)
    run(study)
    assert list_run(instant) == ["qingdao"]


def test_a_full_disk_is_told_and_leaves_the_old_files(study, instant, monkeypatch):
    run(study)
    before = read_reports(study)
    write_bytes = Path.write_bytes

    def fail(path, content):
        if path.parent.name == ".work":
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
def test_a_folder_that_cannot_be_written_to_is_told(study, instant, blocked):
    (study / blocked).parent.mkdir(exist_ok=True)
    (study / blocked).write_text("a file")
    with pytest.raises(RunError, match=r"cannot write to .*reports: .*--out"):
        run(study)


def test_a_second_run_waits_and_says_for_whom(study, instant, monkeypatch):
    told = []
    monkeypatch.setattr(reports, "_tell", told.append)
    order = []
    with reports.hold_folder(study / "reports", print):
        second = threading.Thread(target=lambda: order.append(run(study)))
        second.start()
        while not told:
            time.sleep(0.01)
        order.append("first")
    second.join()
    assert order[0] == "first"
    assert len(order[1].reports) == 3
    assert re.search(rf"waiting for another run .*process {os.getpid()} on ", told[0])


def test_leftovers_of_a_killed_run_are_removed(study, instant):
    work = study / "reports/.work"
    work.mkdir(parents=True)
    (work / "output").write_text("half")
    run(study)
    assert not work.exists()


def test_dask_workers_make_all_reports_though_one_is_killed(tmp_path):
    pytest.importorskip("distributed")
    study = make_study(tmp_path / "study")
    shutil.rmtree(study / "data/raw/2024")
    write_pages(study / "data/raw", make_clusters(7, 8))
    folder = tmp_path / "dask"
    folder.mkdir()

    def start(*arguments):
        command = [sys.executable, "-m", "distributed.cli." + arguments[0]]
        return subprocess.Popen(
            [*command, *arguments[1:], "--no-dashboard"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    address = folder / "scheduler.json"
    place = ("--scheduler-file", str(address))
    one = ("--nworkers", "1", "--nthreads", "1", "--no-nanny")
    processes = [start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", *place)]
    try:
        while not address.exists():
            time.sleep(0.1)
        processes += [start("dask_worker", *place, *one) for _ in range(2)]
        results = []
        target = json.loads(address.read_text())["address"]
        thread = threading.Thread(
            target=lambda: results.append(run(study, dask=target))
        )
        thread.start()
        while not list((study / "reports").glob("2024/*.html")):
            time.sleep(0.02)
        processes[1].kill()
        thread.join(timeout=300)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert len(results[0].reports) == 9
    assert {r.status for r in results[0].reports} == {"done"}
    kept = read_reports(study)
    again = run(study, results[0].reports[1].name.partition("/")[2], force=True)
    assert [r.status for r in again.reports] == ["done", "done"]
    assert read_reports(study) == kept
