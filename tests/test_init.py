import pytest

from giikit import study
from giikit.build import assemble
from giikit.cli import main
from giikit.errors import GiikitError, RunError
from giikit.files import find_shipped
from giikit.study import init_study, starting

NOTEBOOK = "notebooks/01_cluster_profile.ipynb"


def read_all(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def next_version(monkeypatch, tmp_path):
    """Make this giikit one that has changed notebooks, and a new one."""
    newer = tmp_path / "newer"
    newer.mkdir()
    for path in find_shipped("notebooks").glob("*.ipynb"):
        (newer / path.name).write_bytes(path.read_bytes() + b"\n")
    (newer / "09_new.ipynb").write_bytes(b"{}")

    def come():
        monkeypatch.setattr(starting, "find_shipped", lambda folder: newer)
        monkeypatch.setattr(starting, "version", lambda name: "9.9")

    return come


def test_a_study_has_all_to_begin_with(tmp_path):
    folder = tmp_path / "my study"
    written = init_study(folder)
    files = read_all(folder)
    assert {p.relative_to(folder).as_posix() for p in written} == {
        name for name in files if name != ".giikit"
    }
    assert {"README.md", ".gitignore", NOTEBOOK} <= set(files)
    ds = assemble(folder / "data" / "raw")
    assert list(ds.clusters["cluster_id"]) == ["beijing", "qingdao"]
    assert len(ds.rankings) == 34
    shipped = {p.name: p.read_bytes() for p in find_shipped("notebooks").iterdir()}
    for name, content in shipped.items():
        assert name.startswith(".") or files[f"notebooks/{name}"] == content


def test_the_readme_names_only_commands_that_there_are(tmp_path):
    init_study(tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    named = {line.split()[2] for line in text.splitlines() if "$ giikit" in line}
    assert named == {"report", "add", "check"}


def test_a_second_start_changes_nothing(tmp_path):
    init_study(tmp_path)
    before = read_all(tmp_path)
    assert init_study(tmp_path) == []
    assert read_all(tmp_path) == before


@pytest.mark.parametrize(
    "way", ["README.md", "data", "data/raw/2024/beijing.txt", NOTEBOOK, "notebooks"]
)
def test_what_is_in_the_way_is_named_and_nothing_is_written(tmp_path, capsys, way):
    path = tmp_path / way
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    assert main(["init", str(tmp_path)]) == 2
    assert f"{path} is in the way" in capsys.readouterr().err
    assert read_all(tmp_path) == {way: b"mine"}


def test_a_link_in_the_way_is_not_followed(tmp_path):
    (tmp_path / "README.md").symlink_to(tmp_path / "nowhere")
    with pytest.raises(GiikitError, match=r"README\.md is in the way"):
        init_study(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GiikitError, match="file is in the way"):
        init_study(tmp_path / "file" / "study")
    with pytest.raises(RunError, match="File name too long"):
        init_study(tmp_path / ("x" * 300))


def test_an_update_without_a_newer_version_does_nothing(tmp_path):
    init_study(tmp_path)
    (tmp_path / NOTEBOOK).write_text("changed")
    before = read_all(tmp_path)
    assert init_study(tmp_path, update=True) == []
    assert read_all(tmp_path) == before


def test_an_update_leaves_changed_notebooks_alone(tmp_path, next_version):
    folder = tmp_path / "study"
    init_study(folder)
    before = read_all(folder)
    (folder / NOTEBOOK).write_text("changed")
    (folder / "README.md").write_text("changed")
    next_version()
    written = init_study(folder, update=True)
    after = read_all(folder)
    assert after[NOTEBOOK] == after["README.md"] == b"changed"
    assert after["notebooks/giikit-9.9/01_cluster_profile.ipynb"] == (
        before[NOTEBOOK] + b"\n"
    )
    assert after["notebooks/09_new.ipynb"] == b"{}"
    others = {p.name for p in written} - {"01_cluster_profile.ipynb", "09_new.ipynb"}
    for name in others:  # those that nobody changed
        path = f"notebooks/{name}"
        assert after[path] == before[path] + b"\n"
    assert others
    assert init_study(folder, update=True) == []


@pytest.mark.parametrize("record", [None, "", "{} else"])
def test_without_its_record_every_notebook_counts_as_changed(
    tmp_path, next_version, record
):
    folder = tmp_path / "study"
    init_study(folder)
    before = read_all(folder)
    if record is None:
        (folder / ".giikit").unlink()
    else:
        (folder / ".giikit").write_text(record)
    next_version()
    init_study(folder, update=True)
    after = read_all(folder)
    assert after[NOTEBOOK] == before[NOTEBOOK]
    assert "notebooks/giikit-9.9/01_cluster_profile.ipynb" in after


def test_only_a_study_is_updated(tmp_path):
    with pytest.raises(GiikitError, match="no study in"):
        init_study(tmp_path, update=True)
    assert read_all(tmp_path) == {}


def test_the_room_exports_what_notebooks_and_commands_use():
    assert study.init_study is init_study
