"""The worker's round: settle quiet studies, take in what waits in the spool."""

import logging
import random
import threading
from datetime import timedelta

from imaging_cloud.domain.errors import CloudError
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.replay_spool import replay_spool
from imaging_cloud.use_cases.settle_studies import settle_studies

_LOG = logging.getLogger(__name__)
_ROUND_SECONDS = 2.0
_REPLAY_EVERY = 15


def run_worker(cloud: Cloud, stop: threading.Event, *, once: bool) -> None:
    """Go round until stopped; an index or store that is away is waited for."""
    rounds = 0
    while not stop.is_set():
        try:
            settled = settle_studies(cloud, quiet=timedelta(seconds=cloud.policy.quiet_seconds))
            if rounds % _REPLAY_EVERY == 0 or cloud.spool.read_backlog().instances:
                replay_spool(cloud)
        except CloudError as error:
            settled = 0
            _LOG.warning("worker: will try again: %s", error)
        if once:
            return
        rounds += 1
        if not settled:
            # Spread, so that many workers do not ask at the same moment.
            stop.wait(_ROUND_SECONDS * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
