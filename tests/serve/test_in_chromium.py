"""The interface in a real browser, with its keys and its picture: where FP_TUI_TEST_CHROMIUM=1 asks for it.

Needs chromium and chromedriver, which Debian has as chromium and chromium-driver. FP_TUI_TEST_PICTURES names a folder
for the screenshots.
"""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

pytestmark = pytest.mark.skipif(
    os.environ.get("FP_TUI_TEST_CHROMIUM") != "1" or not shutil.which("chromedriver"),
    reason="FP_TUI_TEST_CHROMIUM is not 1, or there is no chromedriver",
)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1200,760")
FLAGS += ("--disable-background-networking", "--disable-component-update", "--disable-sync")


class Browser:
    """Chromium, as WebDriver drives it."""

    def __init__(self, port: int, profile: Path) -> None:
        self._driver = f"http://127.0.0.1:{port}/session"
        arguments = [*FLAGS, f"--user-data-dir={profile}"]
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}}
        self._driver += "/" + self._ask("", wanted)["sessionId"]

    def open(self, url: str) -> None:
        self._ask("/url", {"url": url})

    def where(self) -> str:
        return str(self._ask("/url"))

    def run(self, script: str) -> Any:
        return self._ask("/execute/sync", {"script": f"return {script}", "args": []})

    def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self._ask("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def picture(self) -> bytes:
        return base64.b64decode(self._ask("/screenshot"))

    def close(self) -> None:
        with urlopen(Request(self._driver, method="DELETE"), timeout=30):
            pass

    def _ask(self, path: str, what: object = None) -> Any:
        data = None if what is None else json.dumps(what).encode()
        with urlopen(Request(self._driver + path, data, {"Content-Type": "application/json"}), timeout=60) as answer:
            return json.load(answer)["value"]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout
        said = next(line for line in driver.stdout if "started successfully on port" in line)
        browser = Browser(int(said.rstrip(".\n").rpartition(" ")[2]), tmp_path / "profile")
        yield browser
        browser.close()
        driver.terminate()


def test_the_interface_is_shown_takes_keys_and_ends_with_its_page(
    serve: Callable[..., Any], browser: Browser, state: Path, eventually: Callable[[Callable[[], object]], None]
) -> None:
    served = serve()
    browser.open(served.url)
    assert browser.where() == served.base
    eventually(lambda: browser.run("document.body.classList.contains('-first-byte')"))
    before = settled(browser)
    # What the page would like to have from elsewhere, it does not get.
    got = browser.run("performance.getEntriesByType('resource').filter(e => e.transferSize).map(e => e.name)")
    assert got
    assert all(url.startswith(served.base) for url in got)
    browser.run("document.querySelector('.xterm-helper-textarea').focus()")
    browser.press("r")
    eventually(lambda: ended(state))
    keep("run", settled(browser, but=before))
    (visitor,) = served.visitors()
    browser.open("about:blank")
    eventually(lambda: visitor not in served.visitors())


def ended(state: Path) -> bool:
    """Whether a run has ended that was started by a key."""
    return any(b"RunFinished" in journal.read_bytes() for journal in state.glob("runs/*/events.jsonl"))


def settled(browser: Browser, but: bytes = b"") -> bytes:
    """The picture once it stays as it is, and is another than `but`."""
    before, deadline = b"", time.monotonic() + 30
    while (now := browser.picture()) != before or now == but:
        assert time.monotonic() < deadline, "the picture never came to rest, or never changed"
        before = now
        time.sleep(1)
    return now


def keep(name: str, picture: bytes) -> None:
    if folder := os.environ.get("FP_TUI_TEST_PICTURES"):
        Path(folder, f"{name}.png").write_bytes(picture)
