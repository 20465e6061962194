"""A hospital's own order screen: one page of another origin, under a strict policy, for tests."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from string import Template
from typing import Any

# As docs/related-exam-alert.md has it: the snippet that a hospital pastes.
_PAGE = Template("""<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>开单</title>
<script type="module" src="$cloud/embed/related-exam-alert.js"></script>
<script type="module" src="/screen.js"></script>
<main><h1>开单</h1><label for="exam">检查项目</label> <input id="exam">
<related-exam-alert id="alert"></related-exam-alert></main></html>
""")
_SCRIPT = Template("""
const alert = document.getElementById("alert");
const said = (window.said = []);
alert.token = async () => $token;
for (const name of ["checked", "opened", "recognised", "repeated", "unavailable"])
  alert.addEventListener(name, (event) => said.push([name, event.detail.alertId ?? ""]));
document.getElementById("exam").addEventListener("input", (event) => {
  const order = $order;
  alert.order = { ...order, order: { ...order.order, name: event.target.value } };
});
""")


@contextmanager
def order_screen(port: int, cloud: str, token: str, order: Any) -> Iterator[list[str]]:
    """Serve until the block ends; gives what its browsers reported against the policy.

    At `localhost`, which is another site than 127.0.0.1: cookies of the cloud stay away.
    """
    broken: list[str] = []
    script = _SCRIPT.substitute(token=json.dumps(token), order=json.dumps(order))
    policy = (
        f"default-src 'none'; script-src 'self' {cloud}; connect-src {cloud}; form-action {cloud};"
        " base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        "; report-uri /broken"
    )

    class Screen(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = (_PAGE.substitute(cloud=cloud), "text/html")
            text, kind = (script, "text/javascript") if self.path == "/screen.js" else page
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            broken.append(self.rfile.read(length).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Nothing: tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Screen)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield broken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
