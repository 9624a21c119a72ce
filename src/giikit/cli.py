"""The command line: arguments in, library calls, exit status out.

arguments.csv declares the arguments of each command in argparse's own words.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import giikit
from giikit import study, tables
from giikit.errors import GiikitError, PageError
from giikit.files import find_data_dir
from giikit.model import format_text
from giikit.pages import MOST_BYTES, check_path, list_pages
from giikit.vocabulary import make_printable, read_rows

_ARGUMENTS = read_rows("arguments.csv")
_DESCRIPTION = "Tidy data and reproducible reports from WIPO's cluster profile pages."
_STATUS = (
    "exit status: 0; 1 with error findings (report: with failed notebooks); "
    "2 for wrong usage, or where nothing can be read or written"
)


class _Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, and suggests what may have been meant."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options | {"allow_abbrev": False})
        # What arguments.csv calls the types of arguments.
        self.register("type", "whole", _read_whole)
        self.register("type", "decimal", float)

    def error(self, message: str) -> NoReturn:
        found = re.search(r"(?:choice: '|arguments: )([^\s']+)", message)
        choices = re.findall(r"[\w-]+", message.partition("(choose from ")[2])
        known = choices or sorted(self._option_string_actions)
        near = get_close_matches(found[1], known, 1, 0.7) if found else []
        hint = f"; did you mean {near[0]}?" if near else ""
        if message.endswith("COMMAND"):
            hint = ": `giikit --help` lists the commands"
        super().error(message + hint)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser, given = _make_parser(), sys.argv[1:] if arguments is None else arguments
    if "" in given:
        parser.error("an argument is empty: a variable may not be set")
    options, unknown = parser.parse_known_args(_put_command_first(given))
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    run: Callable[[argparse.Namespace], int] = options.run
    del options.run, options.parser
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: _complain(message)
            status = run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    except (GiikitError, OSError) as error:
        if isinstance(error, OSError):
            # What cannot be printed goes nowhere, or Python complains again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader (head, say) has left
            return 0
        _complain(error)
        return 2
    return status


def _put_command_first(given: Sequence[str]) -> list[str]:
    """Put options that stand before the command behind it: all of them are its own."""
    valued = {r["argument"] for r in _ARGUMENTS if r["action"] != "store_true"}
    valued.add("--data")
    for at, word in enumerate(given):
        if not (word.startswith("-") or (at and given[at - 1] in valued)):
            return [word, *given[:at], *given[at + 1 :]]
    return list(given)


def _complain(error: object) -> None:
    print(f"giikit: {make_printable(str(error))}", file=sys.stderr)


def _make_parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument("--version", action="version", version=version("giikit"))
    where = "the data folder (else GIIKIT_DATA, else found)"
    common.add_argument("--data", metavar="DIR", help=where)
    about: dict[str, Any] = {"epilog": _STATUS, "parents": [common]}
    parser = _Parser("giikit", description=_DESCRIPTION, **about)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for run in (_init, _add, _build, _check, _show, _cite, _report):
        name, says = run.__name__.removeprefix("_"), run.__doc__
        command = commands.add_parser(name, help=says, description=says, **about)
        command.set_defaults(run=run, parser=command)
        for row in _ARGUMENTS:
            given: dict[str, Any] = {key: text for key, text in row.items() if text}
            if choices := given.get("choices"):
                given["choices"] = choices.split("|")
            if given.pop("command") == name:
                command.add_argument(given.pop("argument"), **given)
    return parser


def _read_whole(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        message = f"{text!r} is not a positive whole number"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _list_given(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options that were given a value, or have one of their own."""
    return {name: v for name, v in vars(options).items() if v is not None}


def _init(options: argparse.Namespace) -> int:
    """Write a study folder: notebooks, example pages."""
    if options.data:
        message = (
            f"init takes no --data: the pages of the new study belong into its own "
            f"folder, {Path(options.folder, 'data')}"
        )
        raise GiikitError(message)
    for path in study.init_study(options.folder, update=options.update):
        print(make_printable(f"wrote {path}"))
    print(make_printable(f"{options.folder}: its README.md says what to do next"))
    return 0


def _add(options: argparse.Namespace) -> int:
    """Read pages and rankings, and put them into data/raw."""
    status = 0
    for added in study.add_sources(**_list_given(options)):
        if isinstance(added, GiikitError):
            _complain(added)
            status = max(status, 1 if isinstance(added, PageError) else 2)
            continue
        says = "already there as" if added.status == "same" else added.status
        print(make_printable(f"{says} {added.path}"))
        for finding in added.findings:
            if finding.severity != "info":
                print(_format_finding(finding._asdict()))
    return status


def _build(options: argparse.Namespace) -> int:
    """Read the pages in data/raw into data/processed."""
    raw = options.raw or find_data_dir(options.data) / "raw"
    out = options.out or find_data_dir(options.data) / "processed"
    ds = giikit.build_dataset(raw, out, xlsx=options.xlsx)
    _print_findings(ds)
    print(f"{len(ds.clusters)} of {_count_pages(ds)} pages in {out}")
    return _grade(ds, strict=options.strict)


def _check(options: argparse.Namespace) -> int:
    """Show what cannot be true or read on the pages."""
    from giikit.build import assemble, assemble_files

    if options.files:
        with TemporaryDirectory() as folder:
            ds = assemble_files(_list_pages(options.files, Path(folder)))
    else:
        ds = assemble(find_data_dir(options.data) / "raw")
    if options.json:
        print(json.dumps(tables.list_rows(ds.findings), ensure_ascii=False, indent=2))
    else:
        _print_findings(ds)
        pages = _count_pages(ds)
        print(f"{pages} page{'s' * (pages != 1)} checked")
    return _grade(ds, strict=options.strict)


def _list_pages(names: Sequence[str], folder: Path) -> Iterator[tuple[Path, str]]:
    """Return the path and name of each page; what stdin holds goes into ``folder``."""
    for name in names:
        path = folder / "stdin" if name == "-" else Path(name)
        if name == "-":
            path.write_bytes(sys.stdin.buffer.read(MOST_BYTES + 1))
        folders = list_pages(path) if path.is_dir() else []
        for page in folders or [check_path(path)]:
            shown = os.fsencode(page if folders else name)
            yield page, shown.decode("utf-8", "backslashreplace")


def _show(options: argparse.Namespace) -> int:
    """Show one profile."""
    ds = giikit.load_dataset(options.data)
    name, edition = " ".join(options.cluster), options.edition or 0
    profile = giikit.select_profile(ds, name, edition)
    source = options.source and giikit.show_source(profile, ds, data=options.data)
    print(source or format_text(profile))
    return 0


def _cite(options: argparse.Namespace) -> int:
    """Say how to cite the editions in the data, and giikit."""
    print(giikit.cite(options.edition or 0, data=options.data))
    return 0


def _report(options: argparse.Namespace) -> int:
    """Build, run the notebooks, write reports/."""
    given = [text.partition("=") for text in options.parameters or []]
    if unclear := [name for name, sign, _ in given if not sign]:
        message = f"--parameter {unclear[0]} has no value: expected NAME=VALUE"
        raise GiikitError(message)
    options.parameters = {name: value for name, _, value in given}
    run = giikit.run_reports(**_list_given(options))
    print(run)
    return 1 if run.failed else 0


def _count_pages(ds: tables.Dataset) -> int:
    return int((ds.sources["format"] != "csv").sum())


def _grade(ds: tables.Dataset, *, strict: bool) -> int:
    """Return 1 if a finding is grave enough, else 0."""
    grave = ["error", "warning"] if strict else ["error"]
    return int(ds.findings["severity"].isin(grave).any())


def _print_findings(ds: tables.Dataset) -> None:
    """Print findings a line each, and their number by severity."""
    for finding in tables.list_rows(ds.findings):
        print(_format_finding(finding))
    counts = ds.findings["severity"].value_counts()
    print(", ".join(f"{counts.get(s, 0)} {s}" for s in ("error", "warning", "info")))


def _format_finding(finding: dict[str, Any]) -> str:
    """Return a finding as compilers write theirs: place, severity, what was found."""
    column = None if finding["start"] is None else finding["start"] + 1
    place = [finding["source"] or "", finding["line"], column]
    where = ":".join(str(part) for part in place if part is not None)
    return make_printable("{0}: {severity} {code}: {message}".format(where, **finding))
