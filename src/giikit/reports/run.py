"""Run the notebooks in batch: only what changed, and many at a time."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from giikit import _warm, files
from giikit.errors import RunError
from giikit.reports import remote
from giikit.reports.making import make_report, open_server
from giikit.reports.notebooks import Status, choose_notebooks, find_notebooks
from giikit.reports.plans import Request, Survey, hash_inputs, survey_reports
from giikit.reports.store import Plan, Report, ReportRun, Store

if TYPE_CHECKING:
    from distributed import Client

    from giikit._warm import Result

Submit = Callable[..., "Future[Result]"]


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
    folder = files.find_data_dir(data)
    names = [notebooks] if isinstance(notebooks, str) else notebooks
    parameters = dict(parameters or {})
    study = find_notebooks(folder)
    wanted = choose_notebooks(study, names, parameters)
    options: dict[str, Any] = {"clusters": clusters, "edition": edition}
    options |= {"parameters": parameters, "timeout": timeout, "kernel": kernel}
    options |= {"output_limit": output_limit, "jobs": jobs, "prune": prune}
    options |= {"force": force, "only_failed": only_failed}
    request = Request(folder, study, wanted, **options)
    out = Path(out or folder.parent / "reports").absolute()
    store = Store(out, {"notebooks": names, **options})
    with remote.connect(dask) if dask else nullcontext() as client:
        built = store.state.get("versions") == files.list_versions()
        built = built and bool(files.read_build(folder / "raw", folder / "processed"))
        found = _look_ahead(request, store, built) if built or list_only else None
        if not found or not (list_only or _is_done(request, store, found)):
            found = _make_reports(request, store, built, client)
    todo: Status | None = "to-do" if list_only else None
    reports = [
        store.describe(plan.name, todo if stale else "up-to-date")
        for plan, stale in found.asked.items()
    ]
    if list_only:
        reports += [store.describe(name, "gone") for name in found.gone]
    if not names:
        reports += [
            Report(n.name, n.status, 0, (), n.problem) for n in study if n.status
        ]
    errors = sum(finding["severity"] == "error" for finding in found.findings)
    return ReportRun(tuple(reports), out / "index.html", store.seconds, errors)


def _look_ahead(request: Request, store: Store, built: bool) -> Survey:
    """Return what there is to be, and write nothing."""
    with TemporaryDirectory() as name:
        tables = (request.data if built else Path(name)) / "processed"
        if not built:
            _build_tables(request.data, tables)
        return survey_reports(request, tables, store)


def _is_done(request: Request, store: Store, found: Survey) -> bool:
    """Tell whether there is nothing to be made, removed or written."""
    work = found.list_stale() or (request.prune and found.gone)
    return not work and store.is_settled(found.hash_index(store.records))


def _make_reports(
    request: Request, store: Store, built: bool, client: Client | None
) -> Survey:
    """Build the tables, run the notebooks, and write all there is to be."""
    processed = request.data / "processed"
    with ExitStack() as stack:
        work = stack.enter_context(store.hold(_show))
        folders = request.data, request.notebooks[0].path.parent, work / "tables"
        if not client:
            submit = stack.enter_context(_open_threads(request, folders, work))
        if not built:
            _build_tables(request.data, processed)
        _copy_tables(processed, work / "tables")
        if client:
            submit = remote.open_workers(client, request.kernel, folders)
        found = survey_reports(request, work / "tables", store)
        if request.prune:
            store.prune(found.gone)
        try:
            if stale := found.list_stale():
                _run_plans(stale, submit, request, store)
                _warn_of_changes(found.inputs, hash_inputs(request, store))
            made_of = found.hash_index(store.records)
            store.write_index(found.render_index(store.records), made_of)
        finally:
            store.state["seconds"] = store.seconds
            store.save()
    return found


def _warn_of_changes(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Warn of files that the next run will take for new: it would make all again."""
    if changed := sorted({path for path, _ in before.items() ^ after.items()}):
        more = f" and {len(changed) - 3} more" if changed[3:] else ""
        message = f"changed while the notebooks ran: {', '.join(changed[:3])}{more}"
        said = "every report depends on it and is made again: write it elsewhere"
        warnings.warn(f"{message}; {said}, such as into ../results", stacklevel=4)


def _show(line: str) -> None:
    """Show a line above the progress bar, if someone is looking."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr)


def _build_tables(folder: Path, processed: Path) -> None:
    from giikit.build import build_dataset

    build_dataset(folder / "raw", processed)


def _copy_tables(processed: Path, copy: Path) -> None:
    """Copy the tables of one build, even if another is just being written."""
    for _ in range(20):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(processed, copy, ignore=shutil.ignore_patterns(".*"))
        if files.read_build(copy / "raw", copy):
            return
    msg = f"the tables in {processed} change all the time: run again"
    raise RunError(msg)


def _run_plans(
    plans: Sequence[Plan],
    submit: Submit,
    request: Request,
    store: Store,
) -> None:
    """Run the notebooks and store each report as it comes."""
    from tqdm import tqdm

    # Loaded once, and not in every thread at the same time.
    from giikit._warm import Failure, Job, Result
    from giikit.reports.html import export_html, load_exporter

    limit = request.output_limit * 10**6
    futures: dict[Future[Result], Plan] = {}
    # Those on many clusters take longest, and would be waited for at the end.
    for plan in sorted(plans, key=lambda plan: bool(plan.cluster_id)):
        job = Job(plan.notebook.text, plan.parameters, request.timeout, limit)
        try:
            futures[submit(job)] = plan
        except RuntimeError as error:
            msg = f"no thread could be started ({error}): see the limit on processes"
            raise RunError(msg) from error
    load_exporter()  # while the server loads what its kernels need
    with tqdm(total=len(plans), unit="report", file=sys.stderr, disable=None) as bar:
        for future in as_completed(futures):
            plan, html = futures[future], ""
            try:
                result = future.result()
                html = export_html(result.read(), plan.page)
            except Exception as error:  # of giikit, or of Dask's worker
                failure = Failure(None, "", type(error).__name__, str(error))
                result = Result("", failure)
            _show(str(store.add(plan, result, html)))
            bar.update()


@contextmanager
def _open_threads(
    request: Request, folders: Sequence[Path], work: Path
) -> Iterator[Submit]:
    """Yield what has a report made here, by threads that drive kernels."""
    told = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if told else os.cpu_count() or 1
    threads = ThreadPoolExecutor(request.jobs or 2 * processors)
    server = open_server(request.kernel, work / "server")
    submit: Submit = threads.submit
    try:
        yield partial(submit, make_report, server, folders, work)
    finally:
        # After an error or Ctrl-C, what still runs is killed, not awaited.
        threads.shutdown(wait=False, cancel_futures=True)
        server.close() if server else _warm.stop_plain_kernels()
        threads.shutdown()
