"""A sink for flowerpower-tui: publishes the events of each run to an MQTT broker, as JSON."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from threading import Condition
from typing import Any

import msgspec
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, RunFinished, RunStarted

_KNOWN = frozenset(
    {"host", "port", "topic", "qos", "events", "username", "password_variable", "tls", "ca_certs", "timeout"}
)


class Mqtt:
    """Publishes events as they come; where the broker is away, they wait for it until the run is over.

    Options:
        host: the broker; `localhost` if it is not given.
        port: 1883, or 8883 with `tls`.
        topic: where events go; `{pipeline}`, `{run}` and `{event}` stand for names. By default
            `flowerpower/{pipeline}/{event}`. Beside it, the retained `flowerpower/{pipeline}/state` says `running`, or
            how the last run ended.
        qos: 0, 1 or 2; by default 1: each event arrives at least once.
        events: the types that are wanted; all of them if it is not given.
        username, password_variable: who we are, and the environment variable that holds the password.
        tls, ca_certs: whether the connection is encrypted, and whose certificates are trusted; the system's without.
        timeout: seconds after the run for what is still to be delivered.
    """

    def __init__(self, run: RunDirectory, options: Mapping[str, Any]) -> None:
        if unknown := sorted(options.keys() - _KNOWN):
            raise FlowerPowerError(
                f"there is no option '{unknown[0]}'.", hint=f"There are {', '.join(sorted(_KNOWN))}."
            )
        self._run = run
        self._pipeline = run.record().request.pipeline
        self._topic = str(options.get("topic", "flowerpower/{pipeline}/{event}"))
        self._qos = int(options.get("qos", 1))
        self._wanted = frozenset(options.get("events", ()))
        self._timeout = float(options.get("timeout", 10))
        self._sent = 0
        self._delivered = 0
        self._trouble = "it does not answer"
        self._changed = Condition()
        self._host, self._port = _address(options)
        self._client = self._connecting_client(options)

    def __call__(self, event: AnyEvent) -> None:
        """Publish an event, and the pipeline's state if that changes."""
        told = {"run": self._run.id, "pipeline": self._pipeline, **msgspec.to_builtins(event)}
        if not self._wanted or told["type"] in self._wanted:
            names = {"pipeline": self._pipeline, "run": self._run.id, "event": told["type"]}
            self._publish(self._topic.format(**names), msgspec.json.encode(told))
        if isinstance(event, RunStarted | RunFinished):
            state = event.outcome if isinstance(event, RunFinished) else "running"
            self._publish(f"flowerpower/{self._pipeline}/state", state.encode(), retain=True)

    def close(self) -> None:
        """Wait for what is still to be delivered.

        Raises:
            FlowerPowerError: some of it was not.
        """
        deadline = time.monotonic() + self._timeout
        with self._changed:
            self._changed.wait_for(lambda: self._delivered >= self._sent, timeout=deadline - time.monotonic())
            missing = self._sent - self._delivered
        self._client.disconnect()
        self._client.loop_stop()
        if missing:
            raise FlowerPowerError(
                f"{missing} of {self._sent} messages did not reach {self._host}:{self._port}: {self._trouble}."
            )

    def _publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        with self._changed:
            self._sent += 1
        self._client.publish(topic, payload, qos=self._qos, retain=retain)

    def _connecting_client(self, options: Mapping[str, Any]) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"fp-tui-{self._run.id}")
        if username := options.get("username"):
            client.username_pw_set(username, os.environ.get(str(options.get("password_variable", ""))))
        if options.get("tls"):
            client.tls_set(ca_certs=options.get("ca_certs"))
        client.on_connect = self._connected
        client.on_publish = self._published
        # Does not wait for the broker, and tries again until it is there.
        client.connect_async(self._host, self._port)
        client.reconnect_delay_set(1, 5)
        client.loop_start()
        return client

    def _connected(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._trouble = f"it says '{reason}'"

    def _published(self, *_: Any) -> None:
        with self._changed:
            self._delivered += 1
            self._changed.notify_all()


def _address(options: Mapping[str, Any]) -> tuple[str, int]:
    return str(options.get("host", "localhost")), int(options.get("port", 8883 if options.get("tls") else 1883))
