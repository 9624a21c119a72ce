"""List the licence of giikit and of everything it depends on, near and far.

Only what a user installs is listed, not what tests and documentation need. The status
is 1 if a package does not say its licence.
"""

import re
from importlib import metadata

from giikit.files import list_versions


def find_licence(name: str) -> str:
    """Return the licence that a package declares, in the shortest form there is."""
    fields = metadata.metadata(name)
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in fields.get_all("Classifier", [])
        if text.startswith("License ::") and not text.endswith(":: OSI Approved")
    ]
    text = fields.get("License-Expression") or "; ".join(classifiers)
    first = next(iter(re.split(r"\n", fields.get("License") or "")), "")
    return text or first[:60].strip()


def main() -> int:
    """Print a line a package; return 1 if one has no licence."""
    silent = 0
    versions = list_versions()
    del versions["python"]
    for name, version in sorted(versions.items()):
        licence = find_licence(name)
        silent += not licence
        print(f"{name:<28} {version:<14} {licence or 'NOT DECLARED'}")
    return int(silent > 0)


if __name__ == "__main__":
    raise SystemExit(main())
