"""The interface in a browser: who gets in, who does not, and what is left when they go."""

import asyncio
import signal
import socket
import subprocess
import sys

import aiohttp
import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


def session() -> ClientSession:
    # As a browser, it keeps the cookies of addresses that are no names.
    return ClientSession(cookie_jar=CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(30))


async def enter(browser: ClientSession, served) -> None:
    async with browser.get(served.url) as answer:
        assert answer.status == 200


async def screen_with(websocket, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen:
        message = await asyncio.wait_for(websocket.receive(), 30)
        assert message.type in (WSMsgType.BINARY, WSMsgType.TEXT), (message, seen[-300:])
        seen += message.data if isinstance(message.data, bytes) else b""
    return seen


async def test_who_has_the_token_gets_an_interface_and_keeps_no_token_in_the_address(serve) -> None:
    served = serve()
    async with session() as browser:
        async with browser.get(served.url) as page:
            assert (page.status, str(page.url)) == (200, served.base)
            (cookie,) = page.history[0].cookies.values()
            assert cookie["httponly"]
            assert served.token not in cookie.value
            assert served.token not in await page.text()
        async with browser.get(f"{served.base}static/js/textual.js") as script:
            assert script.status == 200
        async with browser.ws_connect(f"{served.base}ws?width=100&height=30") as websocket:
            await screen_with(websocket, b"sales_etl")
            await websocket.send_json(["stdin", "\x11"])
            while not websocket.closed:
                await asyncio.wait_for(websocket.receive(), 30)
    assert served.end() == 0


async def test_nobody_else_gets_anything(serve) -> None:
    served = serve()
    async with session() as stranger:
        for path in ("", "?token=", f"?token={served.token[:-1]}", "static/js/textual.js", "download/x", "nowhere"):
            async with stranger.get(served.base + path) as answer:
                assert (answer.status, answer.cookies) == (403, {}), path
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await stranger.ws_connect(f"{served.base}ws")
    assert served.visitors() == []


async def test_pages_from_elsewhere_get_nothing_with_a_visitors_cookie(serve) -> None:
    served = serve()
    async with session() as browser:
        await enter(browser, served)
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await browser.ws_connect(f"{served.base}ws", headers=headers)
            async with browser.get(served.url, headers=headers) as answer:
                assert answer.status == 403
        # A forwarded port has another number here than there.
        async with browser.get(served.url, headers={"Host": "localhost:9999"}, allow_redirects=False) as answer:
            assert answer.status == 302
    assert served.visitors() == []


async def test_there_are_no_more_visitors_than_allowed_and_each_leaves_nothing(serve) -> None:
    served = serve("--visitors", "1")
    async with session() as browser:
        await enter(browser, served)
        async with browser.ws_connect(f"{served.base}ws") as websocket:
            await screen_with(websocket, b"sales_etl")
            assert len(served.visitors()) == 1
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                await browser.ws_connect(f"{served.base}ws")
        while served.visitors():
            await asyncio.sleep(0.05)
        async with browser.ws_connect(f"{served.base}ws") as websocket:
            await screen_with(websocket, b"sales_etl")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_visitors_end_with_the_server_however_it_ends(serve, is_alive, number) -> None:
    served = serve()
    async with session() as browser:
        await enter(browser, served)
        async with browser.ws_connect(f"{served.base}ws") as websocket:
            await screen_with(websocket, b"sales_etl")
            (visitor,) = served.visitors()
            code = await asyncio.to_thread(served.end, number)
    assert code == (-number if number == signal.SIGKILL else 0)
    while is_alive(visitor):
        await asyncio.sleep(0.05)


def test_a_network_is_not_served_by_mistake() -> None:
    done = serve_command("--host", "0.0.0.0")
    assert done.returncode == 2
    assert "At 0.0.0.0 others could reach it." in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = serve_command("--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "Nobody can listen at 127.0.0.1" in done.stderr


def test_without_the_extra_it_says_what_to_install() -> None:
    done = serve_command(before="sys.modules['textual_serve'] = None; ")
    assert done.returncode == 2
    assert "pip install 'flowerpower-tui[serve]'" in done.stderr


def serve_command(*options: str, before: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import sys; {before}from flowerpower_tui.cli.main import main; sys.exit(main(['serve', *sys.argv[1:]]))"
    return subprocess.run([sys.executable, "-c", code, *options], capture_output=True, text=True, timeout=60)
