"""No command but ``add`` opens a connection beyond the machine's own loopback."""

import os
import subprocess
import sys

import pytest

from giikit.cli import _make_parser
from giikit.study import init_study

# Loaded by every Python that a command starts, kernels too.
WATCH = """
import os, sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        host = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments
    else:
        return
    if isinstance(host, tuple):
        host = host[0]
        if host not in (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0"):
            with open(os.environ["WATCHED"], "a") as log:
                log.write(f"{event} {host}\\n")
            raise OSError(f"no connections here: {host}")

sys.addaudithook(watch)
"""
COMMANDS = {
    "init": ["new study"],
    "build": ["--xlsx"],
    "check": [],
    "show": ["beijing", "--source"],
    "cite": [],
    "report": ["beijing", "--jobs", "2"],
}


def run(folder, arguments):
    """Run a command under watch; return its status and the hosts it asked for."""
    watch = folder / "watch"
    watch.mkdir(exist_ok=True)
    (watch / "sitecustomize.py").write_text(WATCH)
    log = watch / "log"
    log.write_text("")
    environment = os.environ | {"PYTHONPATH": str(watch), "WATCHED": str(log)}
    for name in ("GIIKIT_DATA", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        environment.pop(name, None)
    code = "import sys; from giikit.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True
    )
    return done.returncode, log.read_text(), done.stdout + done.stderr


def test_every_command_is_watched():
    (commands,) = [a for a in _make_parser()._actions if isinstance(a.choices, dict)]
    assert set(commands.choices) == {*COMMANDS, "add"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_connects_to_nothing(tmp_path, command):
    init_study(tmp_path)
    status, hosts, output = run(tmp_path, [command, *COMMANDS[command]])
    assert hosts == ""
    assert status == 0, output


def test_the_watch_sees_what_adding_an_address_asks_for(tmp_path):
    init_study(tmp_path)
    status, hosts, _ = run(tmp_path, ["add", "http://192.0.2.1/beijing"])
    assert status == 2
    assert "192.0.2.1" in hosts
