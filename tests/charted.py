"""Data of figures, and what is seen on their axes."""

import random
from dataclasses import replace
from functools import cache

from giikit.model import ClusterProfile, Collaboration, Organization
from giikit.names import make_cluster_id
from giikit.tables import make_dataset, make_table

ONE = ["organizations", "partners", "standing", "implied"]
MANY = ["scatter", "balance", "economies", "concentration", "populations"]
MANY += ["collaborations", "world_map"]
OVER = ["ranks", "rank_changes"]
ALL = ONE + MANY + OVER
COLUMNS = ["size_rank", "intensity_rank", "pct_per_million", "articles_per_million"]
# Output, quantity and bounds of Beijing and Qingdao 2024.
BOUNDS = {
    "Beijing": {
        ("patent", "total"): (40881, 42697),
        ("publication", "total"): (285883, 320661),
        ("patent", "population"): (18671387, 19509709),
        ("publication", "population"): (17987417, 20176875),
        (None, "population"): (18671387, 19509709),
        ("patent", "top3_share"): (0.342, 0.357),
        ("publication", "top3_share"): (0.208, 0.233),
        ("patent", "hhi"): (0.059, 0.084),
        ("publication", "hhi"): (0.014, 0.074),
    },
    "Qingdao": {(None, "population"): (4815495, 4944587)},
}
APPLICANTS = [
    ("BOE TECHNOLOGY", 9607, 0.23),
    ("BEIJING XIAOMI MOBILE SOFTWARE", 3777, 0.09),
]
PUBLISHERS = [("UNIV. OF CHINESE ACADEMY OF SCIENCES", 20843, 0.07)]
PUBLISHED = (2023, "beijing", "size", 2023, "Beijing", "CN", 4, 38067, 279485, None)


def make_profile(
    name,
    numbers=(),
    listed=(),
    partners=(),
    shares=(None, None),
    *,
    edition=2024,
    economy=("China", "CN"),
):
    key = (edition, make_cluster_id(name))
    return ClusterProfile(
        edition=edition,
        cluster_id=key[1],
        cluster=name,
        economy=economy[0],
        economy_code=economy[1],
        source=f"{edition}/{key[1]}.txt",
        patent_collaboration_share=shares[0],
        publication_collaboration_share=shares[1],
        organizations=tuple(
            Organization(*key, output, i + 1, *row)
            for output, rows in zip(("patent", "publication"), listed, strict=False)
            for i, row in enumerate(rows)
        ),
        collaborations=tuple(
            Collaboration(*key, output, i + 1, partner, make_cluster_id(partner))
            for output, names in zip(("patent", "publication"), partners, strict=False)
            for i, partner in enumerate(names)
        ),
        **dict(zip(COLUMNS, numbers, strict=False)),
    )


def make_data(profiles, bounds, consistent=True, rankings=()):
    rows = [
        (2024, make_cluster_id(name), output, quantity, *pair, "documents", consistent)
        for name, estimates in bounds.items()
        for (output, quantity), pair in estimates.items()
    ]
    ds = make_dataset(profiles, rankings=rankings)
    return replace(ds, estimates=make_table("estimates", rows))


BEIJING = make_profile(
    "Beijing",
    (3, 11, 2189, 15893),
    (APPLICANTS, PUBLISHERS),
    (["Tokyo–Yokohama", "Los Angeles"], ["Shenzhen–Hong Kong–Guangzhou"]),
    (0.17, 0.63),
)
QINGDAO = make_profile(
    "Qingdao", (20, 23, 1742, 9697), (), (["Beijing", "Tokyo-Yokohama"],), (0.02, None)
)
DS = make_data(
    [BEIJING, QINGDAO], BOUNDS, rankings=[(*PUBLISHED, 0.03, 0.037, None, 0.068, 3, -1)]
)


def make_many(n=36, seed=3):
    """Many clusters with long names, ranks and rates that spread widely."""
    rng = random.Random(seed)
    ranks = rng.sample(range(1, n + 1), n)
    names = [f"Shenzhen–Hong Kong–Guangzhou {i}" for i in range(n)]
    partners = [f"Frankfurt am Main {i}" for i in range(60)]
    return make_data(
        [
            make_profile(
                name,
                (i + 1, ranks[i], int(10 ** rng.uniform(1, 4)), rng.randint(9, 90000)),
                (APPLICANTS, PUBLISHERS),
                (rng.sample(partners, 3), rng.sample(partners, 3)),
                (rng.random(), rng.random()),
            )
            for i, name in enumerate(names)
        ],
        {name: BOUNDS["Beijing"] for name in names},
    )


def make_long():
    """Names of clusters, organizations and partners that no axes have room for."""
    return make_data(
        [
            make_profile(
                f"{letter} {'WIDE NAME ' * 30}",
                (1, 2, 3, 4),
                ([("W" * 300, 3, 0.3)],),
                (["PARTNER WITH A LONG NAME " * 8] * 6,),
                (0.1, None),
            )
            for letter in "ABCDEFGHIJKLMN"
        ],
        {},
    )


NAMES = ["Seoul", "Beijing", "Shanghai–Suzhou", "Nanjing", "Wuhan", "Hangzhou"]
NAMES += ["Paris", "London", "Munich", "Cologne", "Zürich", "Madrid"]
NAMES += [
    "Milan",
    "Berlin",
    "Stuttgart",
    "Eindhoven",
    "Taipei–Hsinchu",
    "Tokyo–Yokohama",
]
NAMES += ["Osaka–Kobe–Kyoto", "Daejeon", "Nagoya", "Singapore", "Delhi"]
NUMBERS = {n: (i + 1, 7 * i % 23 + 1, 900 - 7 * i, 50 * i) for i, n in enumerate(NAMES)}


def make_real():
    """Real names, ranked by size as they stand."""
    rows = NUMBERS.items()
    return make_data([make_profile(n, row, economy=("", None)) for n, row in rows], {})


@cache
def get_data(name):
    """Return the data of a name, made when they are first asked for."""
    if name == "two":
        return DS
    if name == "empty":
        return make_data([make_profile("Nowhere")], {})
    makers = {"many": make_many, "long": make_long, "real": make_real}
    return (makers | {"hundred": make_hundred})[name]()


def list_shown(ax):
    """Return the texts that are seen in the axes, the names of rows included."""
    low, high = sorted(ax.get_ylim())
    rows = [t.label1 for t in ax.yaxis.majorTicks if low <= t.get_loc() <= high]
    heads = [tick.label2 for tick in ax.xaxis.majorTicks]
    texts = [*ax.texts, *rows, *heads]
    return [t for t in texts if t.get_visible() and t.get_text()]


def overlap(texts):
    boxes = [text.get_window_extent() for text in texts]
    return [
        (texts[i].get_text(), texts[j].get_text())
        for i in range(len(boxes))
        for j in range(i)
        if boxes[i].overlaps(boxes[j])
    ]


def make_editions():
    rows = {
        2023: {"Alpha": 1, "Beta": 2, "Gamma": 3, "Old": 4, "Nil": None},
        2024: {"Alpha": 2, "Beta": 1, "Gamma": 3, "Old": 4},
        2025: {"Beta": 1, "Alpha": 2, "New": 3, "Gamma": 4},
    }
    return make_data(
        [
            make_profile(name, (rank,), edition=edition)
            for edition, names in rows.items()
            for name, rank in names.items()
        ],
        {},
    )


def rank_row(edition, name, rank, method=None):
    key = (edition, make_cluster_id(name), "size", method or edition, name, "CN", rank)
    return (*key, *[None] * 9)


def make_hundred():
    """A hundred clusters of two editions, of which five left and five entered."""
    rng = random.Random(5)
    many = []
    for edition, first in ((2024, 0), (2025, 5)):
        ranks = rng.sample(range(1, 101), 100)
        for number, rank in enumerate(ranks, first):
            rates = [rng.randint(1, 5000) for _ in range(2)]
            partners = [[f"Partner {rng.randint(1, 99)}"]] * 2
            many.append(
                make_profile(
                    f"Cluster {number}",
                    (rank, 101 - rank, *rates),
                    partners=partners,
                    edition=edition,
                )
            )
    ds = make_data(many, {})
    rows = [
        (2025, p.cluster_id, "patent", quantity, 0.1, 0.2, "fraction", True)
        for p in many[100:]
        for quantity in ("top3_share", "population")
    ]
    return replace(ds, estimates=make_table("estimates", rows))
