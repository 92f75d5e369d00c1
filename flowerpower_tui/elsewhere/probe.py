"""Says as JSON what an interpreter is, which modules and which plugins are installed there.

As `python probe.py GROUP NAME=DISTRIBUTION...`: the group of the plugins' entry points, and the modules.

Known by its path alone, and written for any Python that may be met, however old: it imports nothing of ours.
"""

import sys

# Our own folder, put there for this file; what lies in it is none of the interpreter's.
del sys.path[0]

import json  # noqa: E402


def _version(names: "list[str]") -> str:
    """Return the version of the first of these distributions that is installed; nothing if none is."""
    from importlib import metadata

    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    return ""


def _look(wanted: "list[str]") -> "dict[str, str]":
    """Return each module that is there, with the version of its distribution."""
    from importlib.util import find_spec

    found = {}
    for word in wanted:
        name, _, distributions = word.partition("=")
        if find_spec(name):
            found[name] = _version(distributions.split(","))
    return found


def _plugins(group: str) -> "list[str]":
    """Return the names of the entry points of a group."""
    from importlib import metadata

    return sorted(metadata.entry_points(group=group).names)


if __name__ == "__main__":
    is_known = sys.version_info[:2] >= (3, 8)
    print(
        json.dumps(
            {
                "version": ".".join(map(str, sys.version_info[:3])),
                "modules": _look(sys.argv[2:]) if is_known else {},
                "executors": _plugins(sys.argv[1]) if sys.version_info[:2] >= (3, 10) else [],
                "folders": [path for path in sys.path if path],
            }
        )
    )
