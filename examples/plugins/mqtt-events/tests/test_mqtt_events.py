"""Runs of a real pipeline, told to a real broker: mosquitto."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

PROJECT = Path(__file__).parents[1]
# Debian has it where only administrators look.
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs the broker mosquitto")

PIPELINE = """
def one() -> int:
    return 1


def two(one: int) -> int:
    return one + 1
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything lies that the tests of this file share."""
    return tmp_path_factory.mktemp("mqtt")


@pytest.fixture(scope="module")
def broker(folder: Path) -> Iterator[int]:
    """The port of a broker that knows one user, ada."""
    port, passwords, config = free_port(), folder / "passwords", folder / "mosquitto.conf"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "ada", "l0velace"], check=True, capture_output=True)
    # Started by root it becomes somebody else, who must be able to read this.
    config.write_text(f"listener {port} 127.0.0.1\npassword_file {passwords}\nallow_anonymous true\nuser root\n")
    assert MOSQUITTO is not None
    process = subprocess.Popen([MOSQUITTO, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: is_open(port))
        yield port
    finally:
        process.terminate()
        process.wait()


class Listener:
    """Hears everything on a broker."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.is_ready = False
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = lambda _client, _data, message: self.heard.append((message.topic, message.payload))
        self.client.on_subscribe = self._ready
        self.client.connect("127.0.0.1", port)
        self.client.subscribe("#", qos=1)
        self.client.loop_start()
        eventually(lambda: self.is_ready)

    def _ready(self, *_: Any) -> None:
        self.is_ready = True

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def listener(broker: int) -> Iterator[Listener]:
    listener = Listener(broker)
    yield listener
    listener.close()


@pytest.fixture(scope="module")
def environ(folder: Path) -> dict[str, str]:
    """The environment of one who has this plugin installed."""
    site = folder / "site"
    told = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    info = site / f"{told['name'].replace('-', '_')}-{told['version']}.dist-info"
    info.mkdir(parents=True)
    shutil.copy(PROJECT / "mqtt_events.py", site)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {told['name']}\nVersion: {told['version']}\n")
    points = told["entry-points"]["flowerpower_tui.sinks"]
    lines = "".join(f"{name} = {place}\n" for name, place in points.items())
    (info / "entry_points.txt").write_text(f"[flowerpower_tui.sinks]\n{lines}")
    (folder / "config").mkdir()
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "FP_TUI_CONFIG_DIR": str(folder / "config"),
        "FP_TUI_STATE_DIR": str(folder / "state"),
        "BROKER_PASSWORD": "l0velace",
    }


def want(folder: Path, **options: Any) -> None:
    """Write the sink into the user's settings."""
    (folder / "config/settings.yml").write_text(json.dumps({"sinks": {"mqtt": {"host": "127.0.0.1", **options}}}))


@pytest.fixture(scope="module")
def heard(folder: Path, broker: int, environ: dict[str, str]) -> list[tuple[str, bytes]]:
    """What the broker told of a run that was started by the command line."""
    project = folder / "project"
    (project / "conf/pipelines").mkdir(parents=True)
    (project / "pipelines").mkdir()
    (project / "conf/project.yml").write_text("name: project\n")
    (project / "conf/pipelines/sums.yml").write_text("run: {retry: {max_retries: 0}}\n")
    (project / "pipelines/sums.py").write_text(PIPELINE)
    want(folder, port=broker)
    listener = Listener(broker)
    subprocess.run([sys.executable, "-m", "flowerpower_tui", "run", "sums", "-C", project], env=environ, check=True)
    eventually(lambda: ("flowerpower/sums/state", b"succeeded") in listener.heard)
    listener.close()
    return listener.heard


@pytest.fixture
def tell(folder: Path, heard: list[tuple[str, bytes]], environ: dict[str, str]) -> Callable[..., str]:
    """Tell the sink of that run again, with other options; return what went wrong."""
    (run,) = (folder / "state/runs").iterdir()
    trouble = run / "sinks.jsonl"
    trouble.unlink(missing_ok=True)

    def tell(**options: Any) -> str:
        want(folder, **options)
        subprocess.run([sys.executable, "-m", "flowerpower_tui.runs.sinks", run], env=environ, check=True)
        return trouble.read_text() if trouble.exists() else ""

    return tell


def test_every_event_of_a_run_reaches_the_broker_in_order(heard: list[tuple[str, bytes]]) -> None:
    events = [json.loads(payload) for topic, payload in heard if topic != "flowerpower/sums/state"]
    assert [one["seq"] for one in events] == list(range(1, len(events) + 1))
    nodes = [(one["type"], one["node"]) for one in events if one["type"].startswith("Node")]
    assert nodes == [("NodeStarted", "one"), ("NodeFinished", "one"), ("NodeStarted", "two"), ("NodeFinished", "two")]
    assert events[-1]["type"] == "RunFinished"
    assert {one["pipeline"] for one in events} == {"sums"}
    states = [payload for topic, payload in heard if topic == "flowerpower/sums/state"]
    assert states == [b"running", b"succeeded"]


@pytest.mark.usefixtures("heard")
def test_who_comes_later_learns_how_the_last_run_ended(listener: Listener) -> None:
    eventually(lambda: listener.heard)
    assert listener.heard == [("flowerpower/sums/state", b"succeeded")]


def test_only_wanted_events_go_where_the_topic_says_with_a_user(
    tell: Callable[..., str], broker: int, listener: Listener
) -> None:
    who = {"username": "ada", "password_variable": "BROKER_PASSWORD"}
    assert tell(port=broker, events=["RunFinished"], topic="lab/{event}", **who) == ""
    eventually(lambda: [topic for topic, _ in listener.heard if topic.startswith("lab/")])
    assert {topic for topic, _ in listener.heard} == {"flowerpower/sums/state", "lab/RunFinished"}


def test_a_wrong_password_is_told(tell: Callable[..., str], broker: int) -> None:
    assert "Not authorized" in tell(port=broker, username="ada", password_variable="HOME", timeout=1)  # noqa: S106


def test_a_broker_that_is_away_is_told(tell: Callable[..., str]) -> None:
    port = free_port()
    assert f"did not reach 127.0.0.1:{port}" in tell(port=port, timeout=0.2)


def test_a_misspelt_option_is_told(tell: Callable[..., str]) -> None:
    assert "there is no option 'hots'" in tell(hots="broker.example.org")
