"""MLflow is told of a run by Hamilton's own tracker; what the pipeline's code logs itself goes to the same run."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowerpower_tui.pipeline.adapting.aside import Aside
from flowerpower_tui.pipeline.adapting.parts import in_short, need

if TYPE_CHECKING:
    from hamilton.plugins.h_mlflow import MLFlowTracker

_OURS = ("experiment_tags", "experiment_description", "run_id", "run_name", "run_tags", "run_description")


def make(pipeline: str, options: Mapping[str, Any]) -> MLflow:
    """Return what tells MLflow; options: those of `adapter.mlflow`, of project and pipeline.

    Raises:
        ConfigError: MLflow is not installed.
    """
    need("mlflow", "MLflow", "mlflow")
    return MLflow(pipeline, options)


class MLflow(Aside):
    """Tells MLflow, and lets nodes that log to MLflow themselves find the run.

    MLflow keeps the active run by thread. Where the pipeline's modules import it, the run is there before the first
    node, and each thread that runs nodes enters it.
    """

    def __init__(self, pipeline: str, options: Mapping[str, Any]) -> None:
        super().__init__("MLflow", self._tracker, timeout=options["timeout"], required=options["required"])
        self._experiment = options["experiment_name"] or pipeline
        self._options = options
        self._inner: MLFlowTracker | None = None
        self._is_used = False

    def pre_graph_execute(self, **facts: Any) -> None:
        """Begin to tell; see `Aside`."""
        self._is_used = "mlflow" in sys.modules
        super().pre_graph_execute(**facts)
        if self._is_used:
            self.wait_for_begin()

    def pre_node_execute(self, **facts: Any) -> None:
        """Tell it, and enter the run in this thread."""
        super().pre_node_execute(**facts)
        if self._is_used:
            self._in_this_thread(_enter)

    def post_graph_execute(self, **facts: Any) -> None:
        """Tell it, and leave the run in this thread."""
        super().post_graph_execute(**facts)
        if self._is_used:
            self._in_this_thread(partial(_leave, status=_status(facts["error"])))

    def _in_this_thread(self, do: Callable[[str], None]) -> None:
        """Do something with the active run of this thread, if there is a run to be told of."""
        run_id = getattr(self._inner, "run_id", None)
        if run_id is not None and not self.is_over:
            try:
                do(run_id)
            except Exception as error:  # noqa: BLE001 - a service's fault is no reason for a node to fail
                self._complain(in_short(error))

    def _tracker(self) -> MLFlowTracker:
        import mlflow

        options = self._options
        # The tracker's own client has them as arguments; what nodes log, and the active run, go by these.
        if options["tracking_uri"]:
            mlflow.set_tracking_uri(options["tracking_uri"])
        if options["registry_uri"]:
            mlflow.set_registry_uri(options["registry_uri"])
        self._inner = _tracker_class()(
            tracking_uri=options["tracking_uri"],
            registry_uri=options["registry_uri"],
            artifact_location=options["artifact_location"],
            experiment_name=self._experiment,
            **{key: options[key] for key in _OURS},
        )
        return self._inner


def _status(error: BaseException | None) -> str:
    """How a run ended, in MLflow's words."""
    if error is None:
        return "FINISHED"
    return "FAILED" if isinstance(error, Exception) else "KILLED"


def _enter(run_id: str) -> None:
    import mlflow

    if mlflow.active_run() is None:
        mlflow.start_run(run_id=run_id)


def _leave(run_id: str, status: str) -> None:
    import mlflow

    active = mlflow.active_run()
    if active is not None and active.info.run_id == run_id:
        mlflow.end_run(status)


def _tracker_class() -> type[MLFlowTracker]:
    import mlflow
    from hamilton.plugins.h_mlflow import FIGURE_TYPES, MLFlowTracker

    class Tracker(MLFlowTracker):  # type: ignore[misc]  # Hamilton has no types
        """Hamilton's tracker: it goes on with `run_id`, and leaves no files in the working directory."""

        def run_before_graph_execution(self, *, run_id: str, final_vars: list[str], **facts: Any) -> None:
            """Begin a run, or go on with the one that was asked for."""
            if self.mlflow_run_id is not None:
                create, known = self.client.create_run, self.mlflow_run_id
                self.client.create_run = lambda **_: self.client.get_run(known)
                try:
                    super().run_before_graph_execution(run_id=run_id, final_vars=final_vars, **facts)
                finally:
                    self.client.create_run = create
            else:
                super().run_before_graph_execution(run_id=run_id, final_vars=final_vars, **facts)

        def run_after_node_execution(
            self, *, node_name: str, node_return_type: type, node_tags: dict[str, Any], result: Any, **facts: Any
        ) -> None:
            """Log what a saver wrote, and the final variables: numbers as metrics, the rest as files."""
            if node_name not in self.final_vars or node_tags.get("hamilton.data_saver") is True or not facts["success"]:
                if facts["success"]:
                    super().run_after_node_execution(
                        node_name=node_name,
                        node_return_type=node_return_type,
                        node_tags=node_tags,
                        result=result,
                        **facts,
                    )
            elif isinstance(result, int | float):
                self.client.log_metric(self.run_id, node_name, float(result))
            elif isinstance(result, str):
                self.client.log_text(self.run_id, result, f"{node_name}.txt")
            elif isinstance(result, dict | list):
                self.client.log_dict(self.run_id, result, f"{node_name}.json")
            elif isinstance(result, tuple(FIGURE_TYPES)):
                self.client.log_figure(self.run_id, result, f"{node_name}.png")
            else:
                self._log_table_or_text(node_name, result)

        def run_after_graph_execution(self, *, error: BaseException | None, **_: Any) -> None:
            """End the run; Hamilton's would call a failed one finished in the end."""
            mlflow.end_run(_status(error))

        def _log_table_or_text(self, name: str, result: Any) -> None:
            """Tables as CSV, everything else as it is shown: pickles could be read by this very environment alone."""
            if not hasattr(result, "to_csv"):
                self.client.log_text(self.run_id, repr(result), f"{name}.txt")
                return
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / f"{name}.csv"
                result.to_csv(file)
                self.client.log_artifact(self.run_id, str(file))

    return Tracker
