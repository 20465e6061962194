"""JSON documents in a form that every database holds."""

from typing import Any

from pydantic_core import PydanticSerializationError, to_json

_NUL = b"\\u0000"


def document_text(document: dict[str, Any]) -> str:
    """`clean_json` of a document as compact text; most need nothing, as their text tells."""
    try:
        text = to_json(document)
    except (PydanticSerializationError, UnicodeEncodeError):
        text = _NUL
    return (to_json(clean_json(document)) if _NUL in text else text).decode()


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
