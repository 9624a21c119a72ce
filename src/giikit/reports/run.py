"""Run the notebooks in batch: only what changed, and many at a time."""

from __future__ import annotations

import io
import os
import socket
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Literal

from giikit import files
from giikit._warm import Job, Result, can_fork, load_libraries, run_job
from giikit.errors import GiikitError, RunError
from giikit.files import find_data_dir, find_notebook, hold_folder
from giikit.names import find_cluster_id
from giikit.reports.parameters import check_parameters, strip_notebook
from giikit.reports.rehearsal import PRELOAD
from giikit.reports.store import ACROSS, Plan, ReportRun, Store, read_rows

Submit = Callable[[Job], "Future[Result]"]


def run_reports(
    clusters: str | Sequence[str] = (),
    *,
    data: str | Path | None = None,
    edition: int | None = None,
    jobs: int | None = None,
    force: bool = False,
    only_failed: bool = False,
    timeout: float | None = None,
    out: str | Path | None = None,
    kernel: Literal["warm", "cold"] | None = None,
    dask: str | None = None,
) -> ReportRun:
    """Build the tables, run the notebooks, write reports and an index of them.

    A report is redone if its notebook, its parameters, the data it reads, giikit or
    what giikit depends on changed since; ``run.json`` in ``out`` records them.

    Parameters
    ----------
    clusters
        Names or cluster_ids to make profile reports of; none: of all. The report
        across clusters always covers all clusters of an edition.
    data
        The data folder; None: see `load_dataset`.
    edition
        Year; None: every edition that there is a page of.
    jobs
        Notebooks to run at a time; None: two for each processor.
    force, only_failed
        Redo what is up to date as well; redo only what failed when it was last run.
    timeout
        Seconds that one cell of a notebook may take; None: no limit.
    out
        The folder to write to; None: ``reports`` beside the data folder.
    kernel
        ``warm`` kernels are forked with the libraries loaded, ``cold`` ones are
        started anew; None: warm where forking is safe (Linux).
    dask
        Address of a Dask scheduler, whose workers then run the notebooks.

    Raises
    ------
    GiikitError
        If there is no data folder, no page, or no such cluster or edition.
    RunError
        If an option makes no sense, a notebook has not the parameters it is to get,
        or ``out`` cannot be written to. A notebook that fails does not raise.
    """
    options = dict(locals())
    started = monotonic()
    _check_options(jobs, timeout, kernel)
    folder = find_data_dir(data)
    target = Path(out or folder.parent / "reports").absolute()
    with hold_folder(target, _tell) as work, _end_loading():
        store = Store(target, work, options)
        _refresh_tables(folder, store, preload=kernel != "cold" and not dask)
        plans = _plan_reports(folder)
        findings = read_rows(folder / "processed" / "findings.csv")
        chosen = _choose_plans(plans, clusters, edition)
        if only_failed:
            chosen = [p for p in chosen if store.get_status(p) == "failed"]
        stale = [p for p in chosen if force or not store.is_current(p)]
        store.forget_others(plans)
        try:
            if stale:
                warm = can_fork() if kernel is None else kernel == "warm"
                with _open_executor(jobs, warm, dask, folder, work) as submit:
                    _run_plans(stale, timeout, warm, submit, store)
            store.write_index(plans, folder / "processed", findings)
        finally:
            store.finish(monotonic() - started)
        return store.make_run(chosen, stale, findings)


def _check_options(jobs: int | None, timeout: float | None, kernel: str | None) -> None:
    """Refuse what makes no sense before anything is done."""
    if jobs is not None and jobs < 1:
        msg = f"jobs is {jobs}: expected at least 1"
        raise RunError(msg)
    if timeout is not None and not timeout > 0:
        msg = f"timeout is {timeout}: expected more than 0 seconds"
        raise RunError(msg)
    if kernel not in (None, "warm", "cold"):
        msg = f"kernel is {kernel!r}: expected 'warm' or 'cold'"
        raise RunError(msg)
    if kernel == "warm" and not hasattr(os, "fork"):
        msg = "this system cannot fork, so it has no warm kernels: use --kernel cold"
        raise RunError(msg)


def _tell(line: str) -> None:
    """Show a line above the progress bar, if someone is looking."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr)


def _refresh_tables(folder: Path, store: Store, *, preload: bool) -> None:
    """Build the tables, unless they are those that the same raw files gave."""
    raw, processed = folder / "raw", folder / "processed"
    built = {
        "raw": files.hash_folder(raw),
        "code": files.hash_code(),
        "versions": files.hash_value(files.list_versions()),
        "processed": files.hash_folder(processed),
    }
    if built != store.state.get("built"):
        if preload:
            _start_loading()
        from giikit.build import build_dataset

        build_dataset(raw, processed)
        built["processed"] = files.hash_folder(processed)
        store.state["built"] = built


def _start_loading() -> None:
    """Have the server of warm kernels load while this process goes on."""
    from giikit._warm import start_server

    if can_fork():
        start_server(PRELOAD)


@contextmanager
def _end_loading() -> Iterator[None]:
    """End the server after the block, also where an error kept it from being used."""
    try:
        yield
    finally:
        if kernels := sys.modules.get("giikit._warm.kernels"):
            kernels.stop_kernels()


def _plan_reports(folder: Path) -> list[Plan]:
    """Return all reports that there are to be, in the order of the index."""
    processed = folder / "processed"
    whole = files.hash_folder(processed, "*.csv")
    profile, across = (
        find_notebook(name, folder)
        for name in ("01_cluster_profile.ipynb", "02_across_clusters.ipynb")
    )
    texts = {
        path: strip_notebook(path.read_bytes(), str(path)) for path in (profile, across)
    }
    check_parameters(texts[profile], str(profile), {"cluster": "", "edition": 0})
    check_parameters(texts[across], str(across), {"edition": 0})
    rows = read_rows(processed / "clusters.csv")
    if not rows:
        msg = f"no cluster profile among the pages in {folder / 'raw'}: giikit check"
        raise RunError(msg)
    rows.sort(key=lambda r: (int(r["size_rank"] or 10**6), r["cluster_id"]))
    plans = []
    for edition in sorted({int(row["edition"]) for row in rows}, reverse=True):
        title = f"Clusters of the Global Innovation Index {edition}"
        parameters: dict[str, object] = {"edition": edition}
        plans.append(
            Plan(f"{edition}/{ACROSS}", title, across, texts[across], parameters, whole)
        )
        for row in rows:
            if int(row["edition"]) != edition:
                continue
            key = row["cluster_id"]
            plan = Plan(
                f"{edition}/{key}",
                f"{row['cluster']}, Global Innovation Index {edition}",
                profile,
                texts[profile],
                {"cluster": key, "edition": edition},
                whole,
            )
            plans.append(plan)
    return plans


def _choose_plans(
    plans: list[Plan], clusters: str | Sequence[str], edition: int | None
) -> list[Plan]:
    """Return the reports on the named clusters, and those across clusters."""
    editions = sorted({plan.edition for plan in plans})
    if edition is not None and edition not in editions:
        msg = f"no edition {edition} among the pages: expected one of {editions}"
        raise GiikitError(msg)
    plans = [plan for plan in plans if edition in (None, plan.edition)]
    known = {plan.key for plan in plans} - {ACROSS}
    names = [clusters] if isinstance(clusters, str) else clusters
    wanted = {find_cluster_id(name, known) for name in names}
    return [p for p in plans if not wanted or p.key in wanted or p.key == ACROSS]


def _run_plans(
    plans: list[Plan],
    timeout: float | None,
    warm: bool,
    submit: Submit,
    store: Store,
) -> None:
    """Run the notebooks and store each as it comes."""
    from tqdm import tqdm

    preload = PRELOAD if warm else None
    futures = {submit(Job(p.text, p.parameters, preload, timeout)): p for p in plans}
    with tqdm(total=len(plans), unit="report", file=sys.stderr, disable=None) as bar:
        for future in as_completed(futures):
            result: Result | Exception
            try:
                result = future.result()
            except Exception as error:
                result = error
            _tell(str(store.add(futures[future], result)))
            bar.update()


@contextmanager
def _open_executor(
    jobs: int | None, warm: bool, dask: str | None, folder: Path, work: Path
) -> Iterator[Submit]:
    """Give what runs jobs: threads that drive kernels here, or Dask's workers."""
    if dask:
        try:
            from distributed import Client
        except ImportError as error:
            msg = "--dask needs Dask: pip install 'giikit[dask]'"
            raise RunError(msg) from error
        try:
            client = Client(dask, timeout=30)
        except (OSError, ValueError) as error:
            msg = f"no Dask scheduler at {dask}: {error}; start one: dask scheduler"
            raise RunError(msg) from error
        with client:
            code = files.hash_code(), files.list_versions()
            # A task, not a scattered value: what a dying worker held is made again.
            package = client.submit(bytes, _pack_data(folder))
            executor = client.get_executor(retries=3)
            yield lambda job: executor.submit(_run_packed, job, package, code)
        return
    from giikit._warm import stop_kernels

    if warm:
        _start_loading()
    load_libraries()
    if hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    threads = ThreadPoolExecutor(jobs or 2 * processors)
    try:
        yield lambda job: threads.submit(run_job, job, _make_env(folder), work)
    finally:
        # After an error or Ctrl-C, what still runs is killed, not awaited.
        threads.shutdown(wait=False, cancel_futures=True)
        stop_kernels()
        threads.shutdown()


def _make_env(data: Path) -> dict[str, str]:
    # Not a parameter: a path in the notebook would differ from machine to machine.
    return {"GIIKIT_DATA": str(data)}


def _pack_data(data: Path) -> bytes:
    """Return the tables of a data folder in one piece."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for path in sorted((data / "processed").iterdir()):
            if not path.name.startswith("."):
                package.write(path, f"processed/{path.name}")
    return buffer.getvalue()


def _run_packed(job: Job, data: bytes, code: tuple[str, dict[str, str]]) -> Result:
    """Run a notebook on another machine, which must have the same software.

    Raises
    ------
    RunError
        If giikit or a library is another one there than where the run was started.
    """
    here = files.hash_code(), files.list_versions()
    if here != code:
        changed = sorted(dict(here[1].items() ^ code[1].items())) or ["giikit's code"]
        msg = (
            f"the worker on {socket.gethostname()} has other software "
            f"({', '.join(changed)}): install the same on all workers, restart them"
        )
        raise RunError(msg)
    with TemporaryDirectory(prefix="giikit-") as name:
        folder = Path(name)
        zipfile.ZipFile(io.BytesIO(data)).extractall(folder / "data")
        return run_job(job, _make_env(folder / "data"), folder)
