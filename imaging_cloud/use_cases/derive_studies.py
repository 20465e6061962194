"""derive_studies: the pictures of one study, or of the next one that waits for them."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import groupby

from imaging_cloud.domain.access import Scope
from imaging_cloud.domain.errors import NotFound, NotSupported
from imaging_cloud.ports.cloud import Cloud
from imaging_cloud.use_cases.derive_series import derive_series

_LOG = logging.getLogger(__name__)

# Held so long for each series; a worker that dies leaves the study to another one after it.
_LEASE = timedelta(minutes=10)
_FIRST_PAUSE = timedelta(seconds=30)
# Then it is left: what is asked for is made on demand, and `derived rebuild` tries again.
_MOST_ATTEMPTS = 6


def derive_study(
    institution: str,
    study_uid: str,
    cloud: Cloud,
    crew: ThreadPoolExecutor,
    on_series: Callable[[], None] = lambda: None,
) -> int:
    """Derive every series of the study at the institution; how many there were."""
    rows = cloud.index.list_instances(Scope(institution=institution), study_uid)
    count = 0
    for _, of_series in groupby(
        sorted(rows, key=lambda row: row.series_uid), key=lambda row: row.series_uid
    ):
        series = list(of_series)
        if any(row.rows for row in series):
            on_series()
            try:
                derive_series(series, cloud, crew)
            except NotSupported as error:
                _LOG.info("series %s is not derived: %s", series[0].series_uid, error)
            count += 1
    return count


def derive_next(cloud: Cloud, crew: ThreadPoolExecutor) -> bool:
    """Derive the study that has waited longest; False when none waits.

    Raises what kept it from being done; then it is tried again later.
    """
    now = cloud.clock.now()
    taken = cloud.derivations.take(at=now, until=now + _LEASE)
    if taken is None:
        return False

    def go_on() -> None:
        cloud.derivations.hold(taken, until=cloud.clock.now() + _LEASE)

    try:
        derive_study(taken.institution, taken.study_uid, cloud, crew, go_on)
    except NotFound:
        # An object is gone: `check` says so, and trying again does not bring it back.
        _LOG.warning("study %s is not derived: an object is missing", taken.study_uid)
    except Exception:
        # Whatever it is, it must neither be forgotten nor tried for ever.
        if taken.attempts < _MOST_ATTEMPTS:
            pause = _FIRST_PAUSE * 2**taken.attempts
            cloud.derivations.hold(taken, until=cloud.clock.now() + pause)
            raise
        _LOG.warning("study %s is left underived after %d tries", taken.study_uid, taken.attempts)
    cloud.derivations.finish(taken)
    return True
