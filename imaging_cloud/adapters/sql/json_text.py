"""JSON documents in a form that every database holds."""

from typing import Any


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
