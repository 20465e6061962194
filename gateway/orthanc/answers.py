"""Orthanc's JSON answers as checked values: an archive is not trusted to be well-behaved."""

import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

from gateway.orthanc.errors import ResourceFailed

# Five groups of SHA-1 hex. It becomes part of request paths, so nothing else may pass.
_RESOURCE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")

_NEW_INSTANCE = "NewInstance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of `/changes`. `fingerprint` tells it from the line of another database."""

    seq: int
    instance_id: str = ""
    fingerprint: str = ""

    @property
    def is_new_instance(self) -> bool:
        return self.instance_id != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """`done`: the page reaches the end of the feed; `last` is the newest number given ever.

    While more follow, `last` is only that of the page's last line.
    """

    changes: tuple[Change, ...]
    last: int
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedInstance:
    instance_id: str
    sop_instance_uid: str


def read_change_page(document: Any) -> ChangePage:  # noqa: ANN401 - JSON
    """Raises ResourceFailed for anything that is not a page of changes in ascending order."""
    try:
        changes = tuple(_read_change(line) for line in document["Changes"])
        last, done = document["Last"], document["Done"]
        ascending = all(a.seq < b.seq for a, b in pairwise(changes))
        if ascending and isinstance(last, int) and isinstance(done, bool):
            return ChangePage(changes=changes, last=last, done=done)
    except (KeyError, TypeError, ValueError):
        pass
    raise ResourceFailed("/changes: this is not what an Orthanc answers")


def _read_change(line: Any) -> Change:  # noqa: ANN401
    seq, kind, resource, at = line["Seq"], line["ChangeType"], line["ID"], line["Date"]
    if not isinstance(seq, int):
        raise TypeError(seq)
    # The identifiers are hashes of patient and study numbers: hashed once more before storing.
    text = f"{seq}|{kind}|{resource}|{at}"
    return Change(
        seq=seq,
        instance_id=checked_resource_id(resource) if kind == _NEW_INSTANCE else "",
        fingerprint=sha256(text.encode()).hexdigest()[:32],
    )


def read_instance_list(document: Any) -> list[ListedInstance]:  # noqa: ANN401
    if not isinstance(document, list):
        raise ResourceFailed("/instances: this is not what an Orthanc answers")
    return [read_instance(row) for row in document]


def read_instance(document: Any) -> ListedInstance:  # noqa: ANN401
    """`sop_instance_uid` is "" when the archive does not tell; the bytes will."""
    try:
        uid = document["MainDicomTags"].get("SOPInstanceUID", "")
        return ListedInstance(
            instance_id=checked_resource_id(document["ID"]),
            sop_instance_uid=uid.strip(" \0") if isinstance(uid, str) else "",
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ResourceFailed("/instances: this is not what an Orthanc answers") from None


def checked_resource_id(text: Any) -> str:  # noqa: ANN401
    if isinstance(text, str) and _RESOURCE_ID.fullmatch(text):
        return text
    raise ValueError("resource identifier")
