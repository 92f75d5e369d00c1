"""Every key of a project's and a pipeline's configuration, with its type and its default.

A `None` in a type says that null is a meaning of its own there; elsewhere null is the same as no value.
"""

from __future__ import annotations

import os
from typing import Annotated, Any

from msgspec import Meta, Struct, field

# Threads mostly wait, for disks and networks; so more of them than processors.
_WORKERS_A_CPU = 5

Count = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[float, Meta(ge=0)]


def cpu_count() -> int:
    """Return how many processors this machine has."""
    return os.cpu_count() or 1


class ExecutorConfig(Struct, frozen=True, kw_only=True):
    """How nodes are executed.

    Attributes:
        type: `synchronous`, `local`, `threadpool`, `processpool`, `ray`, `dask` or one that a plugin brings.
        max_workers: threads or processes of a pool.
        num_cpus: processors for Ray and Dask.
    """

    type: str | None = "threadpool"
    max_workers: Count = field(default_factory=lambda: _WORKERS_A_CPU * cpu_count())
    num_cpus: Count = field(default_factory=cpu_count)


class RetryConfig(Struct, frozen=True, kw_only=True):
    """How often a failed run is tried again.

    Attributes:
        max_retries: attempts after the first.
        retry_delay: seconds before the first of them, doubled for each that follows.
        jitter_factor: the random share, of the delay, that is added to it.
        retry_exceptions: what is worth another attempt: names, dotted paths, or classes from Python.
    """

    max_retries: int = 3
    retry_delay: NotNegative = 1.0
    jitter_factor: NotNegative = 0.1
    retry_exceptions: list[Any] = field(default_factory=lambda: ["Exception"])


class WithAdapterConfig(Struct, frozen=True, kw_only=True):
    """Which adapters a run is told to: each needs its optional part to be installed."""

    hamilton_tracker: bool = False
    mlflow: bool = False
    ray: bool = False
    progressbar: bool = False
    future: bool = False


class RunConfig(Struct, frozen=True, kw_only=True):
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
        adapter: adapters as objects; from Python only.
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


class PipelineTrackerConfig(Struct, frozen=True, kw_only=True):
    """What the Hamilton UI is told of this pipeline."""

    project_id: int | None = None
    dag_name: str | None = None
    tags: dict[str, Any] = field(default_factory=dict)
    capture_data_statistics: bool = True
    max_list_length_capture: int = 50
    max_dict_length_capture: int = 10


class PipelineMLFlowConfig(Struct, frozen=True, kw_only=True):
    """What MLflow is told of this pipeline."""

    experiment_name: str | None = None
    experiment_tags: dict[str, Any] = field(default_factory=dict)
    experiment_description: str | None = None
    run_id: str | None = None
    run_name: str | None = None
    run_tags: dict[str, Any] = field(default_factory=dict)
    run_description: str | None = None


class PipelineAdapterConfig(Struct, frozen=True, kw_only=True):
    """Settings of adapters that are this pipeline's own."""

    hamilton_tracker: PipelineTrackerConfig = field(default_factory=PipelineTrackerConfig)
    mlflow: PipelineMLFlowConfig = field(default_factory=PipelineMLFlowConfig)


class PipelineConfig(Struct, frozen=True, kw_only=True):
    """`conf/pipelines/<name>.yml`.

    Attributes:
        name: what the pipeline is called; the file's name is what it is run by.
        params: values for the pipeline's module.
        run: how it is run.
        adapter: settings of adapters that are this pipeline's own.
    """

    name: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    run: RunConfig = field(default_factory=RunConfig)
    adapter: PipelineAdapterConfig = field(default_factory=PipelineAdapterConfig)


class ProjectTrackerConfig(Struct, frozen=True, kw_only=True):
    """Where the Hamilton UI is, and who we are there."""

    username: str | None = None
    api_url: str = "http://localhost:8241"
    ui_url: str = "http://localhost:8242"
    api_key: str | None = None
    verify: bool = False


class ProjectMLFlowConfig(Struct, frozen=True, kw_only=True):
    """Where MLflow is."""

    tracking_uri: str | None = None
    registry_uri: str | None = None
    artifact_location: str | None = None


class RayConfig(Struct, frozen=True, kw_only=True):
    """How Ray is started and left."""

    ray_init_config: dict[str, Any] = field(default_factory=dict)
    shutdown_ray_on_completion: bool = False


class ProjectAdapterConfig(Struct, frozen=True, kw_only=True):
    """Settings of adapters that hold for the whole project."""

    hamilton_tracker: ProjectTrackerConfig = field(default_factory=ProjectTrackerConfig)
    mlflow: ProjectMLFlowConfig = field(default_factory=ProjectMLFlowConfig)
    ray: RayConfig = field(default_factory=RayConfig)


class ProjectConfig(Struct, frozen=True, kw_only=True):
    """`conf/project.yml`.

    Attributes:
        name: what the project is called.
        hooks_dir: where the hooks lie, relative to the project.
        adapter: settings of adapters that hold for the whole project.
    """

    name: str | None = None
    hooks_dir: str = "hooks"
    adapter: ProjectAdapterConfig = field(default_factory=ProjectAdapterConfig)
