"""One document for a series whose instances lie at several institutions: made of theirs.

Nothing is stored: the packs are those of the institutions, and what is written here says where in
them each slice lies. Only the rows that the caller sees go into it.
"""

from collections.abc import Sequence

from imaging_cloud.dicom.slices import Facts, viewing_order
from imaging_cloud.ports.imaging_index import InstanceRow
from imaging_cloud.use_cases.derived_objects import (
    SeriesDocument,
    merged_place,
    pack_document,
    previews_of,
    series_version,
    slices_of,
)

_STEPS = (0, 1)
# A run of previews: name of the pack, bytes, and where in the pack it begins.
Run = tuple[str, int, int]


def merge_documents(rows: Sequence[InstanceRow], parts: Sequence[SeriesDocument]) -> SeriesDocument:
    """`rows` in the order in which the index lists them; `parts`: one of each institution."""
    found = _slices(rows, parts)
    order = viewing_order([facts for facts, _ in found])
    chosen = [found[at] for at in order]
    version = series_version(rows)
    instances = {row.sop_instance_uid for row in rows}
    shown = {facts["instance"] for facts, _ in found}
    place = merged_place(rows[0])
    facts = {
        **parts[0].facts,
        "version": version,
        "common": {},
        "slices": [facts for facts, _ in chosen],
        "others": [
            {"instance": row.sop_instance_uid, "sopClass": row.sop_class_uid}
            for row in rows
            if row.sop_instance_uid in instances - shown
        ],
        "frames": [
            (place.name_at(part.place.institution, name), size)
            for part in parts
            for name, size in part.facts["frames"]
        ],
        "previews": [_joined([runs[step] for _, runs in chosen]) for step in _STEPS],
    }
    return SeriesDocument(place, version, pack_document(facts), facts)


def _slices(
    rows: Sequence[InstanceRow], parts: Sequence[SeriesDocument]
) -> list[tuple[Facts, list[Run]]]:
    """Each slice once, with the runs of its previews; of copies the first one listed is taken."""
    by_instance: dict[tuple[str, str, str], list[tuple[Facts, list[Run]]]] = {}
    shift = 0
    for part in parts:
        institution, place = part.place.institution, merged_place(rows[0])
        for facts, runs in zip(slices_of(part), previews_of(part), strict=True):
            # The shelf's own book-keeping is of one document, and is no part of another.
            own = {key: value for key, value in facts.items() if key != "previewAt"}
            if "at" in own:
                own["at"] = (own["at"][0] + shift, own["at"][1])
            named = [(place.name_at(institution, name), size, begin) for name, size, begin in runs]
            key = (institution, facts["instance"], facts["sha"])
            by_instance.setdefault(key, []).append((own, named))
        shift += len(part.facts["frames"])
    found: list[tuple[Facts, list[Run]]] = []
    taken: set[str] = set()
    for row in rows:
        if row.sop_instance_uid in taken:
            continue
        slices = by_instance.get((row.institution, row.sop_instance_uid, row.sha256[:16]), [])
        found.extend(slices)
        if slices:
            taken.add(row.sop_instance_uid)
    return found


def _joined(runs: list[Run]) -> list[Run]:
    """Neighbours in one pack become one run: mostly one read for each institution."""
    joined: list[Run] = []
    for name, size, begin in runs:
        if not size:
            continue
        last = joined[-1] if joined else None
        if last is not None and last[0] == name and last[2] + last[1] == begin:
            joined[-1] = (name, last[1] + size, last[2])
        else:
            joined.append((name, size, begin))
    return joined
