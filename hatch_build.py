"""README.md for the package: an index shows it without the files that it links to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# Between these the README has what is seen beside its files alone: its pictures.
_BESIDE_FILES = re.compile(r"<!-- beside the files -->\n.*?<!-- end -->\n\n", re.DOTALL)
# A link to a file, such as [Findings](docs/findings.md#codes), but to no web page.
_FILE_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")


class ReadmeHook(MetadataHookInterface):
    """Give the package the README with its text alone where it links to files."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the readme."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        text = _FILE_LINK.sub(r"\1", _BESIDE_FILES.sub("", text))
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
