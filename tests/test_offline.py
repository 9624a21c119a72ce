"""No command but ``add`` opens a connection beyond the machine's own loopback."""

import json
import os
import re
import subprocess
import sys

import pytest

from giikit.cli import main
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
    "report": ["beijing", "--notebook", "cluster-profile"],
    "add": ["http://192.0.2.1/beijing"],
}
# One process for all of them: each would load the same libraries.
RUN = """
import json, os, sys
from giikit.cli import main
statuses = {}
for command, arguments in json.loads(sys.argv[1]).items():
    os.environ["WATCHED"] = os.path.abspath(f"{command}.log")
    statuses[command] = main([command, *arguments])
json.dump(statuses, open("statuses.json", "w"))
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """What every command ended with, and the hosts that it asked for."""
    folder = tmp_path_factory.mktemp("watched")
    init_study(folder)
    (folder / "sitecustomize.py").write_text(WATCH)
    proxies = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "GIIKIT_DATA")
    environment = {k: v for k, v in os.environ.items() if k not in proxies}
    subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(COMMANDS)],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(folder)},
        check=True,
    )
    statuses = json.loads((folder / "statuses.json").read_text())
    logs = {command: folder / f"{command}.log" for command in COMMANDS}
    hosts = {c: log.read_text() if log.exists() else "" for c, log in logs.items()}
    return statuses, hosts


def test_every_command_is_watched(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    names = re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.M)
    assert names
    assert set(names) == set(COMMANDS)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "add"])
def test_a_command_connects_to_nothing(watched, command):
    statuses, hosts = watched
    assert hosts[command] == ""
    assert statuses[command] == 0


def test_the_watch_sees_what_adding_an_address_asks_for(watched):
    statuses, hosts = watched
    assert statuses["add"] == 2
    assert "192.0.2.1" in hosts["add"]
