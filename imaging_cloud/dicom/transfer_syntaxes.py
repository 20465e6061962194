"""How a transfer syntax encodes the data set itself (PS3.5 §10 and Annex A)."""

from dataclasses import dataclass

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
UNCOMPRESSED = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG})

# JPIP referenced, deflated variants: the data set is deflated as a whole (PS3.5 A.7, A.12).
_DEFLATED = frozenset({DEFLATED, "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})


@dataclass(frozen=True, slots=True)
class Encoding:
    explicit: bool
    little: bool
    deflated: bool


def encoding_of(transfer_syntax_uid: str) -> Encoding:
    """Every syntax not named here is explicit VR little endian (PS3.5 A.4)."""
    return Encoding(
        explicit=transfer_syntax_uid != IMPLICIT_LITTLE,
        little=transfer_syntax_uid != EXPLICIT_BIG,
        deflated=transfer_syntax_uid in _DEFLATED,
    )
