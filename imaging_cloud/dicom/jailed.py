"""The inside of the jail: a process that decodes frames, with limits and without secrets.

Started as `python -m imaging_cloud.dicom.jailed DESCRIPTOR MEMORY_BYTES CPU_SECONDS`. It reads
pickled (task, argument) pairs from its parent and answers JSON and bytes: the parent never
unpickles what comes out of here.
"""

import json
import math
import resource
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging_cloud.dicom.frames import FrameSource, decode_source
from imaging_cloud.dicom.grey import TAIL_PERCENT
from imaging_cloud.dicom.htj2k import encode_grey
from imaging_cloud.domain.errors import CloudError

Answer = tuple[dict[str, Any], bytes]


def decode(source: FrameSource) -> Answer:
    """The decoded frame: its shape and type, and its samples, little endian."""
    array = decode_source(source)
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return {"shape": array.shape, "dtype": array.dtype.str}, array.tobytes()


def derive(source: FrameSource) -> Answer:
    """A grey frame's HTJ2K codestream, where its resolutions end, and where its values lie."""
    array = decode_source(source)
    coded = encode_grey(array)
    return {"ends": coded.ends, **value_range(array)}, coded.data


def value_range(array: NDArray[Any]) -> dict[str, list[float]]:
    """`range`: least and greatest value; `bulk`: without the tails that a window leaves out."""
    # A few thousand pixels tell the percentiles well enough for a first window.
    sample = array.ravel()[:: max(array.size // 16384, 1)]
    bulk = np.percentile(sample, (TAIL_PERCENT, 100 - TAIL_PERCENT))
    return {
        "range": [float(array.min()), float(array.max())],
        "bulk": [float(bulk[0]), float(bulk[1])],
    }


TASKS: dict[str, Callable[[Any], Answer]] = {"decode": decode, "derive": derive}


def _limit(memory: int) -> None:
    """No core file, no file written, and not much more memory than the empty process has."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no path to join
        pages = int(file.read().split()[0])
    allowed = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))


def _allow_seconds(seconds: int) -> None:
    """From now on; the limit of a process counts from its start."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def serve(connection: Connection, seconds: int) -> None:
    """Answer until the parent is gone."""
    while True:
        # Waiting for the next task costs nothing; reading it does.
        _allow_seconds(seconds)
        try:
            task, argument = connection.recv()
        except (EOFError, OSError):
            return
        try:
            head, body = TASKS[task](argument)
        except CloudError as error:
            head, body = {"refused": str(error)}, b""
        except MemoryError:
            head, body = {"refused": "this frame needs more memory than a decoder may have"}, b""
        connection.send_bytes(json.dumps(head).encode())
        connection.send_bytes(body)


if __name__ == "__main__":
    _limit(int(sys.argv[2]))
    serve(Connection(int(sys.argv[1])), int(sys.argv[3]))
