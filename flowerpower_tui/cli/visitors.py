"""The server behind `fp-tui serve`: textual-serve's, behind a gate, with a limit, and with an end."""

from __future__ import annotations

import asyncio
import logging
import shlex
import signal
import sys
from collections.abc import Callable
from typing import Any

import aiohttp_jinja2
from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from flowerpower_tui.cli.gate import TOKEN, Gate

PATIENCE = 3.0
"""Seconds that visitors have to leave when the server ends."""


class Visitors(Server):  # type: ignore[misc]  # it ships no types
    """Serves one interface, in a process of its own, to each visitor.

    Args:
        arguments: of `fp-tui`, for each of them.
        gate: who may come in.
        most: how many there may be at a time.
    """

    def __init__(self, arguments: list[str], gate: Gate, most: int) -> None:
        # `exec`, so that it is the interface that is told to end, and not a shell around it.
        command = f"exec {shlex.join([sys.executable, '-P', '-m', 'flowerpower_tui', *arguments])}"
        super().__init__(command, title="fp-tui")
        self._gate = gate
        self._most = most
        self._open: set[web.WebSocketResponse] = set()

    async def serve_until_signalled(self, host: str, port: int, tell: Callable[[str], None]) -> None:
        """Serve until SIGINT or SIGTERM; `tell` is called with the address once somebody can come.

        Raises:
            OSError: nobody can listen there.
        """
        logging.getLogger("textual-serve").setLevel(logging.ERROR)
        over = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, over.set)
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=PATIENCE)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            bound = runner.addresses[0]
            shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            tell(f"http://{shown}:{bound[1]}/?{TOKEN}={self._gate.token}")
            await over.wait()
        finally:
            await runner.cleanup()

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page; it calls us by the name that it was called by."""
        context: dict[str, Any] = {
            "font_size": to_int(request.query.get("fontsize", ""), 16),
            "app_websocket_url": f"ws://{request.host}/ws",
            "config": {"static": {"url": "/static/"}},
            "application": {"name": self.title},
        }
        return aiohttp_jinja2.render_template("app_index.html", request, context)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Be the terminal of a visitor until either of both is gone."""
        # Whoever reloads the page comes back before the interface of before has ended.
        if sum(not visitor.closed for visitor in self._open) >= self._most:
            raise web.HTTPServiceUnavailable(text=f"There are {self._most} visitors already.\n")
        websocket = web.WebSocketResponse(heartbeat=15)
        self._open.add(websocket)
        try:
            await websocket.prepare(request)
            app = AppService(
                self.command,
                write_bytes=websocket.send_bytes,
                write_str=websocket.send_str,
                close=websocket.close,
                download_manager=self.download_manager,
            )
            size = (to_int(request.query.get(side, ""), usual) for side, usual in (("width", 80), ("height", 24)))
            await app.start(*size)
            try:
                await self._process_messages(websocket, app)
            finally:
                await app.stop()
        finally:
            self._open.discard(websocket)
        return websocket

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing; whoever serves says it."""

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - as it is called
        """Let go of the visitors, so that their interfaces end."""
        for websocket in tuple(self._open):
            await websocket.close(code=WSCloseCode.GOING_AWAY)

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()
        app.middlewares.append(self._gate.middleware)
        app.on_response_prepare.append(self._gate.on_prepare)
        return app
