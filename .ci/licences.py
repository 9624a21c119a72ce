"""List the licence of giikit and of everything it depends on, near and far.

Only what a user installs is listed, not what tests and documentation need. The status
is 1 if a package does not say its licence.
"""

from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def find_licence(name: str) -> str:
    """Return the licence that a package declares, in the shortest form there is."""
    fields = metadata.metadata(name)
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in fields.get_all("Classifier", [])
        if text.startswith("License ::") and not text.endswith(":: OSI Approved")
    ]
    text = fields.get("License-Expression") or "; ".join(classifiers)
    return text or (fields.get("License") or "").partition("\n")[0].strip()


def list_dependencies(name: str) -> dict[str, str]:
    """Return the versions of a package and of all it needs here, without extras."""
    versions, names = {}, [name]
    while names:
        name = canonicalize_name(names.pop())
        if name in versions:
            continue
        package = metadata.distribution(name)
        versions[name] = package.version
        needed = [Requirement(text) for text in package.requires or ()]
        names += [r.name for r in needed if not r.marker or r.marker.evaluate()]
    return versions


def main() -> int:
    """Print a line a package; return 1 if one has no licence."""
    silent = 0
    for name, version in sorted(list_dependencies("giikit").items()):
        licence = find_licence(name)
        silent += not licence
        print(f"{name:<28} {version:<14} {licence or 'NOT DECLARED'}")
    return int(silent > 0)


if __name__ == "__main__":
    raise SystemExit(main())
