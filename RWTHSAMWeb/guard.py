"""Who may open the page: one browser, which knows the token that was printed at the start.

The token is traded for a cookie at the first visit. A browser without the cookie is refused, and so is a second browser
while the first one has the page open, because both would share one set of views and one mouse.
"""

from __future__ import annotations

import secrets
from html import escape

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_WEBSOCKET_PATH = "/ws"
_NO_TOKEN = "This address needs the token that RWTHSAM printed when it was started: open the whole printed address."
_SECOND = "RWTHSAM is already open in another browser. Close it there, then reload this page."
_FOREIGN = "Only the page of RWTHSAM itself may connect here."


class Guard:
    """Decides about every HTTP request, the websocket's included.

    Parameters
    ----------
    token : str, optional
        Default: a fresh one.
    """

    def __init__(self, token: str | None = None) -> None:
        self.token = token or secrets.token_urlsafe(24)
        self._browsers: set[str] = set()
        self._open_websockets: dict[str, int] = {}

    def protect(self, application: web.Application) -> None:
        """Guard every route of an application, also those that are added later."""
        application.middlewares.append(self._middleware())

    def _middleware(self) -> Middleware:
        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            if secrets.compare_digest(request.query.get("token", ""), self.token):
                return self._welcome(request)
            browser = request.cookies.get(_cookie_name(request), "")
            if browser not in self._browsers:
                return _refusal(403, _NO_TOKEN)
            if request.path == _WEBSOCKET_PATH:
                return await self._websocket(request, handler, browser)
            return await handler(request)

        return guarded

    def _welcome(self, request: web.Request) -> web.Response:
        browser = request.cookies.get(_cookie_name(request), "")
        if self._is_taken_by_other_than(browser):
            return _refusal(409, _SECOND)
        if browser not in self._browsers:
            browser = secrets.token_urlsafe(24)
            self._browsers.add(browser)
        # an answer of its own, because aiohttp's redirects are exceptions; no token stays in the address bar
        response = web.Response(status=302, headers={"Location": request.path})
        response.set_cookie(_cookie_name(request), browser, httponly=True, samesite="Lax")
        return response

    async def _websocket(self, request: web.Request, handler: Handler, browser: str) -> web.StreamResponse:
        # cookies do not know ports: a page of another local server would send ours along
        origin = request.headers.get("Origin", "")
        if origin.split("://")[-1] != request.host:
            return _refusal(403, _FOREIGN)
        if self._is_taken_by_other_than(browser):
            return _refusal(409, _SECOND)
        self._open_websockets[browser] = self._open_websockets.get(browser, 0) + 1
        try:
            return await handler(request)
        finally:
            self._open_websockets[browser] -= 1

    def _is_taken_by_other_than(self, browser: str) -> bool:
        return any(count for other, count in self._open_websockets.items() if other != browser)


def _cookie_name(request: web.Request) -> str:
    return f"rwthsam_{request.host.rpartition(':')[2]}"


def _refusal(status: int, reason: str) -> web.Response:
    body = (
        "<!doctype html><title>RWTHSAM</title><body style='font:16px system-ui;max-width:36em;margin:15vh auto;"
        f"padding:0 1em;background:#15181c;color:#dfe3e8'><h1 style='font-size:1.3em'>RWTHSAM</h1><p>{escape(reason)}"
    )
    return web.Response(status=status, text=body, content_type="text/html")
