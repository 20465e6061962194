"""Stopping: what is in hand is finished, what hangs is let go in time."""

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.makers import make_instance
from tests.protocol.serving import serving


def test_an_upload_that_hangs_does_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    content = make_instance(tmp_path / "a.dcm").read_bytes()
    with serving(tmp_path / "home") as web:
        token = web.token("technician", "tech", "HOSP_A")
        host, port = urlsplit(web.url).netloc.split(":")
        peer = socket.create_connection((host, int(port)))
        peer.sendall(
            f"POST /dicom-web/studies HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: multipart/related; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
            "--b\r\n\r\n".encode()
            + content[:1000]
        )
        # It is in hand once the rest of the face still answers.
        assert web.get("/healthz").status_code == 200
        began = time.monotonic()

    assert time.monotonic() - began < 9
    peer.close()
    assert not [path for path in (tmp_path / "home" / "spool").rglob("*") if path.is_file()]
