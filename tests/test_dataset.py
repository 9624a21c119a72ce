import errno
import io
import json
import os
import time
import warnings
from pathlib import Path

import pandas as pd
import pytest
from test_tables import read_csv

import giikit
from giikit import build, files
from giikit.build import assemble, build_dataset, find_data_dir, load_dataset
from giikit.errors import GiikitError, RunError
from giikit.tables import SCHEMAS

ROOT = Path(__file__).parent.parent
RAW = ROOT / "tests/pages/real/data/raw"


@pytest.fixture
def study(tmp_path):
    """A data folder of its own, with the two real pages and the ranking."""
    for path in RAW.rglob("*"):
        if path.is_file():
            copy = tmp_path / "data" / "raw" / path.relative_to(RAW)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path / "data"


def read_folder(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name[0] != "."}


def test_a_build_holds_both_clusters_in_all_their_tables(study):
    ds = build_dataset(study / "raw", study / "processed")
    assert list(ds.clusters["cluster_id"]) == ["beijing", "qingdao"]
    assert list(ds.clusters["pct_per_million"]) == [2189, 1742]
    assert len(ds.organizations) == len(ds.collaborations) == 12
    assert set(ds.sources["source"]) >= {"2024/beijing.txt", "2024/qingdao.txt"}
    assert not (ds.findings["severity"] == "error").any()


def test_the_same_pages_give_the_same_bytes(study, tmp_path):
    build_dataset(study / "raw", tmp_path / "one")
    build_dataset(study / "raw", tmp_path / "two")
    assert read_folder(tmp_path / "one") == read_folder(tmp_path / "two")


def test_loading_gives_back_what_was_built(study):
    built = build_dataset(study / "raw", study / "processed")
    loaded = load_dataset(study)
    for name, table in built.items():
        pd.testing.assert_frame_equal(getattr(loaded, name), table)
        path = study / "processed" / f"{name}.csv"
        pd.testing.assert_frame_equal(read_csv(name, path), table)


def test_a_study_that_was_never_built_is_read_on_the_spot(study):
    pd.testing.assert_frame_equal(
        load_dataset(study).clusters, assemble(study / "raw").clusters
    )
    assert not (study / "processed").exists()


OLD = r"are not those of the pages as they are now: .*run `giikit build`"


def edit_page(study, old="PEKING UNIVERSITY", new="PEKING UNIVERSITÄT"):
    path = study / "raw/2024/beijing.txt"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def lose_a_table(study, monkeypatch):
    (study / "processed/clusters.parquet").unlink()


def mix_tables(study, monkeypatch):
    path = study / "processed/clusters.csv"
    path.write_text(path.read_text("utf-8").replace("2189", "2188"), encoding="utf-8")


def edit_in_secret(study, monkeypatch):
    path = study / "raw/2024/beijing.txt"
    stat = path.stat()
    edit_page(study, "PEKING UNIVERSITY", "PEKING university")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size


@pytest.mark.parametrize(
    "change",
    [
        lambda study, _: edit_page(study),
        lambda study, _: (study / "raw/2024/qingdao.txt").unlink(),
        lambda study, _: (study / "corrections.csv").write_text("edition\n"),
        lambda _, monkeypatch: monkeypatch.setattr(files, "hash_code", lambda: "new"),
        edit_in_secret,
        lose_a_table,
        mix_tables,
    ],
)
def test_old_or_mixed_tables_are_never_loaded(study, monkeypatch, change):
    # As if the pages had lain there for a while: their times are trusted.
    monkeypatch.setattr(files, "time_ns", lambda: time.time_ns() + 10**10)
    build_dataset(study / "raw", study / "processed")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_dataset(study)
    change(study, monkeypatch)
    with pytest.warns(UserWarning, match=OLD):
        loaded = load_dataset(study)
    load_dataset(study)  # warned of once: a second warning would be an error
    for (_, table), (_, again) in zip(
        loaded.items(), assemble(study / "raw").items(), strict=True
    ):
        pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize(
    "change",
    [
        lambda study: (study / "raw/2024/beijing.txt").touch(),
        lambda study: (study / "raw/.DS_Store").touch(),
        lambda study: (study / "own.csv").touch(),
        lambda study: (study / "processed/.copy").touch() or edit_page(study),
    ],
)
def test_tables_that_are_not_old_are_loaded(study, change, monkeypatch):
    build_dataset(study / "raw", study / "processed")
    change(study)
    monkeypatch.setattr(build, "assemble", lambda raw: pytest.fail("pages were read"))
    load_dataset(study)


def test_pages_that_lie_untouched_are_not_read_to_load_tables(study, monkeypatch):
    monkeypatch.setattr(files, "time_ns", lambda: time.time_ns() + 10**10)
    build_dataset(study / "raw", study / "processed")
    hash_file, hashed = files.hash_file, []
    monkeypatch.setattr(
        files, "hash_file", lambda path: hashed.append(path) or hash_file(path)
    )
    load_dataset(study)
    assert [path for path in hashed if "raw" in path.parts] == []


def test_a_page_that_is_no_profile_is_reported_and_the_others_are_built(study):
    (study / "raw" / "2024" / "notes.txt").write_text("Remember the milk.\n")
    ds = build_dataset(study / "raw", study / "processed")
    assert len(ds.clusters) == 2
    faults = ds.findings[ds.findings["severity"] == "error"]
    assert list(faults["code"]) == ["not-a-profile"]
    assert list(faults["source"]) == ["2024/notes.txt"]
    assert "2024/notes.txt" in set(ds.sources["source"])


def test_an_unreadable_file_is_still_a_source(study):
    (study / "raw" / "broken.txt").write_bytes(b"\0\0\0")
    ds = assemble(study / "raw")
    row = ds.sources.set_index("source").loc["broken.txt"]
    assert row["bytes"] == 3
    assert row["format"] == "unknown"


def test_a_raw_folder_without_pages_is_an_error(study, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(GiikitError, match=r"no profile page below .*empty"):
        build_dataset(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(GiikitError, match=r"no profile page below .*absent"):
        build_dataset(tmp_path / "absent", tmp_path / "out")


def test_the_data_folder_is_found_from_below(study, monkeypatch):
    monkeypatch.delenv("GIIKIT_DATA", raising=False)
    below = study.parent / "notebooks" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find_data_dir() == study
    assert find_data_dir("") == study


def test_the_data_folder_can_be_named(study, tmp_path, monkeypatch):
    monkeypatch.setenv("GIIKIT_DATA", str(study))
    monkeypatch.chdir(tmp_path.parent)
    assert find_data_dir() == study
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


def test_the_data_package_describes_the_files(study):
    build_dataset(study / "raw", study / "processed")
    package = json.loads((study / "processed" / "datapackage.json").read_text())
    assert [r["name"].replace("-", "_") for r in package["resources"]] == list(SCHEMAS)
    for resource in package["resources"]:
        path = study / "processed" / resource["path"]
        assert resource["bytes"] == path.stat().st_size
        header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert header == [f["name"] for f in resource["schema"]["fields"]]
    fields = {f["name"]: f for f in package["resources"][0]["schema"]["fields"]}
    assert fields["size_rank"]["type"] == "integer"
    assert fields["size_rank"]["constraints"] == {"minimum": 1}
    assert package["resources"][0]["schema"]["primaryKey"] == ["edition", "cluster_id"]


def test_names_that_look_like_missing_values_survive(study):
    page = (RAW / "2024" / "qingdao.txt").read_text(encoding="utf-8")
    page = page.replace("QINGDAO HAIER WASHING MACHINE", "NA")
    (study / "raw" / "2024" / "qingdao.txt").write_text(page, encoding="utf-8")
    build_dataset(study / "raw", study / "processed")
    assert "NA" in set(load_dataset(study).organizations["organization"])
    path = study / "processed" / "organizations.csv"
    assert "NA" in set(read_csv("organizations", path)["organization"])


def test_what_a_killed_build_left_is_cleared_by_the_next(study):
    processed = study / "processed"
    processed.mkdir()
    (processed / ".new").mkdir()
    (processed / ".new" / "strange.csv").write_text("half")
    build_dataset(study / "raw", processed)
    assert set(read_folder(processed)) == {
        "datapackage.json",
        *(f"{name}.{kind}" for name in SCHEMAS for kind in ("csv", "parquet")),
    }


def test_a_full_disk_leaves_all_the_old_tables(study, monkeypatch):
    processed = study / "processed"
    build_dataset(study / "raw", processed)
    before = read_folder(processed)
    (study / "raw" / "2024" / "qingdao.txt").unlink()
    to_parquet = pd.DataFrame.to_parquet

    def fail_at_the_last(table, path, **options):
        if path.stem == "findings":
            path.write_text("half")
            # As pyarrow words it.
            raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: ...")
        to_parquet(table, path, **options)

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail_at_the_last)
    message = r"cannot write to .*processed: No space left on device; .*--out"
    with pytest.raises(RunError, match=message):
        build_dataset(study / "raw", processed)
    assert read_folder(processed) == before


@pytest.mark.parametrize("blocked", ["processed", "processed/.lock"])
def test_a_folder_for_tables_that_cannot_be_written_to_is_told(study, blocked):
    (study / blocked).parent.mkdir(exist_ok=True)
    if blocked == "processed":
        (study / blocked).write_text("a file")
    else:
        (study / blocked).mkdir()
    with pytest.raises(RunError, match=r"cannot write to .*processed: "):
        build_dataset(study / "raw", study / "processed")


def test_a_dataset_shows_what_it_holds(study):
    text = repr(assemble(study / "raw"))
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
    study, monkeypatch, patience, told
):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(build, "_PATIENCE", patience)
    build_dataset(study / "raw", study / "processed")
    assert ("reading" in terminal.getvalue()) == told
