"""Runs inside `unshare -n`: an Orthanc on 127.0.0.1, reachable through a Unix socket alone.

Debian's Orthanc 1.10.1 listens on all addresses whatever its settings say; in a network
namespace of its own there is nobody to hear it. Arguments: the Orthanc configuration, the path
of the socket, the HTTP port. Ends, and Orthanc with it, when standard input is closed.

ORTHANC_ROOT may name the root folder of another system (debootstrap) whose Orthanc is used.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

CHUNK = 1024**2


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def serve(near: socket.socket, port: int) -> None:
    with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as far:
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=pump, args=(far, near))
        back.start()
        pump(near, far)
        back.join()


def accept_for_ever(listener: socket.socket, port: int) -> None:
    while True:
        near, _ = listener.accept()
        threading.Thread(target=serve, args=(near, port), daemon=True).start()


def orthanc_command(configuration: str) -> list[str]:
    root = os.environ.get("ORTHANC_ROOT")
    if not root:
        return ["Orthanc", configuration]
    # Seen by this mount namespace alone: the test's folder at the same path under both roots.
    folder = Path(configuration).parent
    seen_there = Path(root, *folder.parts[1:])
    seen_there.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "--bind", folder, seen_there], check=True)
    return ["chroot", root, "Orthanc", configuration]


def main(configuration: str, socket_path: str, port: int) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(socket_path)
    listener.listen(64)
    orthanc = subprocess.Popen(orthanc_command(configuration), stdin=subprocess.DEVNULL)
    threading.Thread(target=accept_for_ever, args=(listener, port), daemon=True).start()
    try:
        sys.stdin.read()
    finally:
        orthanc.kill()
        orthanc.wait()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
