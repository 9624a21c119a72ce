from __future__ import annotations

import csv
from pathlib import Path

import pycountry
import pytest

from giikit.names import find_economy_code

OWN_NAMES = Path(__file__).parents[1] / "src" / "giikit" / "economies.csv"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("China", "CN"),
        ("Hong Kong, China", "HK"),
        ("Republic of Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Netherlands (Kingdom of the)", "NL"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("United States of America", "US"),
        ("the United States", "US"),
        ("United Kingdom", "GB"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Iran, Islamic Republic of", "IR"),
        ("Taiwan, Province of China", "TW"),
        ("Russian Federation", "RU"),
        ("Viet Nam", "VN"),
        ("Czech Republic", "CZ"),
        ("Côte d’Ivoire", "CI"),
        ("Bosnia and Herzegovina", "BA"),
        ("Trinidad and Tobago", "TT"),
        ("Namibia", "NA"),
    ],
)
def test_an_economy_has_its_iso_code(name, code):
    assert find_economy_code(name) == code
    assert find_economy_code(name.upper()) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("China and Hong Kong, China", "CN/HK"),
        ("China, Hong Kong, China", "CN/HK"),
        ("Singapore and Malaysia", "SG/MY"),
        ("Switzerland, Germany and France", "CH/DE/FR"),
        ("Switzerland, Germany, and France", "CH/DE/FR"),
        ("Switzerland/France", "CH/FR"),
        ("Switzerland–Germany–France", "CH/DE/FR"),
        ("Guinea-Bissau - Senegal", "GW/SN"),
        ("Netherlands (Kingdom of the) & Belgium", "NL/BE"),
        ("Chile/Peru/Brazil/Cuba/Haiti/Belize", "CL/PE/BR/CU/HT/BZ"),
        ("CN/HK", "CN/HK"),
        ("CH/DE/FR", "CH/DE/FR"),
    ],
)
def test_economies_across_a_border_are_joined(name, code):
    assert find_economy_code(name) == code


@pytest.mark.parametrize(
    "name",
    [
        *("", "Atlantis", "CA", "DE", "IN", "Chin", "Korea", "CA, Canada", "QQ/ZZ"),
        # The state of "San Diego, CA, USA" is no economy.
        *("CA, USA", "MD, USA", "CA/USA"),
        *("China and Atlantis", "and", "China and", ", China", "Guinea Bissau Conakry"),
        "Chile/Peru/Brazil/Cuba/Haiti/Belize/Panama",
        ("China, " * 500).strip(", "),
    ],
)
def test_what_is_not_known_for_certain_has_no_code(name):
    assert find_economy_code(name) is None


def test_names_of_wipo_stand_for_iso_codes_once_each():
    rows = list(csv.DictReader(OWN_NAMES.read_text(encoding="utf-8").splitlines()))
    assert {row["code"] for row in rows} <= {c.alpha_2 for c in pycountry.countries}
    assert len({row["name"].casefold() for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("China (CN)", "CN"),
        ("Singapore and Malaysia (SG/MY)", "SG/MY"),
        ("CHN", "CN"),
        ("CHN/HKG", "CN/HK"),
        ("CN, HK", "CN/HK"),
        ("CH, DE and FR", "CH/DE/FR"),
        ("DE, FR", "DE/FR"),
        ("Canada (CA)", "CA"),
        ("CA, US", None),  # nor is "San Diego, CA, US"
        ("China (DE)", None),
        ("Atlantis (CN)", None),
        ("CN", "CN"),
        ("TW*", "TW"),
        ("US", "US"),
        ("CA", None),  # "San Diego, CA" is not in Canada
        ("DE", None),
        ("SA", None),  # nor is "Adelaide, SA" in Saudi Arabia
        ("CA*", None),
        ("QLD", None),
    ],
)
def test_a_code_of_an_economy_is_read_where_it_can_be_no_state(name, code):
    assert find_economy_code(name) == code
