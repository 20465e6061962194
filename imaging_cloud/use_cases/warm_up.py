"""warm_up: a process that serves does once, while nobody waits, what its first caller would pay."""

import logging
from contextlib import suppress

from imaging_cloud.domain.errors import CloudError, NotAuthenticated
from imaging_cloud.domain.exams.descriptor import ExamEvidence
from imaging_cloud.ports.cloud import Cloud

_LOG = logging.getLogger(__name__)


def warm_up(cloud: Cloud, *, tokens: bool = False, intake: bool = False) -> None:
    """Read an exam's name and ask the index; with `tokens` also read one. Changes nothing.

    With `intake` spool and intake get ready for instances as well.

    An index that is away is left to the first who needs it.
    """
    if tokens:
        with suppress(NotAuthenticated):
            cloud.signer.read_token("", now=cloud.clock.now())
    if intake:
        cloud.spool.warm_up()
    try:
        cloud.catalogue.describe(ExamEvidence(name="CT chest", modalities=("CT",)))
        cloud.register.find_device("")
        if intake:
            cloud.intake.warm_up()
    except CloudError as error:
        _LOG.info("not warmed up: %s", error)
