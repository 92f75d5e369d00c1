"""Real servers on loopback that remember what they are sent, and a project to tell them of."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PIPELINE = """
    def raw(n: int) -> list[int]:
        return list(range(n))

    def total(raw: list[int]) -> int:
        return sum(raw)
"""


@dataclass
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """What a server was asked, and how to reach it."""

    url: str
    requests: list[Request] = field(default_factory=list)

    def of(self, method: str, path: str) -> list[Request]:
        return [one for one in self.requests if one.method == method and one.path.startswith(path)]


Serve = Callable[[Callable[[Request], Any]], Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start an HTTP server that answers with what a function makes of each request: bytes, or a value for JSON."""
    running: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[Request], Any]) -> Server:
        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                request = Request(self.command, self.path, dict(self.headers), self.rfile.read(length))
                server.requests.append(request)
                told = answer(request)
                body = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = _serve  # noqa: N815

            def log_message(self, *_: Any) -> None:
                return

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        running.append(http)
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        server = Server(f"http://127.0.0.1:{http.server_port}")
        return server

    yield start
    for http in running:
        http.shutdown()
        http.server_close()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def adapted(make_project: Any) -> Callable[..., Path]:
    """Write a project with an adapter: its settings in the project's file and in the pipeline's."""

    def make(
        flag: str, project: dict[str, Any] | None = None, pipeline: dict[str, Any] | None = None, module: str = PIPELINE
    ) -> Path:
        of_pipeline = {
            "run": {
                "final_vars": ["total"],
                "executor": {"type": "threadpool", "max_workers": 3},
                "retry": {"max_retries": 0},
                "with_adapter": {flag: True},
            },
            "adapter": {flag: pipeline or {}},
        }
        if "n: int" in module:
            of_pipeline["run"]["inputs"] = {"n": 4}
        # JSON is YAML.
        files = {"pipelines/main.py": module, "conf/project.yml": json.dumps({"adapter": {flag: project or {}}})}
        return make_project(files, {"main": json.dumps(of_pipeline)})

    return make
