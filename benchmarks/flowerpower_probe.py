"""Does what a case of `compare_with_flowerpower.py` asks for, with FlowerPower or with us, and prints what came of it.

Run by the comparison in either environment, as `flowerpower_probe.py {theirs,ours} ROOT`; the case's code comes on
standard input. Imports nothing of ours where FlowerPower is asked.
"""

import importlib
import json
import os
import sys
from pathlib import Path

MARK = "\n=== result ===\n"


def plain(value: object, root: str) -> object:
    """Return a value as JSON can carry it, tables with their columns and types."""
    kind = type(value)
    if kind.__module__.startswith("pandas") and hasattr(value, "to_dict"):
        frame = value.to_frame(name=str(value.name)) if value.ndim == 1 else value
        types = {str(column): str(dtype) for column, dtype in frame.dtypes.items()}
        return {"kind": kind.__name__, "types": types, "rows": plain(frame.reset_index().to_dict("records"), root)}
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(key): plain(item, root) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, root) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, root) for item in value), key=repr)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if hasattr(value, "item") and hasattr(value, "dtype"):
        return plain(value.item() if value.ndim == 0 else value.tolist(), root)
    return str(value).replace(root, ".")


def names(module: str) -> object:
    """Return one of FlowerPower's modules, by whoever answers for it."""
    return importlib.import_module(module)


def main() -> None:
    """Carry out a case and print the result, or what was raised."""
    who, root = sys.argv[1], Path(sys.argv[2]).resolve()
    code = sys.stdin.read()
    os.chdir(root)
    if who == "ours":
        from flowerpower_tui import FlowerPowerProject
        from flowerpower_tui.pipeline.compat import install

        install()
    else:
        from flowerpower import FlowerPowerProject
    told: dict[str, object] = {}
    try:
        project = FlowerPowerProject.load(str(root))
        manager = getattr(project, "pipeline_manager", None)
        scope = {"project": project, "manager": manager, "root": root, "names": names}
        exec(code, scope)
        told["result"] = plain(scope.get("result"), str(root))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what came of the case
        told["error"] = f"{type(error).__name__}: {error}".replace(str(root), ".")
    print(MARK + json.dumps(told, sort_keys=True, default=repr), flush=True)
    # Threads that are left shall not keep us.
    os._exit(0)


if __name__ == "__main__":
    main()
