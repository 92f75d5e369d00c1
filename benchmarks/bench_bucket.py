"""How long a project in a bucket of 10,000 keys takes: a level of its tree, its mirror, and a look at what changed.

moto's server answers, in a process of its own: a page of 1,000 keys takes it 0.1 s and more, as it looks at all keys.
`AWS_ENDPOINT_URL` with credentials and `BUCKET=name` measure another server. Aim: a level within a second.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flowerpower_tui.project.mirror import Mirror
from flowerpower_tui.project.storage import open_storage

KEYS = 10_000
ROUNDS = 5
SERVER = """
import time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(*server.get_host_and_port(), sep=":", flush=True)
time.sleep(3600)
"""


@contextmanager
def a_server() -> Iterator[None]:
    """Have a server, unless the environment names one."""
    if os.environ.get("AWS_ENDPOINT_URL"):
        yield
        return
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        place = next(line for line in map(bytes.decode, server.stdout) if line.startswith("127.")).strip()
        os.environ |= {
            "AWS_ENDPOINT_URL": f"http://{place}",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        try:
            yield
        finally:
            server.kill()


def fill(bucket: str) -> str:
    """Make the project, most of it data in one folder; return its URL."""
    import s3fs

    fs = s3fs.S3FileSystem()
    if not fs.exists(bucket):
        fs.mkdir(bucket)
    files = {f"{bucket}/bench/data/{number:05}.csv": b"x" for number in range(KEYS)}
    files[f"{bucket}/bench/conf/project.yml"] = b"name: bench\n"
    for number in range(50):
        files[f"{bucket}/bench/conf/pipelines/p{number}.yml"] = b"run: {final_vars: [x]}\n"
        files[f"{bucket}/bench/pipelines/p{number}.py"] = b"def x() -> int:\n    return 1\n"
    if not fs.exists(f"{bucket}/bench/conf/project.yml"):
        fs.pipe(files)
    return f"s3://{bucket}/bench"


def timed(what: str, work: Callable[[], object], rounds: int = ROUNDS) -> None:
    """Print how long it took at best, and in the middle."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    times.sort()
    print(f"{what:<44} {times[0] * 1e3:7.0f} {times[len(times) // 2] * 1e3:7.0f}")


def main() -> None:
    """Print a table."""
    with a_server(), tempfile.TemporaryDirectory() as state:
        os.environ |= {"FP_TUI_STATE_DIR": state, "AWS_EC2_METADATA_DISABLED": "true"}
        url = fill(os.environ.get("BUCKET", "bench"))
        print(f"{'milliseconds':<44} {'best':>7} {'median':>7}")
        timed("import, open, first level", lambda: open_storage(url).list_level(), rounds=1)
        storage, mirror = open_storage(url), Mirror.open(url)
        timed("the root: 3 folders", storage.list_level)
        timed(f"a level of {KEYS:,}: the first 1,000", lambda: storage.list_level("data"))
        timed(f"a level of {KEYS:,}: all of it", lambda: storage.list_level("data", most=KEYS), rounds=2)
        timed("mirror: the first time, 101 files", mirror.sync, rounds=1)
        timed("mirror: nothing changed", mirror.sync)
        timed("what changed", lambda: mirror.changed({}))


if __name__ == "__main__":
    main()
