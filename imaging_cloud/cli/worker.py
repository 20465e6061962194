"""The worker's rounds: settle studies, take in what waits in the spool, commitment.

Commitment has a thread of its own: it reads whole objects back and calls devices that may be
away, and neither must keep studies from settling. So has the making of pictures.
"""

import logging
import random
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from imaging_cloud.cli.deriver import make_crew, run_deriver
from imaging_cloud.domain.errors import CloudError
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.check_commitments import check_commitments
from imaging_cloud.use_cases.derive_studies import derive_next
from imaging_cloud.use_cases.replay_spool import replay_spool
from imaging_cloud.use_cases.settle_studies import settle_studies

if TYPE_CHECKING:
    from gateway.tls import TlsFiles

_LOG = logging.getLogger(__name__)
_ROUND_SECONDS = 2.0
_REPLAY_EVERY = 15
_STOP_SECONDS = 5
# A study half derived is begun again by the next worker: stopping does not wait for it.
_DERIVER_SECONDS = 1

Round = Callable[[int], int]


def run_worker(
    cloud: Cloud,
    stop: threading.Event,
    *,
    once: bool,
    ae_title: str,
    tls: "TlsFiles | None" = None,
) -> None:
    """Go round until stopped; an index or store that is away is waited for.

    `tls` is for calling devices by TLS.
    """

    def settle(number: int) -> int:
        settled = settle_studies(cloud, quiet=timedelta(seconds=cloud.policy.quiet_seconds))
        if number % _REPLAY_EVERY == 0 or cloud.spool.read_backlog().instances:
            replay_spool(cloud)
        return settled

    def commit(_number: int) -> int:
        try:
            return check_commitments(cloud) + _deliver(cloud, ae_title, stop, tls)
        except CloudError:
            raise
        except Exception as fault:  # noqa: BLE001 - the thread must outlive one bad request
            _LOG.error("commitment: %s", type(fault).__name__)
            return 0

    if once:
        for each in (settle, commit):
            _try(each, 0)
        with make_crew() as crew:
            while not stop.is_set() and derive_next(cloud, crew):
                pass
        return
    thread = threading.Thread(target=_go_round, args=(commit, stop), name="commitment", daemon=True)
    thread.start()
    deriver = threading.Thread(target=run_deriver, args=(cloud, stop), name="deriver", daemon=True)
    deriver.start()
    _go_round(settle, stop)
    deriver.join(_DERIVER_SECONDS)
    thread.join(_STOP_SECONDS)  # what it has leased is taken up again when the lease runs out


def _deliver(cloud: Cloud, ae_title: str, stop: threading.Event, tls: "TlsFiles | None") -> int:
    from gateway.reporter import deliver_reports

    return deliver_reports(cloud, ae_title, stop, tls)


def _go_round(each: Round, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        done = _try(each, number)
        number += 1
        if not done:
            # Spread, so that many workers do not ask at the same moment.
            stop.wait(_ROUND_SECONDS * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


def _try(each: Round, number: int) -> int:
    try:
        return each(number)
    except CloudError as error:
        _LOG.warning("worker: will try again: %s", error)
        return 0
