"""SNOMED codes of DICOM's anatomy: each has its region, and so has its meaning as words."""

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts
from pydicom.sr._snomed_dict import mapping

from imaging_cloud.domain.exams.describe import describe_exam
from imaging_cloud.domain.exams.descriptor import ExamEvidence, ProcedureCode, Region

# What names no region of the guide: materials, kinds of vessel or joint, echo windows.
NO_PLACE = set(
    """
    Phantom; Lumen of blood vessel; Back; Baffle; Endo-vascular; Intra-articular; Venous network;
    Endo-arterial; Joint; Endo-venous; Body conduit; Extremity; Vascular graft; Subcostal
    """.replace("\n", " ").split("; ")
)
NO_PLACE = {meaning.strip() for meaning in NO_PLACE}
# In the words of these a code finds more than a reader of the bare words would.
ONLY_CODED = {
    "Posterior medial tributary",
    "Boyd's perforating vein",
    "Dodd's perforating vein",
    "Hunterian perforating vein",
}


def concepts_of(*cids: int) -> list[tuple[str, str]]:
    """Return (code, meaning) of the SNOMED CT concepts of these context groups."""
    names = [name for cid in cids for name in cid_concepts[cid]["SCT"]]
    return sorted({(c, row[0]) for n in names for c, row in concepts["SCT"][n].items()})


def regions_of_code(value: str, scheme: str) -> tuple[Region, ...]:
    code = ProcedureCode(value=value, scheme=scheme)
    return describe_exam(ExamEvidence(procedure_codes=(code,))).descriptor.regions


def test_every_coded_place_has_a_region_by_its_ct_and_its_rt_number() -> None:
    older: dict[str, list[str]] = {}
    for rt_code, ct_code in mapping["SRT"].items():
        older.setdefault(ct_code, []).append(rt_code)
    places = [row for row in concepts_of(4, 4030, 4031, 3014, 3015) if row[1] not in NO_PLACE]
    assert len(places) > 250
    unread = [meaning for code, meaning in places if not regions_of_code(code, "SCT")]
    unread += [
        f"{c} {m}" for v, m in places for c in older.get(v, ()) if not regions_of_code(c, "SRT")
    ]
    assert unread == []


def test_every_coded_place_is_understood_by_its_words() -> None:
    names = [meaning for _, meaning in concepts_of(4, 4030, 4031, 3015)]
    places = [name for name in names if name not in NO_PLACE | ONLY_CODED]
    unread = [
        name
        for name in places
        if not describe_exam(ExamEvidence(name=f"MR {name}")).descriptor.regions
    ]
    assert unread == []


@pytest.mark.parametrize(
    ("number", "region"),
    [("T-D3000", Region.CHEST), ("T-D4000", Region.ABDOMEN), ("T-D6000", Region.PELVIS)],
)
def test_numbers_of_the_trunk_retired_in_2020_are_still_read(number: str, region: Region) -> None:
    assert regions_of_code(number, "SRT") == (region,)
    assert regions_of_code(mapping["SRT"][number], "SCT") == (region,)
