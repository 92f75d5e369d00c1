"""Every key of a project's and a pipeline's configuration, with its type, its default and its meaning.

A `None` in a type says that null is a meaning of its own there; elsewhere null is the same as no value. The texts
under `Attributes` are what the JSON Schema and docs/configuration.md say.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from flowerpower_tui.config.section import Section

# Threads mostly wait, for disks and networks; so more of them than processors.
_WORKERS_A_CPU = 5

Count = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[float, Meta(ge=0)]


def cpu_count() -> int:
    """Return how many processors this machine has."""
    return os.cpu_count() or 1


class ExecutorConfig(Section, kw_only=True):
    """How nodes are executed.

    Attributes:
        type: `synchronous` or `local` (one node after the other; null is the same), `threadpool`, `processpool`, `ray`,
            `dask`, or one that a plugin brings.
        max_workers: threads or processes of a pool.
        num_cpus: processors of a Ray or Dask that is started for the run; at an `address`, how many nodes run there at
            once, by default as many as it has processors.
        address: the Ray or Dask cluster to run on: `HOST:6379` or `ray://HOST:10001`, `tcp://HOST:8786`. Without one,
            the one that RAY_ADDRESS or DASK_SCHEDULER_ADDRESS names, or one that is started on this machine for the
            run. Ray takes its token from RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH where RAY_AUTH_MODE is `token`.
    """

    type: str | None = "threadpool"
    max_workers: Annotated[Count, Meta(extra={"default": "five for each processor"})] = field(
        default_factory=lambda: _WORKERS_A_CPU * cpu_count()
    )
    num_cpus: Annotated[Count, Meta(extra={"default": "the machine's"})] = field(default_factory=cpu_count)
    address: str | None = None


class RetryConfig(Section, kw_only=True):
    """How often a failed run is tried again.

    Attributes:
        max_retries: attempts after the first.
        retry_delay: seconds before the first of them, doubled for each that follows.
        jitter_factor: the random share of the delay that is added to it, at most.
        retry_exceptions: what is worth another attempt: names (`TimeoutError`), dotted paths
            (`requests.exceptions.Timeout`), or classes from Python.
    """

    max_retries: int = 3
    retry_delay: NotNegative = 1.0
    jitter_factor: NotNegative = 0.1
    retry_exceptions: list[Any] = field(default_factory=lambda: ["Exception"])


class WithAdapterConfig(Section, kw_only=True):
    """Which adapters a run is told to; each needs its optional part to be installed.

    Attributes:
        hamilton_tracker: the Hamilton UI.
        mlflow: MLflow.
        opentelemetry: OpenTelemetry, as spans.
        openlineage: OpenLineage.
        ray: Ray, for each node: executed on Ray whatever `executor.type` is.
        dask: Dask, for each node, likewise.
        progressbar: a progress bar, where the output is a terminal.
        future: Hamilton's futures, for each node.
    """

    hamilton_tracker: bool = False
    mlflow: bool = False
    opentelemetry: bool = False
    openlineage: bool = False
    ray: bool = False
    dask: bool = False
    progressbar: bool = False
    future: bool = False


class CallbackSpec(Struct):
    """A function to call after a run, with its further arguments."""

    func: Callable[..., Any]
    args: tuple[Any, ...] | None = None
    kwargs: dict[str, Any] | None = None


class RunConfig(Section, kw_only=True):
    """How a pipeline is run.

    Attributes:
        inputs: values for the graph's inputs.
        final_vars: the nodes to compute; none means the graph's leaves.
        config: what `config.when` and its kin decide by.
        cache: whether results are kept, or the settings of the cache.
        executor: how nodes are executed.
        with_adapter: which adapters a run is told to.
        retry: how often a failed run is tried again.
        log_level: how much is logged; null leaves logging as it is.
        reload: whether modules are imported afresh.
        additional_modules: modules that add nodes, by name.
        pipeline_adapter_cfg: laid over the pipeline's `adapter`.
        project_adapter_cfg: laid over the project's `adapter`.
        adapter: further adapters by name: `true` or options for one that a plugin brings; `use: module:Class` with its
            arguments, or `module:Class` alone, for any of Hamilton's or one's own; objects from Python.
        on_success: called with the result; from Python only.
        on_failure: called with the error; from Python only.
        async_driver: whether `run_async` may use Hamilton's asynchronous driver.
    """

    inputs: dict[str, Any] = field(default_factory=dict)
    final_vars: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    cache: dict[str, Any] | bool = False
    executor: ExecutorConfig = field(default_factory=ExecutorConfig)
    with_adapter: WithAdapterConfig = field(default_factory=WithAdapterConfig)
    retry: RetryConfig = field(default_factory=RetryConfig)
    log_level: str | None = "INFO"
    reload: bool = False
    additional_modules: list[Any] = field(default_factory=list)
    pipeline_adapter_cfg: dict[str, Any] = field(default_factory=dict)
    project_adapter_cfg: dict[str, Any] = field(default_factory=dict)
    adapter: dict[str, Any] = field(default_factory=dict)
    on_success: Any = None
    on_failure: Any = None
    async_driver: bool | None = None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """Return `values`, in the shape of the YAML's `run`, as overrides; a None in it clears what the YAML says.

        Raises:
            ConfigError: there is no such key, or a value is not of its type.
        """
        # Late: the check of values knows the models.
        from flowerpower_tui.config.overrides import check_run

        check_run(values)
        return cls(**values)

    @classmethod
    def accepted(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Take the retry settings that once stood here, beside what `Section` takes."""
        flat = {key: given[key] for key in given if key in RetryConfig.__struct_fields__}
        if not flat:
            return super().accepted(given)
        warnings.warn(f"{', '.join(flat)}: in RunConfig, these belong into retry", DeprecationWarning, stacklevel=3)
        retry = given.get("retry", {})
        nested = retry.given() if isinstance(retry, RetryConfig) else retry
        rest = {key: value for key, value in given.items() if key not in flat}
        return super().accepted({**rest, "retry": {**flat, **nested}})


class PipelineTrackerConfig(Section, kw_only=True):
    """What the Hamilton UI is told of this pipeline.

    Attributes:
        project_id: the project in the Hamilton UI; MLflow's experiment is then `flowerpower_project_<id>`.
        dag_name: what the DAG is called there; MLflow's run is then called so too.
        tags: tags of the runs.
        capture_data_statistics: whether values are described.
        max_list_length_capture: items of a list that are told.
        max_dict_length_capture: items of a mapping that are told.
    """

    project_id: int | None = None
    dag_name: str | None = None
    tags: dict[str, Any] = field(default_factory=dict)
    capture_data_statistics: bool = True
    max_list_length_capture: int = 50
    max_dict_length_capture: int = 10


class PipelineMLFlowConfig(Section, kw_only=True):
    """What MLflow is told of this pipeline.

    Attributes:
        experiment_name: what the experiment is called.
        experiment_tags: tags of the experiment.
        experiment_description: what the experiment is about.
        run_id: an existing run to go on with.
        run_name: what the run is called.
        run_tags: tags of the run.
        run_description: what the run is about.
    """

    experiment_name: str | None = None
    experiment_tags: dict[str, Any] = field(default_factory=dict)
    experiment_description: str | None = None
    run_id: str | None = None
    run_name: str | None = None
    run_tags: dict[str, Any] = field(default_factory=dict)
    run_description: str | None = None


class PipelineLineageConfig(Section, kw_only=True):
    """What OpenLineage is told of this pipeline.

    Attributes:
        job_name: what the job is called; otherwise as the pipeline.
    """

    job_name: str | None = None


class PipelineAdapterConfig(Section, kw_only=True):
    """Settings of adapters that are this pipeline's own.

    Attributes:
        hamilton_tracker: what the Hamilton UI is told of this pipeline.
        mlflow: what MLflow is told of this pipeline.
        openlineage: what OpenLineage is told of this pipeline.
    """

    hamilton_tracker: PipelineTrackerConfig = field(default_factory=PipelineTrackerConfig)
    mlflow: PipelineMLFlowConfig = field(default_factory=PipelineMLFlowConfig)
    openlineage: PipelineLineageConfig = field(default_factory=PipelineLineageConfig)


class IOConfig(Section, kw_only=True):
    """What is loaded from files, buckets and databases before a run's nodes, and saved behind them.

    A dataset is a path, whose suffix tells the format, or a mapping of `path`, `format`, `options` and
    `storage_options`. Paths are relative to the project's folder, and may have `{run_id}`, `{pipeline}`, `{project}`,
    `{date}` and `{time}` in them.

    Attributes:
        inputs: datasets by the name of the input that they give, or of the node whose place they take.
        outputs: by the name of a node, the dataset that its value is saved as, or a list of them.
    """

    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)


class PipelineConfig(Section, kw_only=True):
    """A pipeline's configuration: `conf/pipelines/<name>.yml`.

    Attributes:
        name: what the pipeline is called; it is run by the name of its file.
        params: values for the pipeline's module.
        run: how it is run.
        io: what is loaded and saved.
        adapter: settings of adapters that are this pipeline's own.
    """

    name: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    run: RunConfig = field(default_factory=RunConfig)
    io: IOConfig = field(default_factory=IOConfig)
    adapter: PipelineAdapterConfig = field(default_factory=PipelineAdapterConfig)


class ProjectTrackerConfig(Section, kw_only=True):
    """Where the Hamilton UI is, and who we are there.

    Attributes:
        username: name of the account.
        api_url: address of the server.
        ui_url: address of the pages.
        api_key: key of the account.
        verify: whether the server's certificate is checked.
        required: whether a run fails that it cannot be told of; otherwise the run's log says so, and the run goes on.
        timeout: seconds for it to answer when a run begins, and after the run for what is still to be told.
    """

    username: str | None = None
    api_url: str = "http://localhost:8241"
    ui_url: str = "http://localhost:8242"
    api_key: str | None = None
    verify: bool = False
    required: bool = False
    timeout: NotNegative = 5.0


class ProjectMLFlowConfig(Section, kw_only=True):
    """Where MLflow is.

    Attributes:
        tracking_uri: where runs are recorded.
        registry_uri: where models are registered.
        artifact_location: where files are put.
        required: whether a run fails that it cannot be told of; otherwise the run's log says so, and the run goes on.
        timeout: seconds for it to answer when a run begins, and after the run for what is still to be told.
    """

    tracking_uri: str | None = None
    registry_uri: str | None = None
    artifact_location: str | None = None
    required: bool = False
    timeout: NotNegative = 5.0


class SpansConfig(Section, kw_only=True):
    """Where spans of OpenTelemetry are sent. What is not said here is taken from its own variables, `OTEL_*`.

    Attributes:
        endpoint: address of a collector that takes OTLP over HTTP, as in `http://localhost:4318`.
        headers: further headers of the requests.
        service_name: what the service is called; otherwise as the pipeline.
        required: whether a run fails that it cannot be told of; otherwise the run's log says so, and the run goes on.
        timeout: seconds for it to answer when a run begins, and after the run for what is still to be told.
    """

    endpoint: str | None = None
    headers: dict[str, Any] = field(default_factory=dict)
    service_name: str | None = None
    required: bool = False
    timeout: NotNegative = 5.0


class ProjectLineageConfig(Section, kw_only=True):
    """Where OpenLineage's events go. Without an address and a file, where its own configuration says.

    Attributes:
        url: address of the server, as in `http://localhost:5000`.
        api_key: key of the account.
        file: a file that events are appended to, in place of a server.
        namespace: what jobs and data belong to.
        required: whether a run fails that it cannot be told of; otherwise the run's log says so, and the run goes on.
        timeout: seconds for it to answer when a run begins, and after the run for what is still to be told.
    """

    url: str | None = None
    api_key: str | None = None
    file: str | None = None
    namespace: str = "default"
    required: bool = False
    timeout: NotNegative = 5.0


class RayConfig(Section, kw_only=True):
    """How Ray is started and left.

    Attributes:
        ray_init_config: further arguments for `ray.init`.
        shutdown_ray_on_completion: whether Ray is shut down after a run that found it started in its process; what a
            run starts itself is always shut down.
    """

    ray_init_config: dict[str, Any] = field(default_factory=dict)
    shutdown_ray_on_completion: bool = False


class ProjectAdapterConfig(Section, kw_only=True):
    """Settings of adapters that hold for the whole project.

    Attributes:
        hamilton_tracker: where the Hamilton UI is, and who we are there.
        mlflow: where MLflow is.
        opentelemetry: where spans of OpenTelemetry are sent.
        openlineage: where OpenLineage's events go.
        ray: how Ray is started and left.
    """

    hamilton_tracker: ProjectTrackerConfig = field(default_factory=ProjectTrackerConfig)
    mlflow: ProjectMLFlowConfig = field(default_factory=ProjectMLFlowConfig)
    opentelemetry: SpansConfig = field(default_factory=SpansConfig)
    openlineage: ProjectLineageConfig = field(default_factory=ProjectLineageConfig)
    ray: RayConfig = field(default_factory=RayConfig)


class ProjectConfig(Section, kw_only=True):
    """A project's configuration: `conf/project.yml`.

    Attributes:
        name: what the project is called.
        hooks_dir: where the hooks lie, relative to the project.
        dotenv: whether variables are read from `.env` too, or the file to read them from, relative to the project. What
            the environment itself says is stronger.
        adapter: settings of adapters that hold for the whole project.
    """

    name: str | None = None
    hooks_dir: str = "hooks"
    dotenv: bool | str = False
    adapter: ProjectAdapterConfig = field(default_factory=ProjectAdapterConfig)
