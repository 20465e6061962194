"""Servers of others that may be asked: only those the operator listed."""

from typing import Any, Protocol


class Outside(Protocol):
    def is_listed(self, url: str) -> bool:
        """Whether the address lies under a listed one; nothing is connected."""
        ...

    def get_json(self, url: str, *, token: str = "", seconds: float) -> Any:  # noqa: ANN401
        """Fetch one JSON document, in at most `seconds` altogether; redirects are not followed.

        Raises NotPermitted, before anything is connected, for an address that is not listed, and
        Unavailable when there is no good answer in time.
        """
        ...
