"""What a notebook is: its cells, its parameters, and the data that it reads."""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from giikit.errors import RunError


def strip_notebook(notebook: str | bytes, where: str) -> str:
    """Return a notebook without what running it and saving it in JupyterLab adds.

    Outputs, counts, times and the kernel's description do not make another notebook.

    Raises
    ------
    RunError
        If it cannot be read.
    """
    with _reading(where):
        read = json.loads(notebook)
        for cell in read["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["metadata"].pop("execution", None)
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        read["metadata"] |= {
            "kernelspec": kernel,
            "language_info": {"name": "python"},
        }
        read["metadata"].pop("widgets", None)
    return json.dumps(read, sort_keys=True, ensure_ascii=False)


def check_parameters(notebook: str, where: str, values: Mapping[str, Any]) -> None:
    """Hold values against the ``parameters`` cell of a notebook.

    A parameter that is only annotated there (``cluster: str``) must be given. A value
    has the type of the default; any value may replace None.

    Raises
    ------
    RunError
        If the notebook cannot be read or has no such cell, or a name is unknown, a
        required one is missing, or a value is of another type.
    """
    declared = _read_parameters(notebook, where)
    for name, value in values.items():
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {list(declared)}"
            msg = f"{where} has no parameter {name!r}: {hint}"
            raise RunError(msg)
        default = declared[name]
        kind = type(default)
        if default in (None, ...) or type(value) is kind:
            continue
        if kind is float and type(value) is int:
            continue
        msg = (
            f"parameter {name!r} of {where} is {value!r}, {type(value).__name__}: "
            f"expected {kind.__name__}, as its default {default!r}"
        )
        raise RunError(msg)
    for name, default in declared.items():
        if default is ... and name not in values:
            msg = f"{where} needs the parameter {name!r}, which has no default"
            raise RunError(msg)


def _read_parameters(notebook: str, where: str) -> dict[str, Any]:
    """Return the defaults in the parameters cell; Ellipsis where there is none."""
    with _reading(where):
        cells = json.loads(notebook)["cells"]
        sources = [
            "".join(cell["source"])
            for cell in cells
            if "parameters" in cell["metadata"].get("tags", [])
        ]
        statements = ast.parse(sources[0]).body if sources else []
    if not sources:
        msg = f"{where} has no cell tagged 'parameters'; tag one in JupyterLab"
        raise RunError(msg)
    declared: dict[str, Any] = {}
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                pass
            case _:
                continue
        try:
            declared[name] = ... if value is None else ast.literal_eval(value)
        except ValueError:
            declared[name] = None
    return declared


@contextmanager
def _reading(where: str) -> Iterator[None]:
    """Turn what shows that a text is no notebook into a `RunError`."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        msg = f"{where} cannot be read as a notebook: {error!r}"
        raise RunError(msg) from error
