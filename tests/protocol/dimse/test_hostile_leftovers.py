"""What the hostile campaign takes for a leftover: entries and foreign files, not the log's own."""

from pathlib import Path

from tests.protocol.dimse.hostile import assert_nothing_is_left, gateway_by_default, spooled


def test_a_gateway_that_stored_an_instance_has_nothing_left_but_files_of_its_log(
    tmp_path: Path,
) -> None:
    with gateway_by_default(tmp_path) as gateway:
        assert_nothing_is_left(gateway)
        assert list(gateway.home.glob("spool/*.log"))
        foreign = gateway.home / "spool" / "HOSP_A" / "foreign"
        foreign.write_bytes(b"")

        assert str(foreign) in spooled(gateway)
