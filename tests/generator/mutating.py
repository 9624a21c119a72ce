"""Damage to pages, drawn at random: for the tests of hostile input and the fuzzer."""

from __future__ import annotations

import random
import re

# What breaks readers: markup, separators, numbers of every kind, broken encodings.
TOKENS = [
    *(b"**", b"__", b"|", b"\t", b"  ", b"\n", b"\r", b"\r\n", b"\x00", b"\x1b[2J"),
    *(
        b"\x0b",
        b"\x0c",
        b"\x85",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\xe2\x80",
        b"\xff\xfe",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xc2\xa0",
        b"\xe2\x88\x92",
        b"\xe2\x80\x93",
        b"\xf0\x9f\x98\x80",
    ),
    *(
        b"<",
        b">",
        b"</p>",
        b"<div>",
        b"<table><tr><td>",
        b"</td></tr></table>",
        b"<!--",
    ),
    *(b"<script>", b"<b>", b"</b>", b"&", b"&lt;", b"&#0;", b"&#x110000;", b"&nbsp"),
    *(b"%", b"0%", b"101%", b"<1%", b"-1%", b"1e9%", b"0", b"007", b"1,2,3", b"9,07"),
    *(
        b"99999999999999999999",
        b"1.5",
        b"\xd9\xa3",
        b"\xc2\xb2",
        b"nan",
        b"inf",
        b"0th",
    ),
    *(
        b"1th",
        b"zeroth",
        b" and ",
        b", ",
        b"'s ",
        b" of ",
        b" in ",
        b"=1+1",
        b"@x",
        b"#",
    ),
    *(
        b"Global Innovation Index 2024",
        b"Top PCT applicants",
        b"Patents\tShare",
        b"---",
    ),
]
_SPLIT = re.compile(rb"(\n|\t|[ ]|\d+|\*\*|<[^>]*>)")


def mutate(rng: random.Random, page: bytes, other: bytes) -> bytes:
    """Damage a page in one to eight places; ``other`` is a page to take parts from."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 8))):
        start = rng.randrange(len(page) + 1)
        end = min(len(page), start + rng.choice((0, 1, 1, 2, 5, 20, 100, 1000)))
        damage = rng.randrange(9)
        if damage == 0:
            new = b""
        elif damage == 1:
            new = rng.choice(TOKENS)
        elif damage == 2:
            new = page[start:end] * rng.choice((2, 2, 3, 50))
        elif damage == 3:
            new = bytes(rng.randrange(256) for _ in range(rng.choice((1, 1, 2, 9))))
        elif damage == 4:
            at = rng.randrange(len(other) + 1)
            new = other[at : at + rng.choice((5, 50, 500))]
        elif damage == 5:
            new = rng.choice(TOKENS) * rng.choice((2, 10, 300))
        else:
            page = _mutate_tokens(rng, page, damage)
            continue
        page = page[:start] + new + page[end:]
    return page


def _mutate_tokens(rng: random.Random, page: bytes, damage: int) -> bytes:
    """Swap, replace or drop whole words, numbers, tags or lines."""
    parts = page.split(b"\n") if rng.random() < 0.4 else _SPLIT.split(page)
    joint = b"\n" if b"\n" not in parts and len(parts) > 1 else b""
    if not parts:
        return page
    i, j = rng.randrange(len(parts)), rng.randrange(len(parts))
    if damage == 6:
        parts[i], parts[j] = parts[j], parts[i]
    elif damage == 7:
        parts[i] = rng.choice(TOKENS)
    else:
        del parts[min(i, j) : min(i, j) + rng.choice((1, 1, 3))]
    return joint.join(parts)
