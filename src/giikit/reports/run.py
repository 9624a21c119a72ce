"""Run the notebooks in batch: only what changed, and many at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Literal

from giikit import files
from giikit._warm import (
    Failure,
    Job,
    KernelServer,
    can_fork,
    load_libraries,
    stop_plain_kernels,
)
from giikit.errors import RunError
from giikit.reports.making import copy_tables, make_report, open_server
from giikit.reports.notebooks import (
    check_parameters,
    choose_notebooks,
    find_notebooks,
)
from giikit.reports.plans import Survey, survey_reports
from giikit.reports.store import Made, Plan, Report, ReportRun, Status, Store

Submit = Callable[[Job, Mapping[str, Any]], "Future[Made]"]


def run_reports(
    clusters: str | Sequence[str] = (),
    *,
    data: str | Path | None = None,
    edition: int | None = None,
    notebooks: str | Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    force: bool = False,
    only_failed: bool = False,
    timeout: float | None = None,
    output_limit: int = 20,
    out: str | Path | None = None,
    kernel: Literal["warm", "cold"] | None = None,
    dask: str | None = None,
    prune: bool = False,
    list_only: bool = False,
) -> ReportRun:
    """Build the tables, run the notebooks, write reports and an index of them.

    Every notebook in the study's ``notebooks`` folder with a cell tagged
    ``parameters`` is a report: for each cluster if it declares ``cluster``, else for
    each edition if it declares ``edition``, else once if it declares ``editions``.
    A report is redone if its notebook, its parameters, the tables, other files below
    ``notebooks`` and ``data``, giikit or an installed version changed since;
    ``run.json`` in ``out`` records them.

    Parameters
    ----------
    clusters
        Names or cluster_ids to make the clusters' reports of; none: of all. Reports on
        no single cluster always cover all clusters of an edition.
    data
        The data folder; None: see `load_dataset`.
    edition
        Year; None: every edition that there is a page of, and reports over editions.
    notebooks
        Names of the notebooks to run, such as ``"my-view"`` or ``"05_my_view.ipynb"``;
        none: all.
    parameters
        Values for the notebooks' own parameters, by name. A text is read as the type
        of the notebook's default.
    jobs
        Notebooks to run at a time; None: two for each processor.
    force, only_failed
        Redo what is up to date as well; redo only what failed when it was last run.
    timeout
        Seconds that one cell of a notebook may take; None: no limit.
    output_limit
        Megabytes that one cell may put out; what is more is cut.
    out
        The folder to write to; None: ``reports`` beside the data folder.
    kernel
        ``warm`` kernels are forked with the libraries loaded, ``cold`` ones are
        started anew; None: warm where forking is safe (Linux).
    dask
        Address of a Dask scheduler, whose workers then run the notebooks.
    prune
        Remove the reports of notebooks and pages that are no longer there.
    list_only
        Only tell what there is to do: neither tables nor reports are written.

    Raises
    ------
    GiikitError
        If there is no data folder, no page, or no such cluster or edition.
    RunError
        If an option makes no sense, there is no such notebook or parameter or a value
        is of another type, or ``out`` cannot be written to. A notebook that fails does
        not raise.
    """
    started = monotonic()
    _check_options(jobs, timeout, output_limit, kernel)
    folder = files.find_data_dir(data)
    own = find_notebooks(folder)
    names = [notebooks] if isinstance(notebooks, str) else notebooks
    wanted = choose_notebooks(own, names)
    parameters = dict(parameters or {})
    check_parameters(wanted, parameters)
    options: dict[str, Any] = {"clusters": clusters, "edition": edition}
    options |= {"notebooks": names, "parameters": parameters, "kernel": kernel}
    options |= {"timeout": timeout, "output_limit": output_limit}
    store = Store(Path(out or folder.parent / "reports").absolute(), options)
    versions = files.hash_value(files.list_versions())

    def survey(tables: Path) -> tuple[Survey, dict[Plan, bool]]:
        """Return what there is to be, and whether what is asked for is to be made."""
        found = survey_reports(folder, tables, own, wanted, parameters, store)
        chosen = found.choose(wanted, clusters, edition)
        if only_failed:
            failed = {n for n, r in store.records.items() if r["status"] == "failed"}
            chosen = [plan for plan in chosen if plan.name in failed]
        return found, {p: force or not store.is_current(p) for p in chosen}

    def tell(found: Survey, asked: Mapping[Plan, bool]) -> ReportRun:
        """Return what was done, or is to be."""
        todo: Status | None = "to-do" if list_only else None
        reports = [
            store.describe(plan.name, todo if stale else "up-to-date")
            for plan, stale in asked.items()
        ]
        if list_only:
            reports += [store.describe(n, "gone") for n in store.list_gone(found.plans)]
        foreign = [n for n in own if n.foreign and not names]
        reports += [Report(n.name, "left-out", 0, (), n.explain()) for n in foreign]
        errors = sum(f["severity"] == "error" for f in found.findings)
        index, seconds = store.out / "index.html", monotonic() - started
        return ReportRun(tuple(reports), index, seconds, errors)

    with ExitStack() as stack:
        client = None
        if dask:
            from giikit.reports import remote

            client = stack.enter_context(remote.connect(dask))
        tables = folder / "processed"
        built = store.state.get("built") == versions
        built = built and bool(files.read_build(folder / "raw", tables))
        if list_only:
            if not built:
                tables = Path(stack.enter_context(TemporaryDirectory())) / "processed"
                _build_tables(folder, tables)
            return tell(*survey(tables))
        if built:
            found, asked = survey(tables)
            todo = any(asked.values()) or (prune and store.list_gone(found.plans))
            if not todo and store.is_settled(found.render_index(store.records)):
                return tell(found, asked)
        work = stack.enter_context(store.hold(_tell))
        server = None if client else open_server(kernel, work / "server")
        stack.callback(stop := server.close if server else stop_plain_kernels)
        if not built:
            _build_tables(folder, folder / "processed")
        copy_tables(folder / "processed", tables := work / "tables")
        store.state["built"] = versions
        found, asked = survey(tables)
        if prune:
            store.prune(found.plans)
        places = folder, own[0].path.parent, tables
        try:
            if stale := [plan for plan in asked if asked[plan]]:
                if client:
                    submit = remote.open_workers(client, *places, kernel)
                else:
                    given = server, *places, work
                    submit = stack.enter_context(_open_threads(jobs, stop, given))
                _run_plans(stale, timeout, output_limit, submit, store)
            store.write("index.html", found.render_index(store.records))
        finally:
            store.state["seconds"] = round(monotonic() - started, 3)
            store.save()
        return tell(found, asked)


def _check_options(
    jobs: int | None, timeout: float | None, output_limit: int, kernel: str | None
) -> None:
    """Refuse what makes no sense before anything is done."""
    for name, value in (("jobs", jobs), ("output_limit", output_limit)):
        if value is not None and value < 1:
            msg = f"{name} is {value}: expected at least 1"
            raise RunError(msg)
    if timeout is not None and not timeout > 0:
        msg = f"timeout is {timeout}: expected more than 0 seconds"
        raise RunError(msg)
    if kernel not in (None, "warm", "cold"):
        msg = f"kernel is {kernel!r}: expected 'warm' or 'cold'"
        raise RunError(msg)
    if kernel == "warm" and not can_fork():
        msg = "warm kernels are forked, which is safe on Linux only: use --kernel cold"
        raise RunError(msg)


def _tell(line: str) -> None:
    """Show a line above the progress bar, if someone is looking."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr)


def _build_tables(folder: Path, processed: Path) -> None:
    from giikit.build import build_dataset

    build_dataset(folder / "raw", processed)


def _run_plans(
    plans: Sequence[Plan],
    timeout: float | None,
    output_limit: int,
    submit: Submit,
    store: Store,
) -> None:
    """Run the notebooks and store each report as it comes."""
    from tqdm import tqdm

    # Those on many clusters take longest, and would be waited for at the end.
    limit = output_limit * 10**6
    ordered = sorted(plans, key=lambda plan: bool(plan.cluster_id))
    futures = {
        submit(Job(p.notebook.text, p.parameters, timeout, limit), p.page): p
        for p in ordered
    }
    with tqdm(total=len(plans), unit="report", file=sys.stderr, disable=None) as bar:
        for future in as_completed(futures):
            try:
                made = future.result()
            except Exception as error:  # of giikit, or of Dask's worker
                made = Made(failure=Failure(None, "", type(error).__name__, str(error)))
            _tell(str(store.add(futures[future], made)))
            bar.update()


@contextmanager
def _open_threads(
    jobs: int | None,
    stop: Callable[[], None],
    given: tuple[KernelServer | None, Path, Path, Path, Path],
) -> Iterator[Submit]:
    """Yield what has a report made here, by threads that drive kernels.

    ``given`` is what `make_report` needs besides a notebook and its page.
    """
    load_libraries()
    told = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if told else os.cpu_count() or 1
    threads = ThreadPoolExecutor(jobs or 2 * processors)

    def submit(job: Job, page: Mapping[str, Any]) -> Future[Made]:
        try:
            return threads.submit(make_report, job, page, *given)
        except RuntimeError as error:
            msg = f"no thread could be started ({error}): see the limit on processes"
            raise RunError(msg) from error

    try:
        yield submit
    finally:
        # After an error or Ctrl-C, what still runs is killed, not awaited.
        threads.shutdown(wait=False, cancel_futures=True)
        stop()
        threads.shutdown()
