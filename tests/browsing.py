"""What the browser tests share: a hostile page, and what a browser is asked."""

from __future__ import annotations

import re
from dataclasses import replace

from generator.rendering import make_clusters, render

# What a page may print, none of which may run or be taken for markup.
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "$x$",
    "' onclick='alert(1)",
]
CLUSTER = "Zürich <img src=x onerror=alert(1)> $x$"


def make_hostile_page():
    """Return a page whose cluster and organizations are named to do harm."""
    names = iter(HOSTILE)
    text = render(replace(make_clusters(12, 1)[0], name=CLUSTER))
    return re.sub(
        r"^([1-3])\t(.*?)\t",
        lambda row: f"{row[1]}\t{row[2]} {next(names, '')}\t",
        text,
        flags=re.MULTILINE,
    )


def watch(page):
    """Return a list, to which comes whatever a page says, asks or loads wrongly."""
    seen = []
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("console", lambda m: seen.append(m.text) if m.type == "error" else None)
    page.on("requestfailed", lambda request: seen.append(request.url))
    return seen


def list_violations(page, context=None):
    """Return what axe-core finds that is serious or worse, each with its place."""
    # Not where this module begins: without the browser's tests it need not be there.
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=context).response["violations"]
    return [
        (rule["id"], node["html"][:200], node["failureSummary"])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
