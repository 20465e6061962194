"""settle_studies: what is done once a study has been quiet for a while."""

from datetime import timedelta

from imaging_cloud.ports.cloud import Cloud

_BATCH = 50


def settle_studies(cloud: Cloud, *, quiet: timedelta) -> int:
    """Settle up to a batch of quiet studies; how many there were."""
    now = cloud.clock.now()
    settled = cloud.outbox.take_settled(now - quiet, _BATCH)
    for study in settled:
        cloud.outbox.settle_study(study, at=now)
    return len(settled)
