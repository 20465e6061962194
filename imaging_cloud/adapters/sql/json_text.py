"""JSON documents in a form that every database holds."""

import json
from typing import Any


def clean_document(document: dict[str, Any]) -> dict[str, Any]:
    """`clean_json` of a document; most need nothing, which one look at their text tells."""
    try:
        text = json.dumps(document, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        text = "\\u0000"
    cleaned: dict[str, Any] = clean_json(document) if "\\u0000" in text else document
    return cleaned


def clean_json(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Take NUL and lone surrogates out of all texts and keys in the value."""
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {clean_json(key): clean_json(each) for key, each in value.items()}
        case list() | tuple():
            return [clean_json(each) for each in value]
        case _:
            return value
