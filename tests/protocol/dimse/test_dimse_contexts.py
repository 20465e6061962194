"""What is accepted: every storage class there is, every encoding of a Part 10 data set."""

import pytest
from pydicom.uid import UID_dictionary
from pynetdicom import AllStoragePresentationContexts
from pynetdicom._globals import ALL_TRANSFER_SYNTAXES

from gateway.contexts import TRANSFER_SYNTAXES, build_contexts
from tests.protocol.dimse.instances import CT, make_instance, stored_data_set
from tests.protocol.dimse.raw_peer import RawPeer, associate_rq
from tests.protocol.dimse.running import RunningGateway

# PS3.22: live streams, no data set to store.
STREAMS = {f"1.2.840.10008.1.2.7.{number}" for number in (1, 2, 3)}


def test_every_storage_class_of_pynetdicom_is_offered_once() -> None:
    offered = [str(each.abstract_syntax) for each in build_contexts(("1.2.3.4",))]

    assert len(offered) == len(set(offered))
    assert {str(each.abstract_syntax) for each in AllStoragePresentationContexts} <= set(offered)
    assert {"1.2.3.4", "1.2.840.10008.1.1"} <= set(offered)


def test_every_transfer_syntax_of_pynetdicom_but_streams_is_accepted() -> None:
    assert set(ALL_TRANSFER_SYNTAXES) - STREAMS <= set(TRANSFER_SYNTAXES)


def test_every_transfer_syntax_is_a_registered_one() -> None:
    assert len(TRANSFER_SYNTAXES) == len(set(TRANSFER_SYNTAXES))
    assert all(UID_dictionary[uid][1] == "Transfer Syntax" for uid in TRANSFER_SYNTAXES)


@pytest.mark.parametrize(
    "transfer_syntax",
    [
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.1",
        "1.2.840.10008.1.2.1.99",
        "1.2.840.10008.1.2.2",
        "1.2.840.10008.1.2.4.50",
        "1.2.840.10008.1.2.4.57",
        "1.2.840.10008.1.2.4.70",
        "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.90",
        "1.2.840.10008.1.2.4.202",
        "1.2.840.10008.1.2.5",
    ],
)
def test_an_encoding_is_kept_byte_for_byte(gateway: RunningGateway, transfer_syntax: str) -> None:
    instance = make_instance(transfer_syntax=transfer_syntax)
    with RawPeer(gateway.port) as peer:
        peer.send(associate_rq(contexts=((CT, (transfer_syntax,)),)))
        assert peer.read_pdu()[0] == 0x02
        assert peer.store(instance) == 0x0000

    (path,) = gateway.objects()
    assert stored_data_set(path) == instance.data_set
    assert transfer_syntax.encode() in path.read_bytes()[:400]
