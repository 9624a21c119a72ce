"""Papermill's engine, with a limit on what a cell puts out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets import Integer

ENGINE = "given"
_LONGEST = 10_000  # characters of an error's message that are kept beyond the limit


class LimitedClient(PapermillNotebookClient):  # type: ignore[misc]
    """A client that keeps of each cell what fits into a limit."""

    output_limit = Integer(help="Characters of JSON that a cell's outputs may take.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._room: dict[int, int] = {}

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        """Add an output unless the cell has put out too much; join it to a stream."""
        kind, content = msg["header"]["msg_type"], msg["content"]
        size = len(json.dumps(content, ensure_ascii=False))
        room = self._room.get(cell_index, self.output_limit)
        if size <= room:
            self._room[cell_index] = room - size
        elif kind == "error":
            short = content["evalue"][:_LONGEST]
            msg = msg | {"content": content | {"evalue": short, "traceback": []}}
        elif room < 0:
            return None
        else:
            self._room[cell_index] = -1
            text = f"\n[output beyond {self.output_limit:,} characters was cut]\n"
            text = content.get("text", "")[:room] + text
            content = {"name": content.get("name", "stderr"), "text": text}
            header = msg["header"] | {"msg_type": "stream"}
            msg, display_id = msg | {"header": header, "content": content}, None
        added = super().output(outs, msg, display_id, cell_index)
        if len(outs) > 1 and added is outs[-1] and added.output_type == "stream":
            last = outs[-2]
            if last.get("name") == added.name:
                # Texts are joined at the end: each time would take quadratic time.
                if isinstance(last.text, str):
                    last.text = [last.text]
                last.text.append(outs.pop().text)
        return added

    def clear_output(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Clear the outputs of a cell, which may then put out as much again."""
        self._room.pop(cell_index, None)
        super().clear_output(outs, msg, cell_index)


class _Engine(NBClientEngine):  # type: ignore[misc]
    """papermill's engine, but a function that it is given runs the notebook."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, run: Callable[[Any], None], **_: Any
    ) -> None:
        """Run the notebook that ``nb_man`` holds."""
        run(nb_man)


papermill_engines.register(ENGINE, _Engine)
