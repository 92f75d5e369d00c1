"""The package that the page on plugins is about, as written there: all of it in one run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
_FILE = re.compile(r"^```\w+\n# ([\w./]+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_package_of_the_page_does_what_the_page_says(
    tmp_path: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    files = dict(_FILE.findall(PAGE.read_text("utf-8")))
    site, root, home = tmp_path / "site", tmp_path / "project", tmp_path / "home"
    for path, text in files.items():
        place = {"loud": site, "settings.yml": home, "pyproject.toml": site}.get(path.partition("/")[0], root) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (site / "loud" / "__init__.py").touch()
    (root / "conf" / "project.yml").write_text("name: plugins\n")
    # As an installer leaves it.
    project = tomllib.loads(files["pyproject.toml"])["project"]
    info = site / "loud-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = project["entry-points"]
    entries = (
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points[group].items()) for group in points
    )
    (info / "entry_points.txt").write_text("\n".join(entries))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(site), *filter(None, (os.environ.get("PYTHONPATH"),)))),
        "HOME": str(home),
        "FP_TUI_CONFIG_DIR": str(home),
        "FP_TUI_STATE_DIR": str(tmp_path / "state"),
    }

    command = [sys.executable, "-m", "flowerpower_tui", "run", "-C", str(root), "greeting"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "now the nodes, one after the other",
        "greeting: greeting begins!",
        "greeting: save.greeting begins!",
        "greeting: ended with None!",
    ]
    assert (root / "out" / "greeting.txt").read_text() == "HELLO YOU"
    heard = home / "loud.txt"
    eventually(lambda: heard.exists() and heard.read_text().endswith("RUNFINISHED\n"))
    assert heard.read_text().startswith("RUNSTARTED\n")
