"""A project in a bucket, in a browser: visitors reach it as the server was told to."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import Any

import aiohttp
import pytest

PATIENCE = 60


async def test_visitors_reach_the_bucket_as_the_server_was_told_and_are_not_asked(
    project: Any, endpoint: str, credentials: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    options = {"endpoint_url": endpoint, **credentials}
    given = [part for key, value in options.items() for part in ("--storage-option", f"{key}={value}")]
    command = [sys.executable, "-m", "flowerpower_tui", "serve", project.url, "--port", "0", "--trust", *given]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        url = server.stdout.readline().strip()
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(PATIENCE)) as browser:
            async with browser.get(url) as page:
                assert page.status == 200
            async with browser.ws_connect(f"{url.partition('?')[0]}ws?width=100&height=30") as websocket:
                seen = b""
                while b"never run" not in seen:
                    message = await asyncio.wait_for(websocket.receive(), PATIENCE)
                    assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), (message, seen[-500:])
                    seen += message.data if isinstance(message.data, bytes) else b""
                assert b"Shall code" not in seen
    finally:
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert credentials["secret"] not in said
