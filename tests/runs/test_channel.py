from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ALONE = """
import logging, sys
from pathlib import Path
from flowerpower_tui.runs.channel import Channel
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.reporter import LogSender, Reporter
channel = Channel(int(sys.argv[1]))
channel.take_over()
reporter = Reporter(RunDirectory(Path()), channel)
logging.basicConfig(handlers=[LogSender(reporter, channel)])
reporter.attempt_started(1, 1)
for number in range(1000):
    print("x" * 100)
    reporter.node_started("a", "")
    print("y" * 100, file=sys.stderr)
    logging.warning("z")
Path(sys.argv[2]).write_text(str(channel.is_open))
"""


def test_who_runs_without_a_supervisor_runs_on_quietly(tmp_path: Path) -> None:
    pipes = [os.pipe() for _ in range(3)]
    (_, events), (_, stdout), (_, stderr) = pipes
    for read, _ in pipes:
        os.close(read)
    command = [sys.executable, "-P", "-c", ALONE, str(events), str(tmp_path / "done")]

    code = subprocess.run(command, pass_fds=(events,), stdout=stdout, stderr=stderr, timeout=60).returncode

    for _, write in pipes:
        os.close(write)
    assert code == 0
    assert (tmp_path / "done").read_text() == "False"


REENTRANT = """
import os, sys
from flowerpower_tui.runs.channel import Channel
from flowerpower_tui.runs.events import NodeSkipped
channel = Channel(int(sys.argv[1]))
write = channel._write
def interrupted(data):
    channel._write = write
    channel.send(NodeSkipped, node="of a finaliser", why="")
    write(data)
channel._write = interrupted
channel.send(NodeSkipped, node="first", why="")
channel.send(NodeSkipped, node="last", why="")
"""


@pytest.mark.timeout(60)
def test_a_sending_in_the_midst_of_a_sending_waits_for_its_end() -> None:
    read, write = os.pipe()

    subprocess.run([sys.executable, "-P", "-c", REENTRANT, str(write)], pass_fds=(write,), check=True, timeout=30)

    os.close(write)
    with os.fdopen(read) as events:
        told = [line.split('"node":"')[1].split('"')[0] for line in events]
    assert told == ["first", "of a finaliser", "last"]
