"""The answer of a check that could not be made: a note, so that the order goes on and says so."""

import re
import uuid
from typing import Any

from fastapi.responses import JSONResponse

CARD_TOPICS = "urn:imaging-cloud:card-topic"
SOURCE_LABEL = "影像云 Imaging cloud"
_SERVICE = re.compile(r"/cds-services/[^/]+")


def is_hook_call(method: str, path: str) -> bool:
    """Whether an order screen waits for cards here (feedback is no such call)."""
    return method == "POST" and _SERVICE.fullmatch(path) is not None


def topic(code: str, display: str) -> dict[str, str]:
    return {"system": CARD_TOPICS, "code": code, "display": display}


def unmade_card() -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()),
        "summary": "重复检查与禁忌核对未能完成，可继续开单 The exam check could not be made; go on",
        "detail": "影像云暂时无法应答，本次未作核对。 The imaging cloud did not answer in time:"
        " neither earlier exams nor cautions were looked at. The order is not affected.",
        "indicator": "info",
        "source": {"label": SOURCE_LABEL, "topic": topic("unavailable", "Check not made")},
    }


def unmade_answer() -> JSONResponse:
    return JSONResponse({"cards": [unmade_card()]})
