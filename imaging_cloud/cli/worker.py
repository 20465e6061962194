"""The worker's round: settle quiet studies, replay what a failure left in the spool.

Beside it a thread derives pictures, which must not hold up either.
"""

import logging
import random
import threading
from datetime import timedelta

from imaging_cloud.cli.deriver import make_crew, run_deriver
from imaging_cloud.domain.errors import CloudError
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.derive_studies import derive_next
from imaging_cloud.use_cases.replay_spool import replay_spool
from imaging_cloud.use_cases.settle_studies import settle_studies

_LOG = logging.getLogger(__name__)
_ROUND_SECONDS = 2.0
_REPLAY_EVERY = 15
# A study half derived is begun again by the next worker: stopping does not wait for it.
_LAST_SECONDS = 2.0


def run_worker(cloud: Cloud, stop: threading.Event, *, once: bool) -> None:
    """Go round until stopped; an index or store that is away is waited for."""
    if once:
        _round(cloud, replay=True)
        with make_crew() as crew:
            while not stop.is_set() and derive_next(cloud, crew):
                pass
        return
    deriver = threading.Thread(target=run_deriver, args=(cloud, stop), name="deriver", daemon=True)
    deriver.start()
    rounds = 0
    while not stop.is_set():
        settled = _round(cloud, replay=rounds % _REPLAY_EVERY == 0)
        rounds += 1
        if not settled:
            # Spread, so that many workers do not ask at the same moment.
            stop.wait(_ROUND_SECONDS * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
    deriver.join(_LAST_SECONDS)


def _round(cloud: Cloud, *, replay: bool) -> int:
    """How many studies were settled; 0 too when the index is away."""
    try:
        settled = settle_studies(cloud, quiet=timedelta(seconds=cloud.policy.quiet_seconds))
        if replay:
            replay_spool(cloud)
    except CloudError as error:
        _LOG.warning("worker: will try again: %s", error)
        return 0
    return settled
