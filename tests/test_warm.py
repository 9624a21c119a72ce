"""Warm kernels against ordinary ones."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from giikit._warm import Preload, can_fork, kernels
from giikit.build import build_dataset
from giikit.reports.rehearsal import PRELOAD

pytestmark = [
    pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux"),
    # asyncio on Python 3.11 warns of event loops that nbclient leaves to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "tests" / "notebooks"


@pytest.fixture(scope="module", autouse=True)
def _server():
    yield
    kernels.stop_kernels()


def run(name, tmp_path, **options):
    return execute(nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4), tmp_path, **options)


def execute(notebook, tmp_path, *, warm=True, env=None, **options):
    from nbclient import NotebookClient

    manager = kernels.make_manager_class(tmp_path, env or {}, PRELOAD if warm else None)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=manager,
        shutdown_kernel="immediate",
        record_timing=False,
        **options,
    )
    client.execute()
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
    build_dataset(ROOT / "tests/pages/real/data/raw", tmp_path / "processed")
    execute(notebook, tmp_path, env={"GIIKIT_DATA": str(tmp_path)})
    imported = read_texts(notebook.cells[-1]).split()
    assert [name for name in imported if "matplotlib_inline" not in name] == []


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


def list_processes(mark):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environ = (entry / "environ").read_bytes()
            # A zombie has no memory left, only an entry that init will collect.
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if mark.encode() in environ and state != "Z":
            found.append(int(entry.name))
    return found


def test_kernels_and_what_they_started_end_with_a_killed_run(tmp_path):
    mark = f"GIIKIT_TEST_MARK={tmp_path.name}-{os.getpid()}"
    script = f"""
import asyncio
from pathlib import Path
from giikit._warm import Preload, can_fork, kernels

async def start():
    manager = kernels.make_manager_class(Path({str(tmp_path)!r}), {{}}, Preload())()
    await manager.start_kernel()
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
    deadline = time.monotonic() + 20
    while list_processes(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list_processes(mark) == []


def test_a_server_that_has_ended_is_started_again(tmp_path):
    first = kernels.start_server(PRELOAD)
    assert kernels.start_server(PRELOAD) is first
    first.process.kill()
    first.process.wait()
    assert kernels.start_server(PRELOAD) is not first
    with pytest.raises(Exception, match="ZeroDivisionError"):
        run("fails", tmp_path)


def test_a_server_that_cannot_start_kernels_is_told(monkeypatch):
    monkeypatch.setattr(kernels, "_START", "raise SystemExit(7)")
    kernels.stop_kernels()
    try:
        with pytest.raises(
            kernels.KernelError, match="no warm kernel could be started"
        ):
            kernels.start_server(PRELOAD).fork(argv=[], env={}, cwd="/")
    finally:
        kernels.stop_kernels()


def test_a_run_that_ends_in_the_middle_of_a_request_ends_the_server(capfd):
    server = kernels._Server(Preload())
    status, theirs = os.pipe()
    socket.send_fds(server.socket, [kernels.NUMBER.pack(100), b'{"argv'], [theirs])
    server.socket.close()
    assert server.process.wait(timeout=60) == 0
    os.close(theirs)
    assert os.read(status, 1) == b""  # no kernel was forked
    os.close(status)
    assert capfd.readouterr().err == ""


def test_each_kernel_ends_its_process_and_its_connection_file(tmp_path):
    with pytest.raises(Exception, match="ZeroDivisionError"):
        run("fails", tmp_path)
    assert list(tmp_path.iterdir()) == []
    server = kernels.start_server(PRELOAD).process.pid
    children = Path(f"/proc/{server}/task/{server}/children").read_text()
    assert children == ""
