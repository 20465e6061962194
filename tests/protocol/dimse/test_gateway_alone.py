"""`python -m gateway` by itself: its figures are the machine's, and its log names nobody."""

from pathlib import Path

from tests.protocol.dimse.hostile import gateway_by_default
from tests.protocol.dimse.instances import make_instance
from tests.protocol.dimse.raw_peer import RawPeer, command_set, element, p_data, store_rq, us


def test_its_refusals_are_counted_where_metrics_adds_up_all_processes(tmp_path: Path) -> None:
    with gateway_by_default(tmp_path) as gateway:
        with RawPeer(gateway.port) as peer:
            assert peer.associate("NOBODY") == 0x03
        assert gateway.refusals()["unregistered-device"] == 1


def test_what_a_library_warns_of_is_not_quoted_in_the_log(tmp_path: Path) -> None:
    """pydicom warns of odd values and quotes them: of a command set here, of a data set there."""
    good = make_instance(5)
    odd = good.data_set.replace(b"20261120", b"1949SECR").replace(b"Nobody^Test", b"SECRET^Name")
    odd = odd.replace(good.uid.encode(), b"SECRET/".ljust(len(good.uid), b"x"), 1)
    with gateway_by_default(tmp_path) as gateway:
        with RawPeer(gateway.port) as peer:
            assert peer.associate("CT1") == 0x02
            peer.send(p_data(1, 0x03, store_rq(good.uid)))
            peer.send_data_set(odd)
            assert peer.read_status()[0] == 0xA900
            echo = command_set(
                element(0x0002, b"SECRET/Name"),
                us(0x0100, 0x0030),
                us(0x0110, 3),
                us(0x0800, 0x0101),
            )
            peer.send(p_data(3, 0x03, echo))
            assert peer.read_pdu()[0] in {0x04, 0x07}
        log = gateway.log.read_text(encoding="utf-8")

    assert "answered 0xA900: invalid-uid" in log
    assert "SECR" not in log
    assert "Warning" not in log
