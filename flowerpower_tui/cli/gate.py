"""Who may come in to an interface that is served to browsers: who has the token, from our own pages, by our own name.

Whoever gets in can run code as the user who serves it, so other pages, other users and other machines must not.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TOKEN = "token"  # noqa: S105 - what it is called in a URL
LOOPBACK = ("127.0.0.1", "::1", "localhost")

_REFUSED = "This needs the address that fp-tui serve has printed, with all that stands behind ?token=\n"
# Textual's page has scripts and styles in it, and asks for a font from far away, which is nobody's business.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self' ws://{host}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class Gate:
    """The middleware of a server.

    A browser shows the token once, in the address, and gets a cookie for it: the address of the page, which stays in
    histories, has none.

    Args:
        names: by which this server is called. What else a page calls it by, a name that its owner has made to lead
            here (DNS rebinding), is refused.
        any_address: whether it may be called by any IP address, too.
    """

    def __init__(self, names: Collection[str] = LOOPBACK, *, any_address: bool = False) -> None:
        self.token = secrets.token_urlsafe(32)
        self._pass = secrets.token_urlsafe(32)
        # Cookies are not told apart by ports: two servers on one machine must not take each other's away.
        self._cookie = f"fp_tui_{secrets.token_hex(4)}"
        self._names = frozenset(name.lower() for name in names)
        self._any_address = any_address

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request pass, or refuse it (403)."""
        if not self._is_called_by_name(request.host) or not _is_own_page(request):
            raise web.HTTPForbidden(text="This is not called by this name, or from there.\n")
        if _same(request.query.get(TOKEN, ""), self.token):
            # The cookie also comes along when somebody follows a link to here, and with nothing else from elsewhere.
            answer = web.HTTPFound(request.rel_url.with_query({k: v for k, v in request.query.items() if k != TOKEN}))
            answer.set_cookie(self._cookie, self._pass, httponly=True, samesite="Lax", path="/")
            _harden(answer, request.host)
            return answer
        if not _same(request.cookies.get(self._cookie, ""), self._pass):
            raise web.HTTPForbidden(text=_REFUSED)
        return await handler(request)

    async def on_prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add to each answer what keeps browsers from carrying it elsewhere."""
        _harden(response, request.host)

    def _is_called_by_name(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (self._any_address and _is_address(name))


def is_loopback(host: str) -> bool:
    """Whether what listens there can be reached from this machine only."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_own_page(request: web.Request) -> bool:
    """Whether a page that asks is one of ours; what is no page does not say where it is from."""
    origin = request.headers.get("Origin")
    return origin is None or origin in (f"http://{request.host}", f"https://{request.host}")


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode(errors="surrogateescape"), wanted.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _harden(response: web.StreamResponse, host: str) -> None:
    response.headers["Content-Security-Policy"] = _POLICY.format(host=host)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
