import csv
import io
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from giikit.cli import main

ROOT = Path(__file__).parent.parent
RAW = ROOT / "tests/pages/real/data/raw"
ARGUMENTS = ROOT / "src" / "giikit" / "arguments.csv"
BEIJING = RAW / "2024" / "beijing.txt"


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.delenv("GIIKIT_DATA", raising=False)
    for path in RAW.rglob("*.txt"):
        copy = tmp_path / "data" / "raw" / path.relative_to(RAW)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def test_build_writes_the_tables(study, capsys):
    assert main(["build"]) == 0
    assert (study / "processed" / "clusters.csv").is_file()
    assert "2 of 2 pages" in capsys.readouterr().out


def test_build_goes_where_it_is_told(study, tmp_path):
    out = tmp_path / "else where"
    assert main(["build", "--raw", str(RAW), "--out", str(out)]) == 0
    assert (out / "datapackage.json").is_file()
    assert not (study / "processed").exists()


def test_a_page_that_is_no_profile_costs_status_1_and_one_line(study, capsys):
    (study / "raw" / "notes.txt").write_text("Remember the milk.\n")
    assert main(["build"]) == 1
    out = capsys.readouterr().out
    faults = [line for line in out.splitlines() if " error " in line and ":" in line]
    assert len([line for line in faults if line.startswith("notes.txt")]) == 1
    assert "not-a-profile" in out
    assert "2 of 3 pages" in out


def test_a_finding_is_printed_with_its_file_line_and_column(study, capsys):
    page = BEIJING.read_text(encoding="utf-8").replace("9,607\t", "96,07\t")
    (study / "raw" / "2024" / "beijing.txt").write_text(page, encoding="utf-8")
    assert main(["check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    (fault,) = [line for line in lines if "wrong-grouping" in line]
    place, text = fault.split(": error ")
    name, line, column = place.split(":")
    assert name == "2024/beijing.txt"
    assert page.splitlines()[int(line) - 1][int(column) - 1 :].startswith("96,07\t")
    assert text.startswith("wrong-grouping: documents: '96,07' is not grouped")


def test_strict_makes_warnings_count(study, capsys):
    page = BEIJING.read_text(encoding="utf-8")
    page = page.replace("3\tBEIJING BYTEDANCE NETWORK TECH.\t1,223\t3%\n", "")
    (study / "raw" / "2024" / "beijing.txt").write_text(page, encoding="utf-8")
    assert main(["check"]) == 0
    assert "warning" in capsys.readouterr().out
    assert main(["check", "--strict"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "bejing"], "near: beijing"),
        (["show", "beijing", "--edition", "1999"], "1999"),
        (["build", "--data", "nowhere"], "no data folder"),
        (["check", "absent.txt"], "no file absent.txt: expected the file of a saved"),
        (["check", "https://a.org/b"], "fetch the page with `giikit add` first"),
        (["check", "data/empty"], "no profile page below data/empty: expected saved"),
        (
            ["cite", "--edition", "1999"],
            "nothing of edition 1999 in the data: there is",
        ),
        (["report", "bejing"], "near: beijing"),
    ],
)
def test_wrong_usage_gives_status_2_and_one_clear_line(
    study, capsys, arguments, message
):
    (study / "empty").mkdir()
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert error.startswith("giikit: ")


def test_an_empty_raw_folder_gives_status_2(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    for command in ("build", "check", "report"):
        assert main([command]) == 2
        assert "no profile page below" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: COMMAND: `giikit --help` lists the commands"),
        (["--hlep"], "`giikit --help` lists the commands"),
        (["--strict", "bild"], "did you mean build?"),
        (["check", "--source"], "unrecognized arguments: --source\n"),
        (["bild"], "did you mean build?"),
        (["bild"], "check"),
        (["zzz"], "invalid choice: 'zzz'"),
        (["build", "--fast"], "unrecognized arguments: --fast"),
        (["show", "x", "--edtion", "2024"], "--edtion 2024; did you mean --edition?"),
        (["show", "x", "--edit", "2024"], "unrecognized arguments: --edit"),
        (["report", "--kernel", "hot"], "'hot'"),
        (["report", "--kernel", "wram"], "did you mean warm?"),
        (["report", "--jobs", "0"], "--jobs: '0' is not a positive whole number"),
        (["report", "--jobs", "all"], "--jobs: 'all' is not a positive whole number"),
    ],
)
def test_unknown_words_give_status_2(arguments, message, capsys):
    with pytest.raises(SystemExit) as exit_status:
        main(arguments)
    assert exit_status.value.code == 2
    error = capsys.readouterr().err
    assert "usage: giikit" in error
    assert message in error


def test_no_hint_names_an_option_for_a_value(capsys):
    with pytest.raises(SystemExit):
        main(["report", "--kernel", "nokernel"])
    assert "did you mean" not in capsys.readouterr().err


def test_every_declared_argument_is_one_that_its_command_explains(capsys):
    rows = csv.DictReader(ARGUMENTS.read_text(encoding="utf-8").splitlines())
    for row in rows:
        with pytest.raises(SystemExit):
            main([row["command"], "--help"])
        usage = " ".join(capsys.readouterr().out.split())
        assert (row["metavar"] or row["argument"]) in usage
        assert row["help"]
        assert row["help"] in usage


def test_a_new_study_has_its_data_in_itself(study, capsys):
    for arguments in (["--data", "data", "init", "new"], ["init", "new", "--data=x"]):
        assert main(arguments) == 2
        error = capsys.readouterr().err
        assert error.startswith("giikit: init takes no --data: ")
        assert error.endswith(f" {Path('new', 'data')}\n")
    assert not Path("new").exists()


def test_the_data_folder_is_named_before_or_after_the_command(study, tmp_path, capsys):
    other = tmp_path / "other"
    study.rename(other)
    assert main(["--data", str(other), "check"]) == 0
    assert main(["check", "--data", str(other)]) == 0
    assert main(["--data", "nowhere", "check", "--data", str(other)]) == 0
    assert main(["check"]) == 2
    assert "no data folder" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["init", "check", "add", "build --raw"])
def test_an_empty_argument_is_refused(study, capsys, command):
    before = sorted(study.parent.rglob("*"))
    with pytest.raises(SystemExit) as exit_status:
        main([*command.split(), ""])
    assert exit_status.value.code == 2
    assert "an argument is empty" in capsys.readouterr().err
    assert sorted(study.parent.rglob("*")) == before


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_check_names_a_file_whose_name_is_no_text(study, capsys):
    path = study / os.fsdecode(b"a\xff.txt")
    path.write_text("Remember the milk.")
    for arguments in ([str(path)], [str(study)]):
        assert main(["check", *arguments]) == 1
        assert "a\\xff.txt:1: error not-a-profile" in capsys.readouterr().out


def test_check_takes_folders(study, capsys):
    assert main(["check", str(study / "raw"), str(BEIJING)]) == 0
    assert "3 pages checked" in capsys.readouterr().out


def test_show_prints_the_page_as_it_was_read(study, capsys):
    assert main(["show", "beijing", "--source"]) == 0
    out = capsys.readouterr().out
    assert "BOE TECHNOLOGY" in out
    assert "2024/beijing.txt" in out


def test_a_warning_is_one_line_like_all_else(study, capsys):
    assert main(["build"]) == 0
    (study / "raw" / "2024" / "qingdao.txt").unlink()
    capsys.readouterr()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main(["show", "beijing"]) == 0
    error = capsys.readouterr().err
    assert error.startswith("giikit: the tables in ")
    assert error.endswith("run `giikit build`\n")
    assert error.count("\n") == 1


def test_options_stand_before_the_command_or_after_it(study, capsys):
    assert main(["show", "qingdao", "--edition", "2024"]) == 0
    after = capsys.readouterr().out
    assert main(["--edition", "2024", "show", "qingdao"]) == 0
    assert capsys.readouterr().out == after
    Path("check").mkdir()
    assert main(["--data", "check", "check"]) == 2
    assert f"{Path('check', 'raw')}: expected saved pages" in capsys.readouterr().err


def test_a_name_of_several_words_needs_no_quotes(study, capsys):
    assert main(["show", "san", "jose"]) == 2
    assert "no cluster 'san jose' among the 2; there are" in capsys.readouterr().err


def test_show_takes_a_name_as_printed_or_its_slug(study, capsys):
    assert main(["show", "Beijing"]) == 0
    by_name = capsys.readouterr().out
    assert main(["show", "beijing", "--edition", "2024"]) == 0
    assert capsys.readouterr().out == by_name
    assert "BOE TECHNOLOGY" in by_name


def test_check_reads_files_and_standard_input(study, capsys, monkeypatch):
    assert main(["check", "--json", str(BEIJING)]) == 0
    named = json.loads(capsys.readouterr().out)
    stdin = io.TextIOWrapper(io.BytesIO(BEIJING.read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["check", "--json", "-"]) == 0
    piped = json.loads(capsys.readouterr().out)
    assert [f["code"] for f in piped] == [f["code"] for f in named]
    assert {f["source"] for f in piped} == {"-"}
    assert {f["edition"] for f in named} == {2024}


def test_a_terminal_is_not_given_what_a_page_would_have_it_obey(study, capsys):
    page = BEIJING.read_text(encoding="utf-8") + "\n\x1b[31m stray line\n"
    (study / "raw" / "2024" / "beijing.txt").write_text(page, encoding="utf-8")
    main(["check"])
    assert "\x1b" not in capsys.readouterr().out


def test_an_interrupt_is_said_and_not_shown_as_a_traceback(study, capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("giikit.build.assemble", interrupt)
    assert main(["check"]) == 130
    assert "interrupted" in capsys.readouterr().err


def run_into(output):
    """Run a check whose standard output is a file; return its status and errors."""
    command = "import sys; from giikit.cli import main; sys.exit(main())"
    run = subprocess.run(
        [sys.executable, "-c", command, "check", BEIJING],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
    )
    return run.returncode, run.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_an_output_that_is_full_is_said_and_not_shown_as_a_traceback():
    with Path("/dev/full").open("w") as full:
        expected = 2, "giikit: [Errno 28] No space left on device\n"
        assert run_into(full) == expected


def test_a_reader_that_has_left_is_no_error():
    read, write = os.pipe()
    os.close(read)
    assert run_into(write) == (0, "")
    os.close(write)
