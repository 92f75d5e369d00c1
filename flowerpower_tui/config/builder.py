"""A `RunConfig` built step by step, as FlowerPower's users do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from flowerpower_tui.config.models import ExecutorConfig, RunConfig, WithAdapterConfig
from flowerpower_tui.config.overrides import overrides_of

_UNSET: Any = object()


class RunConfigBuilder:
    """Collects what a run shall override. None leaves everything as it is, but where a method says otherwise."""

    def __init__(self, base_config: RunConfig | None = None) -> None:
        self._asked: dict[str, Any] = overrides_of(base_config)["run"]

    @classmethod
    def from_config(cls, config: RunConfig) -> Self:
        """Begin with what `config` overrides."""
        return cls(config)

    @property
    def config(self) -> RunConfig:
        """What has been collected."""
        return self.build()

    def build(self) -> RunConfig:
        """Return what has been collected; the builder can go on.

        Raises:
            ConfigError: a value is not of its type; carries every problem.
        """
        return RunConfig.from_dict(self._asked)

    def reset(self) -> Self:
        """Begin anew."""
        self._asked = {}
        return self

    def with_inputs(self, inputs: Mapping[str, Any] | None) -> Self:
        """Set the graph's inputs."""
        return self._set(inputs=inputs)

    def with_config(self, config: Mapping[str, Any] | None) -> Self:
        """Set what `config.when` and its kin decide by."""
        return self._set(config=config)

    def with_final_vars(self, final_vars: Iterable[str] | None) -> Self:
        """Set the nodes to compute."""
        return self._set(final_vars=None if final_vars is None else list(final_vars))

    def with_cache(self, cache: Mapping[str, Any] | bool | None) -> Self:
        """Set whether results are kept, or the settings of the cache."""
        return self._set(cache=cache)

    def with_executor(self, executor_cfg: str | Mapping[str, Any] | ExecutorConfig | None) -> Self:
        """Set how nodes are executed: a type, or fields."""
        return self._add(executor=executor_cfg)

    def with_executor_cfg(self, executor_cfg: str | Mapping[str, Any] | ExecutorConfig | None) -> Self:
        """Do what `with_executor` does."""
        return self.with_executor(executor_cfg)

    def with_with_adapter_cfg(self, with_adapter_cfg: Mapping[str, Any] | WithAdapterConfig | None) -> Self:
        """Set which adapters the run is told to."""
        return self._add(with_adapter=with_adapter_cfg)

    def with_adapter(self, adapter: Mapping[str, Any] | None) -> Self:
        """Add adapters as objects."""
        return self._add(adapter=adapter)

    def with_pipeline_adapter_cfg(self, pipeline_adapter_cfg: Any) -> Self:
        """Set what is laid over the pipeline's `adapter`."""
        return self._set(pipeline_adapter_cfg=pipeline_adapter_cfg)

    def with_project_adapter_cfg(self, project_adapter_cfg: Any) -> Self:
        """Set what is laid over the project's `adapter`."""
        return self._set(project_adapter_cfg=project_adapter_cfg)

    def with_retry_config(
        self,
        max_retries: int | None = None,
        retry_delay: float | None = None,
        jitter_factor: float | None = None,
        retry_exceptions: Iterable[Any] | None = None,
    ) -> Self:
        """Set how often a failed run is tried again, field by field."""
        fields = {
            "max_retries": max_retries,
            "retry_delay": retry_delay,
            "jitter_factor": jitter_factor,
            "retry_exceptions": retry_exceptions if retry_exceptions is None else list(retry_exceptions),
        }
        return self._add(retry={key: value for key, value in fields.items() if value is not None})

    def with_retries(
        self,
        max_attempts: int | None = None,
        delay: float | None = None,
        jitter: float | None = None,
        exceptions: Iterable[Any] | None = None,
    ) -> Self:
        """Do what `with_retry_config` does; `max_attempts` are those after the first."""
        return self.with_retry_config(max_attempts, delay, jitter, exceptions)

    def with_max_retries(self, max_retries: int | None) -> Self:
        """Set the attempts after the first."""
        return self.with_retry_config(max_retries=max_retries)

    def with_retry_delay(self, retry_delay: float | None) -> Self:
        """Set the seconds before the second attempt."""
        return self.with_retry_config(retry_delay=retry_delay)

    def with_jitter_factor(self, jitter_factor: float | None) -> Self:
        """Set the random share of the delay."""
        return self.with_retry_config(jitter_factor=jitter_factor)

    def with_retry_exceptions(self, retry_exceptions: Iterable[Any] | None) -> Self:
        """Set what is worth another attempt: names or classes."""
        return self.with_retry_config(retry_exceptions=retry_exceptions)

    def with_log_level(self, log_level: str | None) -> Self:
        """Set how much is logged."""
        return self._set(log_level=log_level)

    def with_logging(self, log_level: str | None = None) -> Self:
        """Do what `with_log_level` does."""
        return self.with_log_level(log_level)

    def with_reload(self, reload: bool | None) -> Self:
        """Set whether modules are imported afresh."""
        return self._set(reload=reload)

    def with_additional_modules(self, modules: Any) -> Self:
        """Add modules that add nodes: one or several, by name or as objects."""
        return self._add(additional_modules=modules)

    def with_async_driver(self, enabled: bool | None) -> Self:
        """Set whether `run_async` may use Hamilton's asynchronous driver; None leaves that to us."""
        self._asked["async_driver"] = enabled
        return self

    def with_callbacks(self, on_success: Any = _UNSET, on_failure: Any = _UNSET) -> Self:
        """Set what is called after a run; None takes it back."""
        given = {"on_success": on_success, "on_failure": on_failure}
        self._asked |= {key: value for key, value in given.items() if value is not _UNSET}
        return self

    def with_on_success(self, on_success: Any) -> Self:
        """Set what is called with the result."""
        return self._set(on_success=on_success)

    def with_on_failure(self, on_failure: Any) -> Self:
        """Set what is called with the error."""
        return self._set(on_failure=on_failure)

    def _set(self, **given: Any) -> Self:
        """Let what is given take the place of what is there."""
        self._asked = {key: value for key, value in self._asked.items() if given.get(key) is None}
        return self._add(**given)

    def _add(self, **given: Any) -> Self:
        known = {key: value for key, value in given.items() if value is not None}
        self._asked = overrides_of(self._asked, **known)["run"]
        return self
