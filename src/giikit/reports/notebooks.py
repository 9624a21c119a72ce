"""What a notebook is: its name, its parameters, and what it is run for."""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType
from typing import Any, Literal
from unicodedata import category, normalize

from giikit.errors import RunError
from giikit.files import find_shipped

Status = Literal["done", "up-to-date", "failed", "to-do", "gone", "left-out"]
_KINDS = {kind.__name__: kind for kind in (str, int, float, bool, list, tuple, dict)}
_EXPECTED = "expected a cell tagged 'parameters' with cluster, edition or editions"
_RUN_FOR = "cluster", "edition", "editions"
_EXAMPLE = {"cluster": "", "edition": 0}
_OF_THE_RUN = {"cluster": "CLUSTER", "edition": "--edition", "data_dir": "--data"}


@dataclass(frozen=True, eq=False)
class Notebook:
    """A notebook as it is stored.

    ``name`` is the one of its reports, ``title`` its first heading, ``text`` what
    `strip_notebook` leaves of it. ``declared`` has the default of each parameter, or
    its type if it has none. One that cannot be read has ``failed``, and one in another
    language than Python is ``left-out``; ``problem`` tells why it is no report.
    """

    path: Path
    name: str
    title: str = ""
    text: str = ""
    declared: Mapping[str, Any] = field(default_factory=dict)
    problem: str = _EXPECTED
    status: Status | None = None

    @property
    def kind(self) -> str | None:
        """What it is run for: ``cluster``, ``edition``, ``editions``: once, or None."""
        return next((kind for kind in _RUN_FOR if kind in self.declared), None)

    def fit_parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the values that the notebook declares, typed by its defaults.

        A text is read as the type of the default: ``"5"`` as 5, and ``"a, b"`` as a
        list where that is one. Any value may replace None.

        Raises
        ------
        RunError
            If a value is of another type, or there is none for a parameter without a
            default.
        """
        fitted = {}
        for name, default in self.declared.items():
            if name not in values and isinstance(default, type):
                what = f"the parameter {name!r}, without a default"
                msg = f"{self.path.name} needs {what}"
                raise RunError(msg)
            try:
                if name in values:
                    fitted[name] = _fit_value(values[name], default)
            except TypeError as error:
                given = f"{values[name]!r}, {type(values[name]).__name__}"
                msg = f"parameter {name!r} of {self.path.name} is {given}: {error}"
                raise RunError(msg) from error
        return fitted


def _fit_value(value: Any, default: Any) -> Any:
    """Return a value as one of the default's type; raise a TypeError if it is none."""
    kind = default if isinstance(default, type) else type(default)
    fitted = _read_value(value, kind, default) if isinstance(value, str) else value
    if kind is float and type(fitted) is int:
        fitted = float(fitted)
    if kind is tuple or isinstance(fitted, tuple):  # papermill writes lists alone
        kind = list if kind is tuple else kind
        fitted = list(fitted) if isinstance(fitted, tuple) else fitted
    if kind in (object, NoneType) or type(fitted) is kind:
        return fitted
    like = "" if isinstance(default, type) else f", as its default {default!r}"
    name = "true or false" if kind is bool else kind.__name__
    msg = f"expected {name}{like}"
    raise TypeError(msg)


def _read_value(text: str, kind: type, default: Any) -> Any:
    """Read a text as a value of a type; what cannot be read so stays a text."""
    if kind is str:
        return text
    if kind in (list, tuple) and not text.strip().startswith(("[", "(")):
        first = default[0] if isinstance(default, (list, tuple)) and default else None
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return [_read_value(part, type(first), first) for part in parts]
    if kind is bool and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text


def find_notebooks(data: Path) -> list[Notebook]:
    """Return the notebooks of a study; of one without such a folder, giikit's own.

    Raises
    ------
    RunError
        If none is a report.
    """
    own = data.parent / "notebooks"
    folder = own if own.is_dir() else find_shipped("notebooks")
    paths = sorted(p for p in folder.glob("*.ipynb") if not p.name.startswith("."))
    notebooks = [read_notebook(path) for path in paths]
    if not any(notebook.kind for notebook in notebooks):
        problems = [f"; {n.path.name}: {n.problem}" for n in notebooks if n.status]
        msg = f"no notebook in {folder} is a report: {_EXPECTED}{''.join(problems)}"
        raise RunError(msg)
    return notebooks


def choose_notebooks(
    notebooks: Sequence[Notebook], names: Sequence[str], parameters: Mapping[str, Any]
) -> list[Notebook]:
    """Return the notebooks to run, of which names choose; without names, all.

    Raises
    ------
    RunError
        If there is no such notebook, or it is no report; if two of those to run have
        one name, or one has the name of other files; if none declares one of the
        parameters, its value does not fit, or one is missing.
    """
    # A report outranks what is none and has its name.
    known = {n.name: n for n in sorted(notebooks, key=lambda n: bool(n.kind))}
    wanted = [name_notebook(name) for name in names]
    for name in wanted:
        if name not in known:
            msg = f"no notebook {name!r}: {_suggest(name, known)}"
            raise RunError(msg)
        if known[name].kind is None:
            msg = f"{known[name].path.name} is no report: {known[name].problem}"
            raise RunError(msg)
    chosen = [n for n in notebooks if n.kind and n.name in (wanted or known)]
    _check_names(chosen)
    declared = {name for notebook in chosen for name in notebook.declared}
    for name in parameters:
        if name in _OF_THE_RUN:
            msg = f"the parameter {name!r} is given by the run: use {_OF_THE_RUN[name]}"
            raise RunError(msg)
        if name not in declared:
            hint = _suggest(name, sorted(declared - set(_OF_THE_RUN)))
            msg = f"no notebook has a parameter {name!r}: {hint}"
            raise RunError(msg)
    for notebook in chosen:
        notebook.fit_parameters({**parameters, **_EXAMPLE})
    return chosen


def _check_names(chosen: Iterable[Notebook]) -> None:
    """Refuse notebooks whose reports would take the place of other files."""
    taken: dict[str, str] = {}
    for notebook in chosen:
        name, file = notebook.name, notebook.path.name
        if not name or name.isdecimal() or name == "index":
            why = f"no report can be called {name!r}"
            msg = f"{file}: {why}: name the notebook like my_view.ipynb"
            raise RunError(msg)
        if name in taken:
            msg = f"{taken[name]} and {file} are both {name!r}: rename one"
            raise RunError(msg)
        taken[name] = file


def _suggest(name: str, known: Iterable[str]) -> str:
    """Return what to say to a name that is not known."""
    near = difflib.get_close_matches(name, known := list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"


def name_notebook(path: str | Path) -> str:
    """Return the name of a notebook's reports.

    >>> name_notebook("notebooks/05_my_view.ipynb")
    'my-view'
    """
    stem = re.sub(r"^\d+[\W_]+", "", Path(path).name.removesuffix(".ipynb"))
    # Letters, their marks and numbers; macOS may keep letters and marks apart.
    kept = (c if category(c)[0] in "LMN" else " " for c in normalize("NFC", stem))
    return "-".join("".join(kept).split()).lower()


def read_notebook(path: Path) -> Notebook:
    """Read a notebook; one that cannot be read costs no report but its own."""
    name = name_notebook(path)
    try:
        text = strip_notebook(content := path.read_bytes())
        about, cells = json.loads(content)["metadata"], json.loads(text)["cells"]
        texts = [c["source"] for c in cells if c["cell_type"] == "markdown"]
        heading = re.search("^# +(.+)", "\n".join(texts), re.MULTILINE)
        title = heading[1].strip() if heading else name
        code = [c for c in cells if c["cell_type"] == "code"]
        tagged = (c for c in code if "parameters" in c["metadata"].get("tags", []))
        source = next((cell["source"] for cell in tagged), "")
        told = about.get("language_info", {}).get("name")
        told = told or about.get("kernelspec", {}).get("language") or "python"
        if source and "python" not in told.lower():
            problem = f"it is in {told}, not in Python"
            return Notebook(path, name, problem=problem, status="left-out")
        return Notebook(path, name, title, text, _read_parameters(source))
    except SyntaxError as error:
        problem = f"its parameters cell is no Python: {error.msg}, line {error.lineno}"
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        problem = "it is not in UTF-8"
    except RunError as error:
        problem = str(error)
    except (ValueError, LookupError, TypeError, AttributeError):
        problem = "it is no notebook of format 4"
    return Notebook(path, name, problem=problem, status="failed")


def strip_notebook(content: bytes) -> str:
    """Return a notebook without what running it and saving it in JupyterLab adds.

    Outputs, counts, times and the kernel's description do not make another notebook.
    """
    read = json.loads(content)
    has_ids, ids = read.get("nbformat_minor", 0) > 4, {None}
    for number, cell in enumerate(read["cells"]):
        cell["source"] = "".join(cell["source"])
        cell["metadata"].pop("execution", None)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if has_ids and cell.get("id") in ids:  # some tools write none, or one twice
            cell["id"] = f"cell-{number}"
        ids.add(cell.get("id"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    read["metadata"] |= {"kernelspec": kernel, "language_info": {"name": "python"}}
    read["metadata"].pop("widgets", None)
    return json.dumps(read, sort_keys=True, ensure_ascii=False)


def _read_parameters(source: str) -> dict[str, Any]:
    """Return the defaults in a parameters cell, or the types of those without."""
    declared: dict[str, Any] = {}
    code = re.sub("^[%!].*", "", source, flags=re.MULTILINE)  # of IPython, not Python
    for statement in ast.parse(code).body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=None, annotation=kind):
                declared[name] = _KINDS.get(ast.unparse(kind), object)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                try:
                    declared[name] = ast.literal_eval(value)
                except ValueError:
                    declared[name] = None
    for name, example in _EXAMPLE.items():
        try:
            _fit_value(example, declared.get(name))
        except TypeError as error:
            msg = f"its {name} is {declared[name]!r}: expected {name} = {example!r}"
            raise RunError(msg) from error
    return declared
