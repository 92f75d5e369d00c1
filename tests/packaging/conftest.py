"""The built wheel in an environment of its own, and a project with another: both real, neither with a network.

The tool's environment has the wheel and, by a `.pth` file, what is installed for these tests; the project's has links
to the few packages that a run needs, and none to what the interface is made of.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = Path(sysconfig.get_path("purelib"))
NEEDED = ("hamilton", "msgspec", "yaml", "_yaml", "numpy", "numpy.libs", "pandas", "pandas.libs", "dateutil", "six.py")
NEEDED += ("typing_extensions.py", "typing_inspect.py", "mypy_extensions.py", "pytz", "tzdata")
DISTRIBUTIONS = ("apache_hamilton", "sf_hamilton", "msgspec", "pyyaml", "numpy", "pandas")

WHERE = '''\
"""Where a pipeline finds itself."""

import sys
from importlib.util import find_spec
from multiprocessing import get_context

from hamilton.htypes import Collect, Parallelizable

import only_in_the_project


def prefix() -> str:
    return sys.prefix


def strangers() -> list[str]:
    return [name for name in ("textual", "fsspec", "rich", "watchfiles") if find_spec(name)]


def number() -> Parallelizable[int]:
    yield from range(2)


def there(number: int) -> str:
    return sys.prefix


def prefixes(there: Collect[str]) -> list[str]:
    return sorted(set(there))


def spawned() -> str:
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(only_in_the_project.prefix)
'''
ONLY = "import sys\n\n\ndef prefix():\n    return sys.prefix\n"
CONFIGURATION = """\
run:
  final_vars: [prefix, strangers, prefixes, spawned]
  executor: {type: processpool, max_workers: 2}
  retry: {max_retries: 0}
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        (found,) = self.folder.glob("lib/python3*/site-packages")
        return found

    @classmethod
    def make(cls, folder: Path) -> "Environment":
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        return cls(folder)


class Tool:
    """`fp-tui` as it is installed from the wheel."""

    def __init__(self, environment: Environment, folder: Path) -> None:
        self.environment = environment
        self.command = environment.folder / "bin" / "fp-tui"
        kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
        self.environ = kept | {"FP_TUI_STATE_DIR": str(folder / "state"), "FP_TUI_CONFIG_DIR": str(folder / "config")}

    def __call__(self, *arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.command), *map(str, arguments)]
        return subprocess.run(command, env=self.environ | environ, capture_output=True, text=True, timeout=60)

    def records(self) -> list[dict]:
        """What is recorded of each run, the newest last."""
        found = sorted(Path(self.environ["FP_TUI_STATE_DIR"]).glob("runs/*/request.json"))
        return [json.loads(path.read_text()) for path in found]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment.make(tmp_path_factory.mktemp("tool") / "env")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", environment.python, "install"]
    subprocess.run([*pip, "--quiet", "--no-index", "--no-deps", wheel], check=True)
    # What our own is found by in a checkout is a file of this folder, and such files count in site-packages only.
    (environment.packages / "others.pth").write_text(f"{INSTALLED}\n")
    return environment


@pytest.fixture
def tool(installed: Environment, tmp_path: Path) -> Tool:
    return Tool(installed, tmp_path)


@pytest.fixture(scope="session")
def their_environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment.make(tmp_path_factory.mktemp("theirs") / ".venv")
    found = [INSTALLED / name for name in NEEDED]
    found += [path for path in INSTALLED.glob("*.dist-info") if path.name.lower().partition("-")[0] in DISTRIBUTIONS]
    for path in found:
        if path.exists():
            (environment.packages / path.name).symlink_to(path)
    (environment.packages / "only_in_the_project.py").write_text(ONLY)
    return environment


@pytest.fixture
def project(their_environment: Environment, tmp_path: Path) -> Path:
    """A project whose packages are in its `.venv`, which the tool has never seen."""
    root = tmp_path / "theirs"
    shutil.copytree(ROOT / "examples" / "sales-etl", root)
    (root / "pipelines" / "where.py").write_text(WHERE)
    (root / "conf" / "pipelines" / "where.yml").write_text(CONFIGURATION)
    (root / ".venv").symlink_to(their_environment.folder)
    return root


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())
