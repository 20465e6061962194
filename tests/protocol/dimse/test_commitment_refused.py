"""What is no storage commitment request: refused, answered, and nothing of it kept."""

from typing import Any

import pytest

from imaging_cloud.domain.commitments import MAX_REFERENCES
from imaging_cloud.ports.cloud import Cloud
from tests.protocol.dimse.committing import WELL_KNOWN, CommitmentPeer, reported, request
from tests.protocol.dimse.instances import CT
from tests.protocol.dimse.raw_peer import (
    EXPLICIT,
    IMPLICIT,
    VERIFICATION,
    RawPeer,
    command_set,
    element,
    p_data,
    us,
)
from tests.protocol.dimse.running import RunningGateway

ABSENT = "1.2.3.4.5"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"action": 2}, 0x0123),
        ({"instance": "1.2.3"}, 0x0112),
        ({"transaction_uid": "../x"}, 0x0115),
        ({"references": []}, 0x0115),
        ({"references": [(CT, "../../etc/passwd")]}, 0x0115),
        ({"references": [(CT, f"1.2.{number}") for number in range(MAX_REFERENCES + 1)]}, 0x0213),
    ],
    ids=["action", "instance", "transaction", "nothing", "no uid", "too many"],
)
def test_what_is_no_request_is_refused_and_the_association_lives_on(
    running: RunningGateway, cloud: Cloud, words: dict[str, Any], status: int
) -> None:
    peer = CommitmentPeer()
    references = words.pop("references", [(CT, ABSENT)])
    with peer.associated(running.port) as association:
        assert request(association, references, **words)[0] == status
        assert request(association, [(CT, ABSENT)])[0] == 0x0000
        assert peer.next_report().failed == {ABSENT: 0x0112}
    assert peer.has_none()


@pytest.mark.parametrize(
    "information",
    [b"", b"\xff" * 100, b"\x08\x00\x95\x11UI\xff\xff1.2", bytes(range(256)) * 20],
    ids=["empty", "lying", "cut", "noise"],
)
def test_bytes_that_are_no_request_are_answered_and_nothing_is_kept(
    running: RunningGateway, cloud: Cloud, information: bytes
) -> None:
    push = "1.2.840.10008.1.20.1"
    asked = command_set(
        element(0x0003, push.encode()),
        us(0x0100, 0x0130),
        us(0x0110, 9),
        us(0x0800, 1),
        element(0x1001, WELL_KNOWN.encode()),
        us(0x1008, 1),
    )
    with RawPeer(running.port) as peer:
        assert peer.associate(contexts=((push, (EXPLICIT,)), (VERIFICATION, (IMPLICIT,)))) == 0x02
        peer.send(p_data(1, 0x03, asked))
        peer.send(p_data(1, 0x02, information))
        assert peer.read_status()[0] == 0x0115
        assert peer.echo() == 0x0000
    assert reported(cloud) == []
