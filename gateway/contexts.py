"""What the gateway accepts: SOP classes x transfer syntaxes (docs/conformance.md repeats this)."""

from collections.abc import Iterable

from pynetdicom import AllStoragePresentationContexts
from pynetdicom.presentation import PresentationContext, build_context

# Stored as sent, never transcoded, so every encoding of a Part 10 data set may come (PS3.5
# Annex A; PS3.6 Annex A). Left out: MIME, XML and Papyrus (retired, no Part 10 data set) and
# SMPTE ST 2110 (live streams, PS3.22: nothing to store).
TRANSFER_SYNTAXES = (
    "1.2.840.10008.1.2",  # Implicit VR Little Endian
    "1.2.840.10008.1.2.1",  # Explicit VR Little Endian
    "1.2.840.10008.1.2.1.98",  # Encapsulated Uncompressed Explicit VR Little Endian
    "1.2.840.10008.1.2.1.99",  # Deflated Explicit VR Little Endian
    "1.2.840.10008.1.2.2",  # Explicit VR Big Endian (retired)
    "1.2.840.10008.1.2.4.50",  # JPEG Baseline (Process 1)
    "1.2.840.10008.1.2.4.51",  # JPEG Extended (Process 2 and 4)
    "1.2.840.10008.1.2.4.52",  # JPEG Extended (Process 3 and 5) (retired, as all to .66 but .57)
    "1.2.840.10008.1.2.4.53",  # JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)
    "1.2.840.10008.1.2.4.54",  # JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)
    "1.2.840.10008.1.2.4.55",  # JPEG Full Progression, Non-Hierarchical (Process 10 and 12)
    "1.2.840.10008.1.2.4.56",  # JPEG Full Progression, Non-Hierarchical (Process 11 and 13)
    "1.2.840.10008.1.2.4.57",  # JPEG Lossless, Non-Hierarchical (Process 14)
    "1.2.840.10008.1.2.4.58",  # JPEG Lossless, Non-Hierarchical (Process 15)
    "1.2.840.10008.1.2.4.59",  # JPEG Extended, Hierarchical (Process 16 and 18)
    "1.2.840.10008.1.2.4.60",  # JPEG Extended, Hierarchical (Process 17 and 19)
    "1.2.840.10008.1.2.4.61",  # JPEG Spectral Selection, Hierarchical (Process 20 and 22)
    "1.2.840.10008.1.2.4.62",  # JPEG Spectral Selection, Hierarchical (Process 21 and 23)
    "1.2.840.10008.1.2.4.63",  # JPEG Full Progression, Hierarchical (Process 24 and 26)
    "1.2.840.10008.1.2.4.64",  # JPEG Full Progression, Hierarchical (Process 25 and 27)
    "1.2.840.10008.1.2.4.65",  # JPEG Lossless, Hierarchical (Process 28)
    "1.2.840.10008.1.2.4.66",  # JPEG Lossless, Hierarchical (Process 29)
    "1.2.840.10008.1.2.4.70",  # JPEG Lossless, First-Order Prediction (Process 14, Selection 1)
    "1.2.840.10008.1.2.4.80",  # JPEG-LS Lossless
    "1.2.840.10008.1.2.4.81",  # JPEG-LS Near-Lossless
    "1.2.840.10008.1.2.4.90",  # JPEG 2000 Lossless Only
    "1.2.840.10008.1.2.4.91",  # JPEG 2000
    "1.2.840.10008.1.2.4.92",  # JPEG 2000 Part 2 Multi-component Lossless Only
    "1.2.840.10008.1.2.4.93",  # JPEG 2000 Part 2 Multi-component
    "1.2.840.10008.1.2.4.94",  # JPIP Referenced
    "1.2.840.10008.1.2.4.95",  # JPIP Referenced Deflate
    "1.2.840.10008.1.2.4.100",  # MPEG2 Main Profile / Main Level
    "1.2.840.10008.1.2.4.100.1",  # Fragmentable MPEG2 Main Profile / Main Level
    "1.2.840.10008.1.2.4.101",  # MPEG2 Main Profile / High Level
    "1.2.840.10008.1.2.4.101.1",  # Fragmentable MPEG2 Main Profile / High Level
    "1.2.840.10008.1.2.4.102",  # MPEG-4 AVC/H.264 High Profile / Level 4.1
    "1.2.840.10008.1.2.4.102.1",  # Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1
    "1.2.840.10008.1.2.4.103",  # MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1
    "1.2.840.10008.1.2.4.103.1",  # Fragmentable MPEG-4 AVC/H.264 BD-compatible
    "1.2.840.10008.1.2.4.104",  # MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video
    "1.2.840.10008.1.2.4.104.1",  # Fragmentable MPEG-4 AVC/H.264 Level 4.2 For 2D Video
    "1.2.840.10008.1.2.4.105",  # MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video
    "1.2.840.10008.1.2.4.105.1",  # Fragmentable MPEG-4 AVC/H.264 Level 4.2 For 3D Video
    "1.2.840.10008.1.2.4.106",  # MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2
    "1.2.840.10008.1.2.4.106.1",  # Fragmentable MPEG-4 AVC/H.264 Stereo High Profile
    "1.2.840.10008.1.2.4.107",  # HEVC/H.265 Main Profile / Level 5.1
    "1.2.840.10008.1.2.4.108",  # HEVC/H.265 Main 10 Profile / Level 5.1
    "1.2.840.10008.1.2.4.110",  # JPEG XL Lossless
    "1.2.840.10008.1.2.4.111",  # JPEG XL JPEG Recompression
    "1.2.840.10008.1.2.4.112",  # JPEG XL
    "1.2.840.10008.1.2.4.201",  # High-Throughput JPEG 2000 Lossless Only
    "1.2.840.10008.1.2.4.202",  # High-Throughput JPEG 2000 with RPCL Options Lossless Only
    "1.2.840.10008.1.2.4.203",  # High-Throughput JPEG 2000
    "1.2.840.10008.1.2.4.204",  # JPIP HTJ2K Referenced
    "1.2.840.10008.1.2.4.205",  # JPIP HTJ2K Referenced Deflate
    "1.2.840.10008.1.2.5",  # RLE Lossless
    "1.2.840.10008.1.2.8.1",  # Deflated Image Frame Compression
)

_VERIFICATION = "1.2.840.10008.1.1"
_STORAGE_COMMITMENT = "1.2.840.10008.1.20.1"
SERVICES = (_VERIFICATION, _STORAGE_COMMITMENT)
# PS3.4 A.4: services need the default transfer syntax; senders propose explicit ones too.
PLAIN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")


def build_contexts(private_sop_classes: Iterable[str] = ()) -> list[PresentationContext]:
    """Built once a process and shared by all associations: negotiation only reads them."""
    storage = {str(context.abstract_syntax) for context in AllStoragePresentationContexts}
    storage.update(private_sop_classes)
    syntaxes = list(TRANSFER_SYNTAXES)
    contexts = [build_context(uid, syntaxes) for uid in sorted(storage)]
    contexts += [build_context(uid, list(PLAIN)) for uid in SERVICES]
    return contexts


def stored_classes(contexts: Iterable[PresentationContext]) -> frozenset[str]:
    """The SOP classes of which instances are kept: all but the services."""
    return frozenset(str(each.abstract_syntax) for each in contexts) - frozenset(SERVICES)


class Offer:
    """The contexts as negotiation wants them, made once a process.

    `syntaxes` is by abstract syntax; `stored_classes` are those of which instances are kept;
    `speaks_of_roles` tells whether any context names SCP/SCU roles, so that a peer's role selection
    must be answered.
    """

    def __init__(self, contexts: Iterable[PresentationContext]) -> None:
        self.contexts = list(contexts)
        self.stored_classes = stored_classes(self.contexts)
        self.syntaxes = {
            str(each.abstract_syntax): frozenset(map(str, each.transfer_syntax))
            for each in self.contexts
        }
        self.speaks_of_roles = any(
            each.scu_role is not None or each.scp_role is not None for each in self.contexts
        )

    def keep_first_supported(self, proposed: Iterable[PresentationContext]) -> None:
        """Narrow each proposal to the first transfer syntax of its own that we support.

        For negotiation by pynetdicom, which would choose by our order.
        """
        for context in proposed:
            supported = self.syntaxes.get(str(context.abstract_syntax), frozenset())
            first = next((uid for uid in context.transfer_syntax if uid in supported), None)
            if first is not None and len(context.transfer_syntax) > 1:
                context.transfer_syntax = [first]
