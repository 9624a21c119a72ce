from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from giikit.build import build_dataset, find_duplicates
from giikit.parsing import read_profile

RAW = Path(__file__).parent / "pages/real/data/raw" / "2024"
BEIJING = read_profile(RAW / "beijing.txt")
QINGDAO = read_profile(RAW / "qingdao.txt")


def test_pages_of_different_clusters_are_all_kept():
    later = replace(BEIJING, edition=2025, source="2025/beijing.txt")
    kept = [BEIJING, QINGDAO, later]
    assert find_duplicates(reversed(kept)) == (kept, [])


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("2024/beijing.txt", "2024/a.html"),
        ("2024/z.html", "2024/a (1).html"),
        ("2024/a.txt", "2024/b.txt"),
    ],
)
def test_of_two_pages_that_say_the_same_the_plainer_name_wins(plain, other):
    one = replace(BEIJING, source=plain)
    two = replace(BEIJING, source=other, cluster="BEIJING")
    kept, findings = find_duplicates([two, one])
    assert kept == [one]
    assert [tuple(f)[:6] for f in findings] == [
        (
            *(2024, "beijing", other, "warning", "duplicate-profile"),
            f"{plain} is the same page, and was taken; this one is left out",
        )
    ]


def test_a_page_that_contradicts_another_is_an_error_naming_the_differences():
    shorter = BEIJING.collaborations[1:]
    other = replace(BEIJING, source="b.txt", size_rank=4, collaborations=shorter)
    kept, findings = find_duplicates([BEIJING, other])
    assert kept == [BEIJING]
    (finding,) = findings
    assert (finding.source, finding.severity) == ("b.txt", "error")
    assert finding.code == "duplicate-differs"
    assert finding.message.endswith("differs in: size_rank; collaborations")


def test_partners_with_another_dash_are_the_same():
    rows = [row._replace(partner=row.partner_id) for row in BEIJING.collaborations]
    other = replace(BEIJING, source="b.txt", collaborations=tuple(rows))
    assert [f.code for f in find_duplicates([BEIJING, other])[1]] == [
        "duplicate-profile"
    ]


def test_a_folder_with_a_page_twice_is_built_with_one(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    page = (RAW / "beijing.txt").read_text(encoding="utf-8")
    (raw / "a.txt").write_text(page, encoding="utf-8")
    (raw / "b.md").write_text(page.replace("3rd", "4th"), encoding="utf-8")
    ds = build_dataset(raw, tmp_path / "out")
    assert list(ds.clusters["source"]) == ["a.txt"]
    assert "duplicate-differs" in list(ds.findings["code"])
    assert set(ds.observations["source"]) == {"a.txt"}
