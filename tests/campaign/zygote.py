"""A process that has imported everything and forks real gateways and real recoveries on demand.

Importing takes seconds, forking takes milliseconds: it is what makes a thousand kill points cheap.
What runs in the fork is the product's own entry (`gateway.__main__.main`, the start of `serve`),
on the environment that was asked for. Requests and answers are JSON lines on stdin and stdout.
"""

import contextlib
import ctypes
import functools
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from pynetdicom.presentation import PresentationContext

import gateway.__main__
import gateway.server
import imaging_cloud.adapters.s3_store
import imaging_cloud.cli.serve
import imaging_cloud.cli.worker
import imaging_cloud.domain.exams.describe
import imaging_cloud.use_cases.verify_archive
from imaging_cloud import process
from imaging_cloud.adapters import spool_segment
from imaging_cloud.bootstrap import open_cloud, prepare_home
from imaging_cloud.settings import Settings
from imaging_cloud.use_cases.receive_instance import object_key
from imaging_cloud.use_cases.verify_archive import verify_archive
from tests.campaign.mutants import MUTANTS
from tests.makers import data_set_bytes

INSTITUTION = "HOSP_A"
_PR_SET_PTRACER = 0x59616D61
_PR_SET_PDEATHSIG = 1
_ANYBODY = ctypes.c_ulong(-1)
# So small that a dozen instances go round in several of them.
spool_segment.SEGMENT_BYTES = 16 * spool_segment.BLOCK


def run_gateway() -> int:
    return gateway.__main__.main()


def replay() -> int:
    """What `serve` does before it lets anyone in."""
    settings = Settings()
    process.configure_logging(settings.log_level)
    prepare_home(settings)
    imaging_cloud.cli.serve._replay(settings)
    return 0


def judge() -> int:
    """Everything that is there, as JSON on the descriptor that RESULT_FD names."""
    settings = Settings()
    cloud = open_cloud(settings)
    report = verify_archive(cloud, repair=False)
    instances = list(cloud.index.iterate_all_instances())
    spool = settings.home / "spool"
    state = {
        "rows": [(row.sop_instance_uid, row.object_key, row.sha256) for row in instances],
        "series": [f"{row.institution}/{row.study_uid}/{row.series_uid}" for row in instances],
        "objects": [each.key for each in cloud.objects.list_objects()],
        "held": list(cloud.index.list_quarantined_keys()),
        "spooled": [
            *sorted(str(each.relative_to(spool)) for each in spool.glob("*/*")),
            *(
                each.sha256
                for log in spool.glob("*.log")
                for each in spool_segment.read_segment(log)
            ),
        ],
        "faults": [fault.line() for fault in report.faults],
    }
    cloud.close()
    with os.fdopen(int(os.environ["RESULT_FD"]), "w") as result:
        json.dump(state, result)
    return 0


def work() -> int:
    """A worker, until SIGTERM."""
    settings = Settings()
    process.configure_logging(settings.log_level)
    stop = process.stop_on_signals()
    cloud = open_cloud(settings)
    imaging_cloud.cli.worker.run_worker(cloud, stop, once=False, ae_title=settings.ae_title)
    cloud.close()
    return 0


def plant() -> int:
    """Seal the files that PLANT_LIST names; every second one has its object already."""
    settings = Settings()
    cloud = open_cloud(settings)
    for number, line in enumerate(Path(os.environ["PLANT_LIST"]).read_text().splitlines()):
        part10 = Path(line).read_bytes()
        offset = len(part10) - len(data_set_bytes(part10))
        entry = cloud.spool.open_entry(INSTITUTION, part10[:offset])
        entry.write(part10[offset:])
        spooled = entry.seal()
        if number % 2:
            cloud.objects.put_file(object_key(INSTITUTION, spooled.sha256), spooled.path)
    cloud.close()
    return 0


ACTS: dict[str, Callable[[], int]] = {
    "gateway": run_gateway,
    "replay": replay,
    "judge": judge,
    "plant": plant,
    "worker": work,
}


class Zygote:
    def __init__(self) -> None:
        self._held: dict[int, tuple[int, int | None]] = {}
        self._results: dict[int, int] = {}

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """Fork one act; a gateway has its socket, and is ready, when the answer comes."""
        is_gateway = request["act"] == "gateway"
        listener = socket.create_server(("127.0.0.1", 0), backlog=64) if is_gateway else None
        ready_read, ready_write = os.pipe()
        go_read, go_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ready_read)
            os.close(go_write)
            _become(request, listener, ready_write, go_read)
        os.close(ready_write)
        os.close(go_read)
        answer: dict[str, Any] = {"pid": pid}
        if listener is not None:
            answer["port"] = listener.getsockname()[1]
            listener.close()
        else:
            self._results[pid] = ready_read
        self._held[pid] = go_write, ready_read if is_gateway else None
        return answer if request.get("hold") else answer | self.go({"pid": pid})

    def go(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let it run; a gateway has said that it is ready, or has ended, when this returns."""
        go, ready = self._held.pop(request["pid"])
        os.close(go)
        if ready is None:
            return {"ready": False}
        with os.fdopen(ready, "rb") as stream:
            return {"ready": bool(stream.read(1))}

    def wait(self, request: dict[str, Any]) -> dict[str, Any]:
        """The exit code (-9: killed), seconds of CPU, and what a judge had to say."""
        found = b""
        result = self._results.pop(request["pid"], None)
        if result is not None:
            with os.fdopen(result, "rb") as stream:
                found = stream.read()
        _, status, used = os.wait4(request["pid"], 0)
        state = json.loads(found) if found else None
        cpu = used.ru_utime + used.ru_stime
        return {"code": os.waitstatus_to_exitcode(status), "cpu": cpu, "state": state}


def _become(
    request: dict[str, Any], listener: socket.socket | None, ready: int, go: int
) -> NoReturn:
    """In the fork: the environment, the log, the mutation, then the act. Never returns."""
    code = 70
    with contextlib.suppress(OSError, AttributeError):
        # Where only ancestors may trace (Yama), strace is none.
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # a broken run leaves nobody behind
        libc.prctl(_PR_SET_PTRACER, _ANYBODY, 0, 0, 0)
    try:
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for old, new in ((null, 0), (log, 1), (log, 2)):
            os.dup2(old, new)
        os.environ.update(request["env"])
        if listener is not None:
            os.environ[process.DICOM_FD] = str(listener.detach())
            os.environ[process.READY_FD] = str(ready)
        else:
            os.environ["RESULT_FD"] = str(ready)
        os.read(go, 1)
        os.close(go)
        for mutant in request.get("mutant", "").split():
            MUTANTS[mutant]()
        code = ACTS[request["act"]]()
    except BaseException:  # noqa: BLE001 - the log has it, the exit code says so
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def be_ready() -> None:
    """What every fork would do first, and always with the same outcome, is done once here."""
    contexts = gateway.server.build_contexts()
    make = gateway.server.build_contexts

    @functools.wraps(make)
    def build(private_sop_classes: Iterable[str] = ()) -> list[PresentationContext]:
        return make(private_sop_classes) if private_sop_classes else contexts

    gateway.server.build_contexts = build
    gc.collect()
    gc.freeze()  # or the first collection of each fork copies every page


def main() -> None:
    be_ready()
    zygote = Zygote()
    verbs = {"start": zygote.start, "go": zygote.go, "wait": zygote.wait}
    for line in sys.stdin:
        request = json.loads(line)
        sys.stdout.write(json.dumps(verbs[request["verb"]](request)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
