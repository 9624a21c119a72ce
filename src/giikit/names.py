"""Names of clusters and economies: their ids and codes, and the nearest known one."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Collection
from functools import lru_cache
from importlib.resources import files

from anyascii import anyascii

from giikit.errors import GiikitError

_SEPARATOR = re.compile(r" *(?:/|;|,? and |,|&|[-–—]) *")
# Economies of which a city is printed with its state, as in "San Diego, CA".
STATED = ("US", "CA", "AU")
_CODE_BEHIND = re.compile(r"(.{2,100}) \(([A-Z]{2,3}(?:/[A-Z]{2,3})*)\)")


@lru_cache(maxsize=4096)
def find_economy_code(name: str, *, is_economy: bool = False) -> str | None:
    """Return the code of an economy, ``/``-joined across borders, None if unknown.

    Only whole names are known, never parts or near names: WIPO's own (economies.csv)
    and those of ISO 3166-1 as pycountry has them. So are their codes, but for one that
    may be a state behind a city, alone or before US: CA is California as often as
    Canada, unless the name is known to be an economy's.

    Examples
    --------
    >>> find_economy_code("Republic of Korea")
    'KR'
    >>> find_economy_code("China and Hong Kong, China")
    'CN/HK'
    """
    if behind := _CODE_BEHIND.fullmatch(name):
        code = find_economy_code(behind[1])
        return code if code == "/".join(_split_names(behind[2], 0) or ()) else None
    codes = name.removesuffix("*")
    first, *others = _SEPARATOR.split(codes)
    economies = [_load_codes().get(code, code) for code in others[-1:]] or STATED
    if not is_economy and any(is_state(first, economy) for economy in economies):
        return None
    found = _split_names(codes, 0) or _split_names(_fold(name), 0)
    return "/".join(dict.fromkeys(found)) if found else None


def is_state(code: str, economy: str) -> bool:
    """Whether a code is of a state or province that WIPO puts behind cities."""
    from pycountry import subdivisions

    if economy not in STATED or len(code) > 3:
        return False
    return bool(subdivisions.get(code=f"{economy}-{code}"))  # type: ignore[no-untyped-call]


def _split_names(name: str, depth: int) -> list[str] | None:
    """Read a list of economies; names may themselves hold commas and "and"."""
    known = _load_codes()
    if name in known:
        return [known[name]]
    # No cluster lies in more than a handful of economies.
    if depth > 4 or len(name) > 200:
        return None
    for separator in reversed(list(_SEPARATOR.finditer(name))):
        code = known.get(name[: separator.start()])
        rest = code and _split_names(name[separator.end() :], depth + 1)
        if code and rest:
            return [code, *rest]
    return None


def _fold(name: str) -> str:
    plain = name.replace("’", "'").replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(plain.split()).casefold().removeprefix("the ").removesuffix("*")


@lru_cache(maxsize=1)
def _load_codes() -> dict[str, str]:
    """Return the codes by folded name; WIPO's own names win over those of ISO."""
    import pycountry

    codes: dict[str, str] = {}
    for country in pycountry.countries:
        # In capitals, which no folded name is in.
        codes |= {country.alpha_2: country.alpha_2, country.alpha_3: country.alpha_2}
        names = [value for field, value in country if field.endswith("name")]
        codes |= dict.fromkeys(map(_fold, names), country.alpha_2)
    text = files("giikit").joinpath("economies.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        codes[_fold(row["name"])] = row["code"]
        if row["name"].isupper():  # UK may stand where a code does, as in UK/FR
            codes[row["name"]] = row["code"]
    return codes


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def read_ranking_name(name: str) -> tuple[int, str, int] | None:
    """Return edition, kind and method that a ranking's file name says.

    Returns None where it has no year. The method is the edition's unless another is
    named.

    Examples
    --------
    >>> read_ranking_name("gii-2025-size-method-2024.csv")
    (2025, 'size', 2024)
    >>> read_ranking_name("gii-2023-intensity.csv")
    (2023, 'intensity', 2023)
    """
    years = [int(year) for year in _YEAR.findall(name)]
    kind = "intensity" if "intensity" in name.lower() else "size"
    return (years[0], kind, years[-1]) if years else None


_STATE_SUFFIX = re.compile(r",\s*[A-Z]{2,3}\b")
# Straight, curly, backtick and modifier letter: all are seen in names like Xi'an.
_APOSTROPHES = re.compile("['’‘`\N{MODIFIER LETTER APOSTROPHE}]")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=4096)
def make_cluster_id(name: str) -> str:
    """Return the slug of a cluster's name, the same however the name is printed.

    State suffixes go, accents and other scripts become ASCII, dashes and spaces
    become one hyphen, apostrophes vanish.

    Examples
    --------
    >>> make_cluster_id("San Jose–San Francisco, CA")
    'san-jose-san-francisco'
    >>> make_cluster_id("Washington, DC–Baltimore, MD")
    'washington-baltimore'
    >>> make_cluster_id("Xi'an")
    'xian'
    """
    plain = anyascii(_APOSTROPHES.sub("", _STATE_SUFFIX.sub("", name))).lower()
    return _NOT_SLUG.sub("-", plain).strip("-")


def find_cluster_id(name: str, known: Collection[str], where: str = "") -> str:
    """Return which of the cluster_ids ``known`` a name, or a clear part of one, means.

    A part is one or several whole words (``boston``), or else the beginning of a word
    (``shen``).

    Raises
    ------
    GiikitError
        If it means none, or several; the text says which are near.

    Examples
    --------
    >>> find_cluster_id("São Paulo", {"sao-paulo", "boston-cambridge"})
    'sao-paulo'
    >>> find_cluster_id("Boston", {"sao-paulo", "boston-cambridge"})
    'boston-cambridge'
    """
    cluster_id = make_cluster_id(name)
    if cluster_id in known:
        return cluster_id
    names = sorted(known)
    begun = [n for n in names if cluster_id and f"-{cluster_id}" in f"-{n}"]
    found = [n for n in begun if f"-{cluster_id}-" in f"-{n}-"] or begun
    if len(found) == 1:
        return found[0]
    if found:
        some = f"{', '.join(found[:9])}{', …' * (len(found) > 9)}"
        message = f"{name!r} may be {some}: name one of them"
        raise GiikitError(message)
    near = [n for n in names if cluster_id in n] if cluster_id else []
    parts = {part: n for n in names for part in (*n.split("-"), n)}
    close = difflib.get_close_matches(cluster_id, parts, cutoff=0.7)
    near += [parts[part] for part in close]
    some = ", ".join(list(dict.fromkeys(near or names))[:3])
    hint = f"near: {some}" if near else f"there are {some}{', …' * (len(names) > 3)}"
    message = f"no cluster {name!r} among the {len(names)}{where}; {hint}"
    raise GiikitError(message)
