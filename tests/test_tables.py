import errno
import os
import runpy
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.errors
import pytest

from giikit.errors import GiikitError, RunError
from giikit.files import replacing
from giikit.model import ROWS, ClusterProfile, Organization
from giikit.tables import (
    COLUMNS,
    TABLES,
    Dataset,
    Source,
    fit_table,
    format_csv,
    make_dataset,
    make_table,
)

ROOT = Path(__file__).parent.parent
NAMIBIA = Organization(2024, "windhoek", "patent", 1, "NA", None, 0.101)


def test_every_table_starts_with_its_key():
    for name in TABLES:
        assert list(make_table(name))[:2] == ["edition", "cluster_id"]


def test_a_dataset_has_the_tables_that_are_declared():
    assert [name for name, _ in make_dataset([]).items()] == list(TABLES)
    assert list(Dataset.__dataclass_fields__) == list(TABLES)


@pytest.mark.parametrize(
    ("name", "row_type"), [*ROWS.items(), ("sources", Source)], ids=str
)
def test_rows_have_the_columns_that_are_declared(name, row_type):
    assert list(row_type._fields) == list(make_table(name))


def test_a_unit_of_the_grammar_is_that_of_its_column():
    grammar = files("giikit.parsing").joinpath("grammar.toml")
    fields = tomllib.loads(grammar.read_text(encoding="utf-8"))["fields"]
    units = {column.name: column.unit for column in COLUMNS["clusters"] if column.unit}
    for name, field in fields.items():
        column = field.get("fills", name)
        assert field.get("unit") == units.get(column, field.get("unit")), name


def test_a_profile_has_the_columns_of_clusters():
    fields = set(ClusterProfile.__dataclass_fields__)
    assert set(make_table("clusters")) <= fields


def test_an_empty_table_has_its_dtypes():
    dtypes = make_table("organizations").dtypes.astype(str).to_dict()
    assert dtypes["edition"] == "Int64"
    assert dtypes["organization"] == "str"
    assert dtypes["share"] == "float64"


def read_csv(name, path):
    """Read a table back as anyone would who has its schema."""
    # Only an empty cell is missing: "NA" is Namibia.
    frame = pd.read_csv(
        path,
        dtype={column.name: column.type for column in COLUMNS[name]},
        keep_default_na=False,
        na_values=[""],
    )
    return fit_table(name, frame)


def test_only_an_empty_cell_is_missing(tmp_path):
    table = make_table("organizations", [NAMIBIA])
    (tmp_path / "t.csv").write_bytes(format_csv(table).encode())
    assert (tmp_path / "t.csv").read_text() == (
        "edition,cluster_id,output,rank,organization,documents,share\n"
        "2024,windhoek,patent,1,NA,,0.101\n"
    )
    back = read_csv("organizations", tmp_path / "t.csv")
    pd.testing.assert_frame_equal(back, table)
    assert back["organization"][0] == "NA"
    assert back["documents"].isna().all()


@pytest.mark.parametrize("value", [2189.0, 0.23, 0.004, 1 / 3, 1e-7, 320661.0])
def test_numbers_are_written_short_and_read_back_exactly(tmp_path, value):
    table = make_table(
        "estimates", [[2024, "b", None, "total", value, np.nan, "documents", True]]
    )
    (tmp_path / "t.csv").write_bytes(format_csv(table).encode())
    assert ".0," not in (tmp_path / "t.csv").read_text()
    pd.testing.assert_frame_equal(read_csv("estimates", tmp_path / "t.csv"), table)


def test_a_share_above_one_is_refused():
    with pytest.raises(pandera.errors.SchemaError, match="less_than_or_equal_to"):
        make_table("organizations", [NAMIBIA._replace(share=23.0)])


def test_a_key_may_not_be_missing():
    with pytest.raises(pandera.errors.SchemaError, match="edition"):
        make_table("organizations", [NAMIBIA._replace(edition=None)])


def test_two_profiles_of_one_cluster_and_edition_are_refused():
    profile = ClusterProfile(edition=2024, cluster_id="b", cluster="B", source="b.txt")
    with pytest.raises(GiikitError, match=r"'b\.txt' is not the only one of its"):
        make_dataset([profile, profile])


def test_tables_are_in_the_order_of_edition_and_cluster():
    profiles = [
        ClusterProfile(edition=e, cluster_id=c, cluster=c, source=f"{e}/{c}.txt")
        for e, c in [(2025, "a"), (2024, "b"), (2024, "a")]
    ]
    table = make_dataset(profiles).clusters
    assert list(table["source"]) == ["2024/a.txt", "2024/b.txt", "2025/a.txt"]


def test_the_data_dictionary_is_that_of_the_schemas():
    script = runpy.run_path(str(ROOT / "docs" / "write_docs.py"))
    page = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == script["write_dictionary"](), "run `make docs`"


def test_a_failed_write_leaves_the_old_files_and_nothing_else(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("old")

    def write_one_and_a_half():
        with replacing(tmp_path) as new:
            (new / "a.csv").write_text("new")
            (new / "b.csv").write_text("ne")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(RunError, match="No space left on device; see that there is"):
        write_one_and_a_half()
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {
        "a.csv": "old",
        "b.csv": "old",
    }
