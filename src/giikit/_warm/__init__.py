"""Kernels forked from a loaded process, for any notebook; knows nothing of GII."""

from giikit._warm.execution import Failure as Failure
from giikit._warm.execution import Job as Job
from giikit._warm.execution import Result as Result
from giikit._warm.execution import load_libraries as load_libraries
from giikit._warm.execution import run_job as run_job
from giikit._warm.forkserver import Preload as Preload
from giikit._warm.forkserver import can_fork as can_fork
