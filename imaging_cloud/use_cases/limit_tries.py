"""limit_tries: how often somebody may ask or guess before they have to wait."""

from dataclasses import dataclass

from imaging_cloud.domain.errors import TooManyTries
from imaging_cloud.ports.cloud import Cloud


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` within a window of so many seconds."""

    what: str
    most: int
    seconds: int


# Many patients share the address of a carrier or a hospital, so addresses have wide limits;
# what protects a person is the limit on their own number and on the tries of one code.
CODES_FOR_NUMBER = Limit("codes-for-number", 5, 3600)
CODES_FOR_ADDRESS = Limit("codes-for-address", 60, 600)
WRONG_CODES_OF_ADDRESS = Limit("wrong-codes-of-address", 60, 600)
UNKNOWN_LINKS_OF_ADDRESS = Limit("unknown-links-of-address", 30, 600)


def spend(limit: Limit, subject: str, cloud: Cloud) -> None:
    """Count one. Raises TooManyTries beyond the limit."""
    counted = cloud.throttle.count(
        _key(limit, subject, cloud), seconds=limit.seconds, now=cloud.clock.now()
    )
    if counted > limit.most:
        raise _too_many(limit)


def check_left(limit: Limit, subject: str, cloud: Cloud) -> None:
    """Count nothing. Raises TooManyTries where nothing is left."""
    found = cloud.throttle.read(
        _key(limit, subject, cloud), seconds=limit.seconds, now=cloud.clock.now()
    )
    if found >= limit.most:
        raise _too_many(limit)


def note(limit: Limit, subject: str, cloud: Cloud) -> None:
    """Count one that went wrong; the next `check_left` minds it."""
    cloud.throttle.count(_key(limit, subject, cloud), seconds=limit.seconds, now=cloud.clock.now())


def _key(limit: Limit, subject: str, cloud: Cloud) -> str:
    return cloud.signer.digest_secret(limit.what, subject)


def _too_many(limit: Limit) -> TooManyTries:
    return TooManyTries(f"too many tries; wait {limit.seconds // 60} minutes, then try again")
