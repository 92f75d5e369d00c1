"""The Hamilton UI is told of a run by Hamilton's own tracker, without the threads that outlive it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.pipeline.adapting.aside import Aside
from flowerpower_tui.pipeline.adapting.parts import need

if TYPE_CHECKING:
    from hamilton_sdk.api.clients import HamiltonClient


def make(pipeline: str, options: Mapping[str, Any]) -> Aside:
    """Return what tells the Hamilton UI; options: those of `adapter.hamilton_tracker`, of project and pipeline.

    Raises:
        ConfigError: its library is not installed, or it is not said which project of the UI is meant.
    """
    need("hamilton_sdk", "The Hamilton UI's tracker", "tracker")
    if options["project_id"] is None:
        hint = "Make a project in the Hamilton UI, and set adapter.hamilton_tracker.project_id to its number."
        raise ConfigError([Problem("The Hamilton UI needs to know which of its projects this is.", hint=hint)])

    def tracker() -> Any:
        from hamilton_sdk.adapters import HamiltonTracker
        from hamilton_sdk.tracking import constants

        constants.CAPTURE_DATA_STATISTICS = options["capture_data_statistics"]
        constants.MAX_LIST_LENGTH_CAPTURE = options["max_list_length_capture"]
        constants.MAX_DICT_LENGTH_CAPTURE = options["max_dict_length_capture"]
        return HamiltonTracker(
            project_id=options["project_id"],
            username=options["username"],
            dag_name=options["dag_name"] or pipeline,
            tags={key: str(value) for key, value in options["tags"].items()},
            client_factory=_client,
            api_key=options["api_key"],
            hamilton_api_url=options["api_url"],
            hamilton_ui_url=options["ui_url"],
            verify=options["verify"],
        )

    return Aside("The Hamilton UI", tracker, timeout=options["timeout"], required=options["required"])


def _client(api_key: str | None, username: str | None, url: str, verify: bool | str = True) -> HamiltonClient:
    from hamilton_sdk.api import clients

    class Client(clients.BasicSynchronousHamiltonClient):  # type: ignore[misc]  # it has no types
        """Sends updates of nodes in batches, in the thread that tells it: its own threads would keep the process."""

        flush_interval = 2.0
        max_batch_size = 100

        def __init__(self) -> None:
            # Not its parent's, which starts threads.
            self.api_key = api_key
            self.username = username
            self.base_url = f"{url.rstrip('/')}/api/v1"
            self.verify = verify
            self._batch: list[dict[str, Any]] = []
            self._flushed = time.monotonic()
            self.data_queue = self

        def put(self, update: dict[str, Any]) -> None:
            """Take an update of nodes, as the parent's queue would."""
            self._batch.append(update)
            is_time = time.monotonic() - self._flushed >= self.flush_interval
            if is_time or len(self._batch) >= self.max_batch_size:
                self._send()

        def log_dag_run_end(self, dag_run_id: int, status: str) -> None:
            """Send what waits, then the end."""
            self._send()
            super().log_dag_run_end(dag_run_id, status)

        def _send(self) -> None:
            batch, self._batch = self._batch, []
            self._flushed = time.monotonic()
            if batch:
                self.flush(batch)

    return Client()
