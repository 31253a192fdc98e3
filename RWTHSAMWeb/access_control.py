"""Who may open the page: one browser, which knows the token that was printed at the start.

The token is traded for a cookie at the first visit. A browser without the cookie is refused, and so is a second browser
while the first one has the page open, because both would share one set of views and one mouse.

Cookies do not know ports, and a name may point to this computer today and elsewhere tomorrow: so every request must
name this computer as its host, and whatever changes or makes something must come from the page itself.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import secrets
import socket
from html import escape

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

_LOG = logging.getLogger(__name__)
_WEBSOCKET_PATH = "/ws"
_READING = ("GET", "HEAD")
_NO_TOKEN = "This address needs the token that RWTHSAM printed when it was started: open the whole printed address."
_SECOND = "RWTHSAM is already open in another browser. Close it there, then reload this page."
_FOREIGN = "Only the page of RWTHSAM itself may do this: open the printed address and use the page."
_OTHER_HOST = "This address is not one of RWTHSAM's: open the printed address, with 127.0.0.1 or localhost."
_NO_SOCKET = "This address is for the page's own connection: open the printed one."
_DEFECT = "Something went wrong that should not have; the details are in the window where RWTHSAM was started."
_SENTENCES = {
    404: "There is nothing at this address: open the printed one.",
    405: "This address is not asked in this way: use the page.",
    413: "This is more than RWTHSAM takes.",
}
_HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}


class AccessControl:
    """Decides about every HTTP request, the websocket's included.

    Parameters
    ----------
    token : str, optional
        Default: a fresh one.
    host : str
        Name or address that the page is served on.
    """

    def __init__(self, token: str | None = None, host: str = "127.0.0.1") -> None:
        self.token = token or secrets.token_urlsafe(24)
        self._names = {"localhost", host.lower(), socket.gethostname().lower(), socket.getfqdn().lower()}
        self._browsers: set[str] = set()
        self._open_websockets: dict[str, int] = {}

    def protect(self, application: web.Application) -> None:
        """Protect every route of an application, also those that are added later."""
        application.middlewares.append(self._middleware())
        logging.getLogger("aiohttp.server").addFilter(_in_a_line)
        application.on_response_prepare.append(_add_headers)

    def _middleware(self) -> Middleware:
        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await self._answer(request, handler)
            except web.HTTPException as answer:
                if answer.status < 400:
                    raise
                return _refusal(answer.status, _SENTENCES.get(answer.status, "This request was not understood."))
            except ConnectionError:
                raise  # the browser is gone
            except Exception:
                _LOG.exception("A request failed")
                return _refusal(500, _DEFECT)

        return guarded

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._is_own_host(request):
            return _refusal(403, _OTHER_HOST)
        if request.path == "/" and request.method in _READING and _same(request.query.get("token", ""), self.token):
            return self._welcome(request)
        browser = request.cookies.get(_cookie_name(request), "")
        if browser not in self._browsers:
            return _refusal(403, _NO_TOKEN)
        if not _comes_from_the_page(request):
            return _refusal(403, _FOREIGN)
        if request.path == _WEBSOCKET_PATH:
            return await self._websocket(request, handler, browser)
        return await handler(request)

    def _is_own_host(self, request: web.Request) -> bool:
        """An address, which no name server can turn elsewhere, or a name of this computer."""
        name, port = _name_and_port(request.host)
        if name is None or (port and not port.isdecimal()):
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return True

    def _welcome(self, request: web.Request) -> web.Response:
        browser = request.cookies.get(_cookie_name(request), "")
        if self._is_taken_by_other_than(browser):
            return _refusal(409, _SECOND)
        if browser not in self._browsers:
            browser = secrets.token_urlsafe(24)
            self._browsers.add(browser)
        # an answer of its own, because aiohttp's redirects are exceptions; no token stays in the address bar
        response = web.Response(status=302, headers={"Location": "/"})
        response.set_cookie(_cookie_name(request), browser, httponly=True, samesite="Strict", path="/")
        return response

    async def _websocket(self, request: web.Request, handler: Handler, browser: str) -> web.StreamResponse:
        if self._is_taken_by_other_than(browser):
            return _refusal(409, _SECOND)
        if not web.WebSocketResponse().can_prepare(request).ok:
            return _refusal(400, _NO_SOCKET)
        self._open_websockets[browser] = self._open_websockets.get(browser, 0) + 1
        try:
            return await handler(request)
        finally:
            self._open_websockets[browser] -= 1

    def _is_taken_by_other_than(self, browser: str) -> bool:
        return any(count for other, count in self._open_websockets.items() if other != browser)


def _in_a_line(record: logging.LogRecord) -> bool:
    """What is no HTTP, such as a port scan, is noted in a line; whose fault it is no trace of ours can say."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError | RequestPayloadError):
        record.msg, record.args, record.exc_info = "A request was not understood (%s)", (type(error).__name__,), None
        record.exc_text = None
    return True


def _comes_from_the_page(request: web.Request) -> bool:
    """Whether the page itself asks; a request that changes nothing may come without a word of where from."""
    origin = request.headers.get("Origin")
    if origin is not None:
        found = re.fullmatch(r"https?://([^/\s]+)", origin)
        return found is not None and found[1].lower() == request.host.lower()
    if request.method not in _READING or request.path == _WEBSOCKET_PATH:
        return False
    is_opened = request.path in ("/", "/index.html") and request.headers.get("Sec-Fetch-Mode", "") == "navigate"
    return is_opened or request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")


def _name_and_port(host: str) -> tuple[str | None, str]:
    found = re.fullmatch(r"\[([0-9a-fA-F:.]+)\](?::(.*))?|([^:\[\]/@\s]+)(?::(.*))?", host)
    if found is None:
        return None, ""
    return (found[1] or found[3]).lower().rstrip("."), found[2] or found[4] or ""


def _cookie_name(request: web.Request) -> str:
    return f"rwthsam_{_name_and_port(request.host)[1] or 'page'}"


def _same(first: str, second: str) -> bool:
    # texts that are not ASCII cannot be compared so
    return secrets.compare_digest(*(each.encode("utf-8", "backslashreplace") for each in (first, second)))


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _refusal(status: int, reason: str) -> web.Response:
    body = (
        "<!doctype html><title>RWTHSAM</title><body style='font:16px system-ui;max-width:36em;margin:15vh auto;"
        f"padding:0 1em;background:#15181c;color:#dfe3e8'><h1 style='font-size:1.3em'>RWTHSAM</h1><p>{escape(reason)}"
    )
    return web.Response(status=status, text=body, content_type="text/html")
