import errno
import io
import json
import os
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest
from test_tables import read_csv

import giikit
from giikit import build, files
from giikit.build import assemble, build_dataset, find_data_dir, load_dataset
from giikit.errors import GiikitError, RunError
from giikit.tables import TABLES

ROOT = Path(__file__).parent.parent
RAW = ROOT / "tests/pages/real/data/raw"


@pytest.fixture
def data(study):
    """A data folder of its own: the two real pages, the ranking, and their tables."""
    return study / "data"


def read_folder(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name[0] != "."}


def test_a_build_holds_both_clusters_in_all_their_tables(data):
    ds = load_dataset(data)
    assert list(ds.clusters["cluster_id"]) == ["beijing", "qingdao"]
    assert list(ds.clusters["pct_per_million"]) == [2189, 1742]
    assert len(ds.organizations) == len(ds.collaborations) == 12
    assert set(ds.sources["source"]) >= {"2024/beijing.txt", "2024/qingdao.txt"}
    assert not (ds.findings["severity"] == "error").any()


def test_the_same_pages_give_the_same_bytes_and_loading_gives_back_what_was_built(
    data, tmp_path
):
    again = build_dataset(data / "raw", tmp_path / "again")
    assert read_folder(tmp_path / "again") == read_folder(data / "processed")
    loaded = load_dataset(data)
    for name, table in again.items():
        pd.testing.assert_frame_equal(getattr(loaded, name), table)
        path = data / "processed" / f"{name}.csv"
        pd.testing.assert_frame_equal(read_csv(name, path), table)


def test_a_study_that_was_never_built_is_read_on_the_spot(data):
    built = load_dataset(data)
    shutil.rmtree(data / "processed")
    for name, table in load_dataset(data).items():
        pd.testing.assert_frame_equal(table, getattr(built, name))
    assert not (data / "processed").exists()


OLD = r"are not those of the pages as they are now: .*run `giikit build`"


def edit_page(data, old="PEKING UNIVERSITY", new="PEKING UNIVERSITÄT"):
    path = data / "raw/2024/beijing.txt"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def lose_a_table(data, monkeypatch):
    (data / "processed/clusters.parquet").unlink()


def mix_tables(data, monkeypatch):
    path = data / "processed/clusters.csv"
    path.write_text(path.read_text("utf-8").replace("2189", "2188"), encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda data, _: edit_page(data),
        lambda data, _: (data / "raw/2024/qingdao.txt").unlink(),
        lambda data, _: (data / "corrections.csv").write_text("edition\n"),
        lambda _, monkeypatch: monkeypatch.setattr(files, "hash_code", lambda: "new"),
        lose_a_table,
        mix_tables,
    ],
)
def test_old_or_mixed_tables_are_never_loaded(data, monkeypatch, change):
    load_dataset(data)  # a warning would be an error
    change(data, monkeypatch)
    now = assemble(data / "raw")
    monkeypatch.setattr(build, "assemble", lambda raw: now)
    with pytest.warns(UserWarning, match=OLD):
        loaded = load_dataset(data)
    load_dataset(data)  # warned of once: a second warning would be an error
    for name, table in loaded.items():
        pd.testing.assert_frame_equal(table, getattr(now, name))


def test_an_edit_that_keeps_size_and_time_is_seen(data, monkeypatch):
    # As if the pages had lain there for a while: their times are trusted.
    monkeypatch.setattr(files, "time_ns", lambda: time.time_ns() + 10**10)
    build_dataset(data / "raw", data / "processed")
    path = data / "raw/2024/beijing.txt"
    stat = path.stat()
    edit_page(data, "PEKING UNIVERSITY", "PEKING university")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size
    with pytest.warns(UserWarning, match=OLD):
        organizations = load_dataset(data).organizations
    assert "PEKING university" in set(organizations["organization"])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: (data / "raw/2024/beijing.txt").touch(),
        lambda data: (data / "raw/.DS_Store").touch(),
        lambda data: (data / "own.csv").touch(),
        lambda data: (data / "processed/.copy").touch() or edit_page(data),
    ],
)
def test_tables_that_are_not_old_are_loaded(data, change, monkeypatch):
    change(data)
    monkeypatch.setattr(build, "assemble", lambda raw: pytest.fail("pages were read"))
    load_dataset(data)


def test_pages_that_lie_untouched_are_not_read_to_load_tables(data, monkeypatch):
    monkeypatch.setattr(files, "time_ns", lambda: time.time_ns() + 10**10)
    build_dataset(data / "raw", data / "processed")
    hash_file, hashed = files.hash_file, []
    monkeypatch.setattr(
        files, "hash_file", lambda path: hashed.append(path) or hash_file(path)
    )
    load_dataset(data)
    assert [path for path in hashed if "raw" in path.parts] == []


def test_a_page_that_is_no_profile_is_reported_and_the_others_are_built(data):
    (data / "raw" / "2024" / "notes.txt").write_text("Remember the milk.\n")
    ds = build_dataset(data / "raw", data / "processed")
    assert len(ds.clusters) == 2
    faults = ds.findings[ds.findings["severity"] == "error"]
    assert list(faults["code"]) == ["not-a-profile"]
    assert list(faults["source"]) == ["2024/notes.txt"]
    assert "2024/notes.txt" in set(ds.sources["source"])


def test_an_unreadable_file_is_still_a_source(data):
    (data / "raw" / "broken.txt").write_bytes(b"\0\0\0")
    ds = assemble(data / "raw")
    row = ds.sources.set_index("source").loc["broken.txt"]
    assert row["bytes"] == 3
    assert row["format"] == "unknown"


def test_a_raw_folder_without_pages_is_an_error(data, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(GiikitError, match=r"no profile page below .*empty"):
        build_dataset(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(GiikitError, match=r"no profile page below .*absent"):
        build_dataset(tmp_path / "absent", tmp_path / "out")


def test_the_data_folder_is_found_from_below(data, monkeypatch):
    monkeypatch.delenv("GIIKIT_DATA", raising=False)
    below = data.parent / "notebooks" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find_data_dir() == data
    assert find_data_dir("") == data


def test_the_data_folder_can_be_named(data, tmp_path, monkeypatch):
    monkeypatch.setenv("GIIKIT_DATA", str(data))
    monkeypatch.chdir(tmp_path.parent)
    assert find_data_dir() == data
    with pytest.raises(GiikitError, match=r"no data folder .*gone: expected a folder"):
        find_data_dir(tmp_path / "gone")
    monkeypatch.setenv("GIIKIT_DATA", str(tmp_path / "lost"))
    with pytest.raises(GiikitError, match="named by GIIKIT_DATA"):
        find_data_dir()


def test_no_data_folder_anywhere_is_an_error(tmp_path, monkeypatch):
    monkeypatch.delenv("GIIKIT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GiikitError, match=r"no data folder in .* or above it"):
        find_data_dir()


def test_the_data_package_describes_the_files(data):
    package = json.loads((data / "processed" / "datapackage.json").read_text())
    assert [r["name"].replace("-", "_") for r in package["resources"]] == list(TABLES)
    for resource in package["resources"]:
        path = data / "processed" / resource["path"]
        assert resource["bytes"] == path.stat().st_size
        header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert header == [f["name"] for f in resource["schema"]["fields"]]
    fields = {f["name"]: f for f in package["resources"][0]["schema"]["fields"]}
    assert fields["size_rank"]["type"] == "integer"
    assert fields["size_rank"]["constraints"] == {"minimum": 1}
    assert package["resources"][0]["schema"]["primaryKey"] == ["edition", "cluster_id"]


def test_names_that_look_like_missing_values_survive(data):
    page = (RAW / "2024" / "qingdao.txt").read_text(encoding="utf-8")
    page = page.replace("QINGDAO HAIER WASHING MACHINE", "NA")
    (data / "raw" / "2024" / "qingdao.txt").write_text(page, encoding="utf-8")
    build_dataset(data / "raw", data / "processed")
    assert "NA" in set(load_dataset(data).organizations["organization"])
    path = data / "processed" / "organizations.csv"
    assert "NA" in set(read_csv("organizations", path)["organization"])


def test_what_a_killed_build_left_is_cleared_by_the_next(data):
    processed = data / "processed"
    (processed / ".new").mkdir()
    (processed / ".new" / "strange.csv").write_text("half")
    build_dataset(data / "raw", processed)
    assert set(read_folder(processed)) == {
        "datapackage.json",
        *(f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")),
    }


def test_a_full_disk_leaves_all_the_old_tables(data, monkeypatch):
    processed = data / "processed"
    before = read_folder(processed)
    (data / "raw" / "2024" / "qingdao.txt").unlink()
    to_parquet = pd.DataFrame.to_parquet

    def fail_at_the_last(table, path, **options):
        if path.stem == "findings":
            path.write_text("half")
            # As pyarrow words it.
            raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: ...")
        to_parquet(table, path, **options)

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail_at_the_last)
    message = r"cannot write to .*processed: No space left on device; .*another folder"
    with pytest.raises(RunError, match=message):
        build_dataset(data / "raw", processed)
    assert read_folder(processed) == before


@pytest.mark.parametrize("blocked", ["processed", "processed/.lock"])
def test_a_folder_for_tables_that_cannot_be_written_to_is_told(data, blocked):
    shutil.rmtree(data / "processed")
    (data / blocked).parent.mkdir(exist_ok=True)
    if blocked == "processed":
        (data / blocked).write_text("a file")
    else:
        (data / blocked).mkdir()
    with pytest.raises(RunError, match=r"cannot write to .*processed: "):
        build_dataset(data / "raw", data / "processed")


def test_a_dataset_shows_what_it_holds(data):
    text = repr(load_dataset(data))
    assert text.startswith("<giikit.Dataset: editions 2024>")
    assert "organizations" in text


def test_the_public_functions_are_those_of_the_modules():
    assert giikit.load_dataset is load_dataset
    assert giikit.build_dataset is build_dataset


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("patience", "told"), [(0.0, True), (60.0, False)])
def test_whoever_waits_for_a_build_sees_how_far_it_is(
    data, monkeypatch, patience, told
):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(build, "_PATIENCE", patience)
    build_dataset(data / "raw", data / "processed")
    assert ("reading" in terminal.getvalue()) == told
