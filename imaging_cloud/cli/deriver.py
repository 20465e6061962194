"""The deriver: a thread of the worker that makes pictures, and yields to everything else."""

import logging
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from imaging_cloud.domain.errors import CloudError
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.derive_studies import derive_next

_LOG = logging.getLogger(__name__)
_ROUND_SECONDS = 2.0
_STALE_SECONDS = 24 * 3600
_LOWEST = 19


def yield_to_others() -> None:
    """This thread, and the processes it starts, run when nobody else wants the processor."""
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except OSError:
        _LOG.info("derivation runs at normal priority: this system does not lower it")


def make_crew() -> ThreadPoolExecutor:
    """Threads that derive with little priority, one for each processor."""
    return ThreadPoolExecutor(
        max(os.cpu_count() or 1, 1), thread_name_prefix="derive", initializer=yield_to_others
    )


def run_deriver(cloud: Cloud, stop: threading.Event) -> None:
    """Derive what waits until stopped."""
    yield_to_others()
    sweep_scratch(cloud.policy.scratch)
    with make_crew() as crew:
        while not stop.is_set():
            try:
                worked = derive_next(cloud, crew)
            except CloudError as error:
                worked = False
                _LOG.warning("deriving: will try again: %s", error)
            except Exception as error:  # noqa: BLE001 - a strange file must not end the thread
                worked = False
                # Only the kind of it: messages may quote patient data.
                _LOG.error("deriving: unexpected %s", type(error).__name__)
            if not worked:
                stop.wait(_ROUND_SECONDS * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


def sweep_scratch(folder: Path) -> None:
    """Remove what a killed worker left."""
    for path in folder.glob("*"):
        try:
            if path.stat().st_mtime < time.time() - _STALE_SECONDS:
                path.unlink()
        except OSError:
            continue
