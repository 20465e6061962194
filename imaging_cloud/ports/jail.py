"""The jail: where bytes that a stranger wrote meet decoders written in C."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class JailAnswer:
    """`head` holds plain JSON values, `body` the bulk."""

    head: dict[str, Any]
    body: bytes


class Jail(Protocol):
    def run(self, task: str, argument: object) -> JailAnswer:
        """Run a task of `imaging_cloud.dicom.jailed` in a process that may die of it.

        Waits for a free process. Raises NotSupported when the task refuses its argument, crashes,
        or needs more memory or time than it may have; Unavailable when the machine is too busy to
        tell.
        """
        ...

    def close(self) -> None: ...
