"""OpenLineage is told of a run, and of what its loaders and savers read and wrote, by Hamilton's own adapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowerpower_tui.pipeline.adapting.aside import Aside
from flowerpower_tui.pipeline.adapting.parts import need


def make(pipeline: str, options: Mapping[str, Any]) -> Aside:
    """Return what tells OpenLineage; options: those of `adapter.openlineage`, of project and pipeline.

    Without `url` and `file`, OpenLineage's own configuration counts: `OPENLINEAGE_URL` and its kin, `openlineage.yml`.

    Raises:
        ConfigError: its library is not installed.
    """
    need("openlineage.client", "OpenLineage's client", "openlineage")

    def adapter() -> Any:
        from hamilton.plugins.h_openlineage import OpenLineageAdapter
        from openlineage.client import OpenLineageClient

        transport = _transport(options)
        client = OpenLineageClient(config={"transport": transport}) if transport else OpenLineageClient()
        return OpenLineageAdapter(client, options["namespace"], options["job_name"] or pipeline)

    return Aside("OpenLineage", adapter, timeout=options["timeout"], required=options["required"])


def _transport(options: Mapping[str, Any]) -> dict[str, Any]:
    if options["file"]:
        return {"type": "file", "log_file_path": options["file"], "append": True}
    if not options["url"]:
        return {}
    key = options["api_key"]
    auth = {"auth": {"type": "api_key", "apiKey": key}} if key else {}
    return {
        "type": "http",
        "url": options["url"],
        "timeout": options["timeout"],
        "retry": {"total": 0},
        **auth,
    }
