"""A small C-STORE SCU for the demo and for trying things out. Not a load generator.

pynetdicom as a sender can lose a status about once in 700 under load, so what got no status is
sent again: to our own gateway a resend is harmless.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from pydicom import dcmread
from pynetdicom import AE
from pynetdicom.association import Association

from imaging_cloud.domain.errors import Unavailable

# PS3.8 9.3.2.2: presentation context ids are odd numbers up to 255.
_MOST_CONTEXTS = 128
_TRIES = 3

Kind = tuple[str, str]


def send_files(
    paths: Sequence[Path],
    *,
    address: tuple[str, int],
    calling: str,
    called: str,
    on_sent: Callable[[Path], None] | None = None,
) -> int:
    """Send Part 10 files as they are; how many were accepted.

    Raises Unavailable when the peer cannot be reached, refuses, or answers a failure.
    """
    by_kind: dict[Kind, list[Path]] = {}
    for path in paths:
        by_kind.setdefault(_kind_of(path), []).append(path)
    kinds = list(by_kind)
    for start in range(0, len(kinds), _MOST_CONTEXTS):
        batch = kinds[start : start + _MOST_CONTEXTS]
        association = _associate(batch, address, calling, called)
        try:
            for path in (path for kind in batch for path in by_kind[kind]):
                _send_one(association, path)
                if on_sent is not None:
                    on_sent(path)
        finally:
            association.release()
    return len(paths)


def _kind_of(path: Path) -> Kind:
    """(SOP class, transfer syntax), from the file meta alone."""
    meta = dcmread(path, specific_tags=[], stop_before_pixels=True).file_meta
    return str(meta.MediaStorageSOPClassUID), str(meta.TransferSyntaxUID)


def _associate(
    kinds: Sequence[Kind], address: tuple[str, int], calling: str, called: str
) -> Association:
    ae = AE(ae_title=calling)
    for sop_class, transfer_syntax in kinds:
        ae.add_requested_context(sop_class, transfer_syntax)
    association = ae.associate(*address, ae_title=called)
    if not association.is_established:
        raise Unavailable(f"no association as {calling} with {called}: refused or out of reach")
    return association


def _send_one(association: Association, path: Path) -> None:
    for _ in range(_TRIES):
        status = association.send_c_store(path)
        if "Status" in status:
            if status.Status == 0:
                return
            raise Unavailable(f"{path.name} was answered 0x{status.Status:04X}")
    raise Unavailable(f"{path.name} got no answer")
