"""The interface as it is installed, on a project whose packages it does not have."""

import fcntl
import os
import select
import shutil
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest


def test_the_interface_draws_what_their_interpreter_imports(tool, project) -> None:
    terminal, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    environ = tool.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    # The pipeline that comes first cannot be imported by the tool, but in the project's environment.
    (project / "pipelines" / "sales_etl.py").write_text(
        "import only_in_the_project\n\n\ndef alone() -> int: return 1\n"
    )
    (project / "conf" / "pipelines" / "sales_etl.yml").write_text("run: {final_vars: [alone]}\n")
    command = [tool.command, project]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, process_group=0) as process:
        os.close(theirs)
        try:
            seen, deadline = b"", time.monotonic() + 60
            while b"alone" not in seen:
                assert time.monotonic() < deadline, seen[-500:]
                if select.select([terminal], [], [], 0.1)[0]:
                    seen += os.read(terminal, 65536)
        finally:
            process.kill()
            os.close(terminal)


@pytest.mark.skipif(
    os.environ.get("FP_TUI_TEST_UV") != "1" or not shutil.which("uv"),
    reason="FP_TUI_TEST_UV is not 1, or there is no uv: it fetches what the wheel needs from a package index",
)
def test_as_a_tool_of_uv_it_runs_a_project_all_the_same(wheel: Path, project, tmp_path: Path) -> None:
    folders = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | folders
    environ |= {"FP_TUI_STATE_DIR": str(tmp_path / "state")}
    subprocess.run(["uv", "tool", "install", "--quiet", wheel], env=environ, check=True)
    command = [tmp_path / "bin" / "fp-tui", "run", "-C", project, "where"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
