"""The explorer: choose clusters, search the tables and add a page, without code."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from inspect import signature
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from giikit import plots, tables
from giikit.build import load_dataset
from giikit.errors import GiikitError
from giikit.jupyter.showing import show_source, show_table
from giikit.pages import SUFFIXES, make_page
from giikit.parsing import parse_page
from giikit.plots.drawing import MEASURES
from giikit.plots.report import make_picture
from giikit.study import add_content
from giikit.vocabulary import LABELS, LISTS, load_templates

# What can be drawn, by its title. A plot of one cluster is drawn for each that is
# chosen; which of the other controls a plot heeds, its own parameters say.
_PICTURES: dict[str, tuple[Any, dict[str, Any]]] = {
    "All clusters, by two measures": (plots.scatter, {}),
    "All clusters on a map": (plots.world_map, {}),
    **{title: (plots.organizations, {"output": o}) for o, title in LISTS.items()},
    "Partners": (plots.partners, {}),
    "Place among the others": (plots.standing, {}),
    "What the numbers imply": (plots.implied, {}),
    "Ranks over the editions": (plots.ranks, {}),
}


class Explorer(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The widget that `explore` returns: controls, and what follows from them.

    Parameters
    ----------
    data
        The data folder; None: found from the working directory upward.
    """

    def __init__(self, data: str | Path | None = None) -> None:
        self.data = data
        self.ds: tables.Dataset | None = None
        self.pictures: dict[str, Any] = {}
        self.drawing = False
        self.edition = widgets.Dropdown(description=LABELS["edition"])
        self.find = widgets.Text(description="Find a cluster or economy")
        self.cluster = widgets.Select(description="Cluster", rows=8)
        self.find_other = widgets.Text(description="Find one to compare it with")
        self.other = widgets.Select(description="Compare with", rows=4)
        self.picture = widgets.Dropdown(description="Picture", options=[*_PICTURES])
        self.x = widgets.Dropdown(description="Measure from left to right")
        self.y = widgets.Dropdown(description="Measure from bottom to top")
        self.table = widgets.Dropdown(description="Table")
        self.words = widgets.Text(description="Find words, or parts of them")
        self.years = widgets.Dropdown(description=LABELS["edition"])
        self.text = widgets.Textarea(description="Paste the text of a page", rows=14)
        accept = ",".join(sorted(SUFFIXES))
        self.upload = widgets.FileUpload(description="or upload a file", accept=accept)
        self.replace = widgets.Checkbox(description="Replace an older page of it")
        self.add = widgets.Button(button_style="primary")
        self.add.on_click(self._refresh)
        choices = [self.edition, self.find, self.cluster, self.find_other, self.other]
        page = [self.text, self.upload, self.replace, self.add]
        self.views = {
            "Clusters": [*choices, self.picture, self.x, self.y],
            "Search and tables": [self.table, self.words, self.years],
            "Add a page": page,
        }
        self.tabs = widgets.Tab()
        self.results = [widgets.HTML().add_class("giikit-result") for _ in self.views]
        for result, controls in zip(self.results, self.views.values(), strict=True):
            left = widgets.VBox(controls).add_class("giikit-controls")
            self.tabs.children += (widgets.HBox([left, result]),)
            for control in controls:
                control.observe(self._refresh, "value")
        self.tabs.titles = list(self.views)
        self.tabs.observe(self._refresh, "selected_index")
        # JupyterLab takes keys in a list as its own: an arrow leaves the list, and d d
        # deletes the cell. A script keeps them here.
        script = {"text/html": _render("keys")}
        shown = {"output_type": "display_data", "data": script, "metadata": {}}
        style = widgets.HTML(_render("style"))
        super().__init__([style, self.tabs, widgets.Output(outputs=(shown,))])
        self.add_class("giikit-explorer")
        self._refresh()

    def _refresh(self, event: Any = None) -> None:
        """Draw the view that is open, or say why not, after whatever has changed."""
        if self.drawing:
            return
        self.drawing, at = True, self.tabs.selected_index
        try:
            view = (self._view_clusters, self._view_table, self._view_page)[at](event)
        except Exception as error:
            # JupyterLab shows what a callback raises in no place that is looked at.
            kind = "" if isinstance(error, GiikitError) else f"{type(error).__name__}: "
            view = {"error": f"{kind}{error}"}
        finally:
            self.drawing = False
        self.results[at].value = _render("view", **view)

    def _load(self) -> tables.Dataset:
        """Return the tables, and offer what is in them."""
        if self.ds is None:
            self.pictures.clear()
            ds = load_dataset(self.data)
            counts = sorted(Counter(ds.clusters["edition"]).items(), reverse=True)
            years = [(f"{year} ({n:,} clusters)", int(year)) for year, n in counts]
            printed = ds.clusters[list(MEASURES)].dropna(axis=1, how="all")
            measures = [(LABELS[str(name)], name) for name in printed]
            named = [
                (f"{name} ({len(table):,} rows)", name) for name, table in ds.items()
            ]
            _fill(self.edition, years)
            _fill(self.years, [("all", 0), *years])
            _fill(self.table, named, "organizations")
            _fill(self.x, measures)
            _fill(self.y, measures, "intensity_rank")
            self.ds = ds
        return self.ds

    def _view_clusters(self, _: Any) -> dict[str, Any]:
        ds, year = self._load(), self.edition.value
        known = tables.select_edition(ds, year)
        for find, choice in ((self.find, self.cluster), (self.find_other, self.other)):
            found = tables.find_rows(known, find.value)
            if found.empty:
                message = f"no cluster or economy of {year} is called {find.value!r}"
                raise GiikitError(message)
            shown = found[["size_rank", "cluster", "economy_code"]]
            rank, name, code = shown.astype("string").fillna("–").to_numpy().T
            label = rank + ". " + name + " (" + code + ")"
            none = [("none", "")] if choice is self.other and not find.value else []
            _fill(choice, none + list(zip(label, found["cluster_id"], strict=True)))
        chosen = [c for c in (self.cluster.value, self.other.value) if c]
        plot, options = _PICTURES[self.picture.value]
        heeded = signature(plot).parameters
        for control, names in ((self.x, {"x"}), (self.y, {"y", "measure"})):
            control.layout.display = "" if names & {*heeded} else "none"
        values = {"clusters": chosen, "x": self.x.value, "y": self.y.value}
        values |= {"measure": self.y.value, "edition": year}
        options = options | {k: v for k, v in values.items() if k in heeded}
        one = "clusters" not in heeded
        said = options | ({"panels": {"cluster": chosen}} if one else {})
        written = [f"{name}={value!r}" for name, value in said.items()]
        call = f"giikit.plots.{plot.__name__}, ds, {', '.join(written)}"
        if call not in self.pictures:
            named: list[Any] = [{"cluster": c} for c in chosen] if one else [{}]
            drawn = [make_picture(plot, ds, **options, **name) for name in named]
            self.pictures[call] = [picture._repr_mimebundle_() for picture in drawn]
        return {
            "cards": [row for c in chosen for row in tables.list_rows(known, year, c)],
            "pictures": self.pictures[call],
            "csv": _link_csv(known, f"clusters-{year}"),
            "code": self._write_code(f"giikit.show_figure({call})"),
        }

    def _view_table(self, _: Any) -> dict[str, Any]:
        ds, year = self._load().select(edition=self.years.value), self.years.value
        name, words = self.table.value, self.words.value
        table = tables.find_rows(getattr(ds, name), words)
        found = f"giikit.find_rows(ds.{name}, {words!r})" if words else f"ds.{name}"
        return {
            "parts": [show_table(table).html],
            "csv": _link_csv(table, name),
            "code": self._write_code(f"giikit.show_table({found})", edition=year),
        }

    def _view_page(self, event: Any) -> dict[str, Any]:
        """Show how a page is read, pasted or uploaded; after its button, add it."""
        # Of a text and a file, the last that came counts.
        others = {self.text: self.upload, self.upload: self.text}
        if event and event is not self.add and event["owner"] in others:
            other = others[event["owner"]]
            other.value = type(other.value)()
        content, name = self.text.value.encode(errors="replace"), "pasted.txt"
        for file in self.upload.value:
            content, name = bytes(file["content"]), file["name"]
        self.add.disabled, self.add.description = True, "Add to data/raw"
        if not content.strip():
            return {"note": "What is read of the page will stand here."}
        page = make_page(content, name, Path(name).suffix.lower())
        profile, source = parse_page(page), show_source(page)
        remarks = tables.make_table("findings", profile.findings)
        table = show_table(remarks, columns=["severity", "line", "message"], limit=None)
        view = {"parts": [profile._repr_html_(), table.html, source.html]}
        if profile.edition and profile.cluster_id:
            self.add.disabled = False
            self.add.description += f" as {profile.edition}/{profile.cluster_id}"
        if event is not self.add:
            return view
        added = add_content(content, name, data=self.data, replace=self.replace.value)
        self.ds, self.find.value, self.replace.value = None, "", False
        _fill(self.edition, [(str(profile.edition), profile.edition)])
        _fill(self.cluster, [(str(profile.cluster), profile.cluster_id)])
        return view | {"done": f"{added.status.capitalize()}: {added.path}"}

    def _write_code(self, call: str, edition: int = 0) -> str:
        named = [repr(str(self.data))] * bool(self.data)
        named += [f"edition={edition}"] * bool(edition)
        return f"ds = giikit.load_dataset({', '.join(named)})\n{call}"


def explore(data: str | Path | None = None) -> Explorer:
    """Return the explorer, to look at clusters and tables and to add pages.

    It works with the mouse or the keyboard alone. Each view says the code that makes
    it, and links its table as CSV. A page is read before it is added to ``data/raw``.

    Parameters
    ----------
    data
        The data folder; None: found from the working directory upward.

    Returns
    -------
    Explorer
        A widget, which Jupyter shows where it is the last line of a cell.
    """
    return Explorer(data)


def _render(part: str, **values: Any) -> str:
    template = load_templates(Path(__file__).parent).get_template("explorer.html.j2")
    return str(getattr(template.module, part)(**values))


def _fill(control: Any, options: list[tuple[str, Any]], first: Any = None) -> None:
    """Offer options; what was chosen stays if it is among them, else ``first`` is."""
    values = [value for _, value in options]
    wanted = [value for value in (control.value, first) if value in values]
    control.options = options
    control.value = (wanted or values)[0]


def _link_csv(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return what a link holds: a whole table, so that saving it works offline."""
    content = b64encode(tables.format_csv(table).encode()).decode()
    return {"name": f"{name}.csv", "content": content, "rows": len(table)}
