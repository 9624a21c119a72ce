"""Warm kernels against ordinary ones."""

import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import nbformat
import pytest
from processes import PATIENCE, list_processes, wait_for_no_process, wait_until
from sampling import sample

from giikit._warm import (
    Job,
    KernelError,
    KernelServer,
    can_fork,
    make_manager,
    run_job,
    server,
)
from giikit._warm.leaving import leaving_out
from giikit.build import build_dataset
from giikit.reports.making import MODULES

pytestmark = [
    pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux"),
    # asyncio on Python 3.11 warns of event loops that nbclient leaves to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "tests" / "notebooks"


SERVERS = {}


@pytest.fixture(scope="module", autouse=True)
def _end_servers():
    yield
    while SERVERS:
        SERVERS.popitem()[1].close()


def get_server(warm):
    """A server for all tests of this file, None for kernels without one."""
    if warm is not None and warm not in SERVERS:
        SERVERS[warm] = KernelServer(MODULES if warm else [], {})
    return SERVERS.get(warm)


def run_source(source, tmp_path, warm=True, env=None, **options):
    """Run cells as a report's notebook is run; a list has one text for each cell."""
    cells = [nbformat.v4.new_code_cell(text) for text in source]
    text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    job = Job(text, {}, **options)
    return run_job(job, get_server(warm), env or {}, tmp_path, tmp_path)


def run(name, tmp_path, **options):
    return execute(nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4), tmp_path, **options)


def execute(notebook, tmp_path, *, warm=True, env=None, **options):
    from nbclient import NotebookClient

    class Client(NotebookClient):
        async def _async_poll_output_msg(self, *about):
            await super()._async_poll_output_msg(*about)
            # As giikit's own client does, which says why.
            await self.kc.shell_channel.socket.poll(1)

    client = Client(
        notebook,
        km=make_manager(get_server(warm), tmp_path),
        shutdown_kernel="immediate",
        record_timing=False,
        **options,
    )
    client.execute(cleanup_kc=True, cwd=tmp_path, env={**os.environ, **(env or {})})
    return notebook


def read_texts(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def normalize_outputs(notebook):
    """Outputs as JSON, without what differs between two runs of one kernel too."""
    cells = []
    for cell in notebook.cells:
        merged = []
        for output in cell.get("outputs", []):
            # A stream arrives in pieces, cut where the kernel's timer cuts it.
            if merged and (output.output_type, output.get("name")) == (
                "stream",
                merged[-1].get("name"),
            ):
                merged[-1].text += output.text
            else:
                merged.append(output)
        cells.append([cell.get("execution_count"), merged])
    widgets = notebook.metadata.get("widgets", {})
    text = json.dumps([cells, widgets], indent=1)
    ids = dict.fromkeys(re.findall(r"\b[0-9a-f]{32}\b", text))
    for number, random_id in enumerate(ids):
        text = text.replace(random_id, f"id-{number}")
    return re.sub(r"ipykernel_\d+", "ipykernel_N", text)


def test_every_output_is_the_same_from_a_warm_and_from_an_ordinary_kernel(tmp_path):
    warm = run("every_output", tmp_path, env={"GIIKIT_DATA": "/d"})
    cold = run("every_output", tmp_path, env={"GIIKIT_DATA": "/d"}, warm=False)
    assert normalize_outputs(warm) == normalize_outputs(cold)
    kinds = {o.output_type for c in warm.cells for o in c.get("outputs", [])}
    assert kinds == {"stream", "display_data", "execute_result", "error"}
    assert normalize_outputs(warm).count('"image/png"') >= 6
    assert "widget-state+json" in json.dumps(warm.metadata)
    assert "GIIKIT_DATA" in normalize_outputs(warm)


def test_the_server_has_loaded_what_a_report_imports(tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / "01_cluster_profile.ipynb", 4)
    before = "import sys; loaded = set(sys.modules)"
    after = "print(*sorted(set(sys.modules) - loaded))"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(before))
    notebook.cells.append(nbformat.v4.new_code_cell(after))
    shutil.copytree(ROOT / "tests/pages/real/data/raw", tmp_path / "raw")
    build_dataset(tmp_path / "raw", tmp_path / "processed")
    execute(notebook, tmp_path, env={"GIIKIT_DATA": str(tmp_path)})
    imported = read_texts(notebook.cells[-1]).split()
    assert [name for name in imported if "matplotlib_inline" not in name] == []


@pytest.mark.parametrize("warm", [True, False])
def test_a_kernel_has_no_debugger_unless_the_notebook_loads_one(warm, tmp_path):
    source = [
        "import sys; print({'debugpy', 'pydevd', 'pandera'} & set(sys.modules))",
        "import debugpy; print(debugpy.__name__)",
    ]
    result = run_source(source, tmp_path, warm)
    cells = nbformat.reads(result.notebook, 4).cells
    assert [read_texts(cell) for cell in cells] == ["set()\n", "debugpy\n"]


def test_what_is_left_out_once_can_be_loaded_later(tmp_path, monkeypatch):
    (tmp_path / "grammar_of_old.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with leaving_out("grammar_of_old"), pytest.raises(ImportError):
        importlib.import_module("grammar_of_old")
    loaded = importlib.import_module("grammar_of_old")
    with leaving_out("grammar_of_old"):
        assert importlib.import_module("grammar_of_old") is loaded


def test_nothing_of_one_kernel_reaches_the_next(tmp_path):
    first, second = (run("spoiler", tmp_path) for _ in range(2))
    seen = [nb.cells[2].outputs[0].data["text/plain"] for nb in (first, second)]
    random = re.compile(r"'random': \([^)]*\)")
    assert random.sub("", seen[0]) == random.sub("", seen[1])
    assert random.search(seen[0])[0] != random.search(seen[1])[0]


@pytest.mark.parametrize("name", ["exits", "segfaults"])
def test_a_kernel_that_ends_is_noticed_and_the_next_one_starts(name, tmp_path, capfd):
    with pytest.raises(Exception, match="Kernel died"):
        run(name, tmp_path)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        run("fails", tmp_path)
    capfd.readouterr()


@pytest.mark.parametrize("warm", [True, False])
def test_a_cell_without_an_end_times_out(warm, tmp_path):
    with pytest.raises(
        Exception, match=r"(?s)timed out.*while True: {2}# no end"
    ) as info:
        run("never_ends", tmp_path, warm=warm, timeout=1)
    assert "after 1 seconds" in str(info.value)


def test_an_interrupted_cell_ends_and_the_rest_runs(tmp_path):
    notebook = run(
        "never_ends",
        tmp_path,
        timeout=1,
        interrupt_on_timeout=True,
        allow_error_names=["KeyboardInterrupt"],
    )
    assert notebook.cells[1].outputs[0].ename == "KeyboardInterrupt"
    assert read_texts(notebook.cells[2]) == "never run\n"


def test_kernels_and_what_they_started_end_with_a_killed_run(tmp_path):
    mark = f"GIIKIT_TEST_MARK={tmp_path.name}-{os.getpid()}"
    script = f"""
import asyncio
from pathlib import Path
from giikit._warm import KernelServer, make_manager

async def start():
    place = Path({str(tmp_path)!r})
    manager = make_manager(KernelServer(["giikit"], {{}}), place)
    await manager.start_kernel(cwd=place)
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    client.execute("import subprocess; subprocess.Popen(['sleep', '600'])")
    await client.get_shell_msg(timeout=60)
    print("ready", flush=True)
    await asyncio.sleep(600)

asyncio.run(start())
"""
    name, value = mark.split("=")
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env=os.environ | {name: value},
    ) as run_process:
        assert run_process.stdout.readline() == b"ready\n"
        # The run, the server, and the kernel's `sleep` (environ of a forked kernel
        # itself is that of the server).
        assert len(list_processes(mark)) >= 4
        run_process.send_signal(signal.SIGKILL)
    wait_for_no_process(mark)


# A process that leaves its parent, its group and its session, as daemons do.
DAEMON = """
import os, subprocess, sys, time
code = "import os, time; os.setsid(); os.fork() and os._exit(0); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True).wait()
subprocess.Popen(["sleep", "600"])
time.sleep(0.3)
"""


ENDINGS = ["", "os._exit(1)", "import ctypes; ctypes.string_at(0)"]


@pytest.mark.parametrize(
    ("ending", "warm"), sample(product(ENDINGS, [True, False]), every=2)
)
def test_whatever_a_notebook_started_ends_with_it(tmp_path, warm, ending):
    mark = f"GIIKIT_TEST_MARK={tmp_path}"
    env = dict([mark.split("=")])
    result = run_source([DAEMON, ending], tmp_path, warm, env)
    assert (result.failure is None) == (ending == "")
    assert list_processes(mark) == []


def test_without_a_server_a_group_ends_with_its_kernel(tmp_path):
    mark = f"GIIKIT_TEST_MARK={tmp_path}"
    source = "import subprocess; subprocess.Popen(['sleep', '600'])"
    env = dict([mark.split("=")])
    assert run_source([source], tmp_path, None, env).failure is None
    wait_for_no_process(mark)


@pytest.mark.parametrize("victim", ["server", "guard"])
def test_what_a_killed_server_leaves_is_ended_and_another_one_starts(tmp_path, victim):
    mark = f"GIIKIT_TEST_MARK={tmp_path}"
    own = KernelServer(["giikit"], dict([mark.split("=")]))
    try:
        guard = own._process.pid
        kernel = own.fork(
            argv=[sys.executable, "-c", "pass", "-f", "none"],
            env={**os.environ, **dict([mark.split("=")])},
            cwd="/",
        )
        children = Path(f"/proc/{guard}/task/{guard}/children").read_text().split()
        os.kill(guard if victim == "guard" else int(children[0]), signal.SIGKILL)
        own._process.wait()
        kernel.wait()
        wait_for_no_process(mark)
        SERVERS["again"] = own
        assert run_source(["1"], tmp_path, "again").failure is None
    finally:
        SERVERS.pop("again", own).close()


def test_a_closed_server_starts_no_kernel(tmp_path):
    own = KernelServer([], {})
    own.close()
    with pytest.raises(KernelError, match="no kernel could be started"):
        own.fork(argv=[], env={}, cwd="/")


def test_a_server_that_is_still_loading_ends_at_once(tmp_path):
    loading = tmp_path / "loading"
    code = f"import time; open({str(loading)!r}, 'w'); time.sleep({2 * PATIENCE})"
    (tmp_path / "slow_module.py").write_text(code)
    own = KernelServer(["slow_module"], {"PYTHONPATH": str(tmp_path)})
    assert wait_until(loading.exists)
    started = time.monotonic()
    own.close()
    assert time.monotonic() - started < PATIENCE


def test_a_server_that_cannot_start_kernels_is_told(monkeypatch):
    monkeypatch.setattr(server, "_START", "raise SystemExit(7)")
    own = KernelServer(["giikit"], {})
    own._process.wait()
    with pytest.raises(KernelError, match="their server ended, exit status"):
        own.fork(argv=[], env={}, cwd="/")
    own.close()


def test_a_limit_on_processes_is_told(monkeypatch):
    start = """
import errno, os, sys
sys.path.pop(0)
from giikit._warm import forkserver
fork = os.fork
def refuse():
    raise OSError(errno.EAGAIN, "")
def fork_once():
    os.fork = refuse
    return fork()
os.fork = fork_once
forkserver.serve_kernels(*sys.argv[1:])
"""
    monkeypatch.setattr(server, "_START", start)
    own = KernelServer([], {})
    try:
        with pytest.raises(KernelError, match="Resource temporarily unavailable"):
            own.fork(argv=[], env={}, cwd="/")
    finally:
        own.close()


def test_a_run_that_ends_in_the_middle_of_a_request_ends_the_server(capfd):
    own = KernelServer([], {})
    own.fork(argv=[sys.executable, "-c", ""], env={}, cwd="/").wait()  # it has loaded
    os.write(own._requests.fileno(), b"\0\0\1\0half of a request")
    own._requests.close()
    assert own._process.wait(timeout=60) == 0
    assert capfd.readouterr().err == ""


def test_kernels_need_no_network(tmp_path):
    manager = make_manager(get_server(True), tmp_path)
    assert (manager.transport, manager.ip[0]) == ("ipc", "@")


def test_nothing_that_a_kernel_prints_reaches_the_terminal(tmp_path, capfd):
    source = "import os; os.system('echo \\\\033[2J out; echo err >&2')"
    result = run_source([source, "import ctypes; ctypes.string_at(0)"], tmp_path)
    assert result.failure.message.startswith("the kernel died")
    assert capfd.readouterr() == ("", "")


def read_notebook(result):
    return nbformat.reads(result.notebook, 4)


def read_outputs(result):
    (cell,) = read_notebook(result).cells
    return "".join(o.get("text", "") for o in cell.outputs)


def test_a_very_long_word_is_read_in_no_time(tmp_path):
    result = run_source(["print('x' * 300_000)"], tmp_path, timeout=60)
    assert result.failure is None
    assert read_outputs(result) == "x" * 300_000 + "\n"


@pytest.mark.parametrize("count", sample([1000, 5000], every=2))
def test_no_flushed_line_is_lost(tmp_path, count):
    source = f"for i in range({count}): print(i, flush=True)"
    result = run_source([source], tmp_path)
    assert read_outputs(result) == "".join(f"{i}\n" for i in range(count))
    assert len(read_notebook(result).cells[0].outputs) == 1


@pytest.mark.parametrize(
    "source",
    [
        "for _ in range(50): print('x' * 1_000_000)",
        "print('x' * 50_000_000)",
        "from IPython.display import HTML, display\nprint('x')\n"
        "for _ in range(50): display(HTML('x' * 1_000_000))",
    ],
)
def test_output_beyond_the_limit_is_cut_and_says_so(tmp_path, source):
    result = run_source([source], tmp_path, output_limit=2_000_000)
    assert result.failure is None
    assert len(result.notebook) < 2_100_000
    line = "[output beyond 2,000,000 characters was cut]"
    assert read_outputs(result).splitlines()[-1] == line
    assert read_outputs(result).count(line) == 1


def test_cleared_output_does_not_count(tmp_path):
    source = (
        "from IPython.display import clear_output\n"
        "for i in range(30): clear_output(); print(i, 'x' * 100_000)"
    )
    result = run_source([source], tmp_path, output_limit=200_000)
    assert "cut" not in read_outputs(result)
    assert "29 x" in read_outputs(result)


def test_an_error_of_any_length_is_short_in_the_report(tmp_path):
    source = ["raise ValueError('x' * 3_000_000)"]
    result = run_source(source, tmp_path, output_limit=1_000_000)
    assert result.failure.name == "ValueError"
    assert len(result.failure.message) == 2_000
    assert len(result.notebook) < 1_000_000


@pytest.mark.parametrize(
    ("source", "cell"),
    [("1 / 0", 2), ("import os; os._exit(1)", 2), ("while True: pass", 2)],
)
def test_a_notebook_that_broke_off_says_so_at_its_top(tmp_path, source, cell):
    result = run_source(["1", source, "print('never')"], tmp_path, timeout=1)
    assert result.failure.cell == cell
    top, _, anchor, broken, last = read_notebook(result).cells
    assert f">In [{cell}]</a>" in top.source
    assert "encountered an exception here" in anchor.source
    assert any(result.failure.name in text for text in broken.outputs[-1].traceback)
    assert last.outputs == []


@pytest.mark.parametrize("last", ["print('went on')", "int('x')"])
def test_an_error_that_a_tag_allows_is_no_failure(tmp_path, last):
    allowed = nbformat.v4.new_code_cell(
        "1 / 0", metadata={"tags": ["raises-exception"]}
    )
    cells = [allowed, nbformat.v4.new_code_cell(last)]
    job = Job(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), {})
    result = run_job(job, get_server(True), {}, tmp_path, tmp_path)
    outputs = [c.outputs[0] for c in read_notebook(result).cells if "outputs" in c]
    assert outputs[0].ename == "ZeroDivisionError"
    if last == "int('x')":
        assert (result.failure.cell, result.failure.name) == (2, "ValueError")
    else:
        assert result.failure is None
        assert outputs[1].text == "went on\n"


def test_an_endless_print_ends_with_the_time_limit(tmp_path):
    source = ["while True: print('x' * 1000, flush=True)"]
    started = time.monotonic()
    result = run_source(source, tmp_path, timeout=1, output_limit=100_000)
    assert result.failure.message == "the cell ran longer than the time limit of 1 s"
    assert result.cell_seconds < 6
    assert time.monotonic() - started < PATIENCE
    assert len(result.notebook) < 110_000


GIVEN_UP = """
import sys
from pathlib import Path
import nbformat
from giikit._warm import Job, run_job
cell = nbformat.v4.new_code_cell("while True: print(1, flush=True)")
text = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
place = Path(sys.argv[1])
result = run_job(Job(text, {}, timeout=1), None, {}, place, place)
assert result.failure.name == "CellTimeoutError"
"""


def test_a_failure_is_told_even_if_no_output_tells_it(tmp_path):
    source = "raise ExceptionGroup('many', [ValueError()])"
    failure = run_source(["1", source], tmp_path).failure
    assert str(failure) == "cell [2]: ExceptionGroup: many (1 sub-exception)"


@pytest.mark.thorough
def test_no_reply_is_overlooked_while_widgets_are_sent_to(tmp_path, monkeypatch):
    monkeypatch.setattr("giikit._warm.execution._OWED", 5)
    source = """
import ipywidgets
with ipywidgets.Output():
    for i in range(5):
        print(i, flush=True)
"""
    assert run_source([source] * 150, tmp_path).failure is None


@pytest.mark.parametrize("warm", [True, None])
def test_a_reply_that_is_lost_is_not_waited_for(warm, tmp_path, monkeypatch):
    monkeypatch.setattr("giikit._warm.execution._OWED", 0.5)
    source = """
session = get_ipython().kernel.session
send = session.send
def lose(stream, kind, *rest, **options):
    lost = {"content": {"status": "ok"}}
    return lost if kind == "execute_reply" else send(stream, kind, *rest, **options)
session.send = lose
"""
    result = run_source(["print(1)", source, "1"], tmp_path, warm, timeout=20)
    assert str(result.failure).startswith("cell [2]: DeadKernelError: the kernel did")


@pytest.mark.thorough
def test_a_given_up_cell_leaves_no_pending_task(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", GIVEN_UP, tmp_path],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_notebook_runs_in_the_folder_that_it_is_given(tmp_path):
    folder = tmp_path / "a folder"
    folder.mkdir()
    text = nbformat.writes(
        nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell("import os; print(os.getcwd())")]
        )
    )
    for warm in (True, False, None):
        result = run_job(Job(text, {}), get_server(warm), {}, folder, tmp_path)
        assert read_outputs(result) == f"{folder}\n"


def test_each_kernel_ends_its_process_and_its_connection_file(tmp_path):
    with pytest.raises(Exception, match="ZeroDivisionError"):
        run("fails", tmp_path)
    assert list(tmp_path.iterdir()) == []
    guard = get_server(True)._process.pid
    forking = Path(f"/proc/{guard}/task/{guard}/children").read_text().strip()
    children = Path(f"/proc/{forking}/task/{forking}/children").read_text()
    assert children == ""
