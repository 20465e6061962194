"""What an order sample is, and how it becomes a request of the order check."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sample_dicom.people import PEOPLE

CLOCK = "T10:00:00+08:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCase:
    """One order and what must come of it.

    `permitted`: the patient lets the ordering institution see exams made elsewhere. `acceptable`
    in `expect` lists other outcomes that a careful cloud may also give.
    """

    slug: str
    title: str
    why: str
    person: str
    institution: str
    name: str
    outcome: str
    permitted: bool = False
    order: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    patient: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, Any] = field(default_factory=dict)

    def as_json(self, today: date) -> dict[str, Any]:
        """Give the file: `request` is what is posted, the rest is for whoever checks the answer."""
        return {
            "title": self.title,
            "why": self.why,
            "request": {
                "patient": self._patient(),
                "order": self._order(today),
                "facts": {
                    "conditions": [],
                    "allergies": [],
                    "eGFR": None,
                    "pregnant": None,
                    "devices": [],
                    **self.facts,
                },
            },
            "consent": [self.institution] if self.permitted else [],
            "expect": {"outcome": self.outcome, **self.expect},
        }

    def as_text(self, today: date) -> str:
        return json.dumps(self.as_json(today), ensure_ascii=False, indent=1) + "\n"

    def _patient(self) -> dict[str, Any]:
        """Give what the ordering hospital knows: its own number, and the national if any."""
        person = PEOPLE[self.person]
        known = [
            entry
            for entry in person.identifiers()
            if entry["issuer"] not in person.numbers or entry["issuer"] == self.institution
        ]
        return {
            "identifiers": known,
            "name": person.name,
            "birthDate": person.birth.isoformat(),
            "sex": person.sex,
            **self.patient,
        }

    def _order(self, today: date) -> dict[str, Any]:
        return {
            "name": self.name,
            "code": None,
            "modality": None,
            "laterality": None,
            "priority": "routine",
            "reasonCodes": [],
            "reexamReason": None,
            "institution": self.institution,
            "placedAt": f"{today.isoformat()}{CLOCK}",
            **self.order,
        }


def icd(code: str) -> dict[str, str]:
    return {"system": "ICD-10", "code": code}
