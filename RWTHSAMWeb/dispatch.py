"""The one door for everything that the page asks by its socket: checked before anything is done.

A call with wrong arguments, an unknown name or a value that the page never sets changes nothing and is answered by a
notice; the page stays usable whatever was sent.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import wslink.backends.aiohttp as sockets
from aiohttp import WSCloseCode
from trame_server import Server
from trame_server.protocol import CoreServer
from wslink import register, schedule_coroutine
from wslink.chunking import UnChunker

from RWTHSAMLib.errors import RwthSamError, SettingsError

from .arguments import MOST_PIXELS, checked, value_as
from .field_words import in_words_of, is_of_field, label_of

_LOG = logging.getLogger(__name__)
_MOST_BYTES = 16 << 20
"""Of a message and of all unfinished ones of a browser; files come by HTTP."""
# limits against wrong calls, far above what the page sends
_MOST_UNFINISHED = 16
_FARTHEST_PIXELS = 1e6
_MOST_EVENT_CHARACTERS = 64
_LIFE = ("client_connected", "client_mounted", "client_unmounted", "client_exited")
_DEFECT = "Something went wrong that should not have; the details are in the window where RWTHSAM was started."
_NO_FIELD = "What the page set"
_MALFORMED = "A message of the page was not understood."

Notice = Callable[[str], None]


_Function = TypeVar("_Function", bound=Callable[..., Any])


def _call(name: str) -> Callable[[_Function], _Function]:
    """As wslink's decorator, which has no types."""
    decorate: Callable[[_Function], _Function] = register(name)
    return decorate


def guard_calls(
    server: Server, rules: Mapping[str, Any], labels: Mapping[str, str], notice: Notice, show: Callable[[], None]
) -> None:
    """Let a server check calls and values; to be called before it starts.

    Parameters
    ----------
    server : Server
    rules : mapping
        Annotation of every value that the page may set, by its key.
    labels : mapping
        What its field is called, for those that have one.
    notice : callable
        Shows a sentence on the page.
    show : callable
        Lets the page show what is so.
    """

    def configure(protocol: CoreServer) -> None:
        protocol.__class__ = CheckedServer
        protocol.state_rules, protocol.state_labels, protocol.notice = rules, labels, notice
        protocol.show = show

    server.add_protocol_to_configure(configure)
    sockets.AioHttpWsHandler = PageSocket


class CheckedServer(CoreServer):
    """trame's own calls, each checked.

    Attributes
    ----------
    state_rules, state_labels : mapping
    notice, show : callable
        See `guard_calls`.
    """

    state_rules: Mapping[str, Any]
    state_labels: Mapping[str, str]
    notice: Notice
    show: Callable[[], None]

    @_call("trame.trigger")
    async def trigger(self, name: object, args: object = (), kwargs: object = None) -> object:
        """Do what an action of the page means; what became of a typed text is there when the answer comes."""
        action = self.server.controller.trigger_fn(name) if isinstance(name, str) else None
        try:
            if action is None:
                raise SettingsError("The page asked for something that there is not: reload it.")
            with self.server.state:
                result = action(*checked(action, args, kwargs))
                return await result if inspect.isawaitable(result) else None
        except RwthSamError as error:
            reason = str(error)
            in_words_of("" if action is None else label_of(action), lambda: self.notice(reason))
        except Exception:
            _LOG.exception("An action of the page failed")
            self.notice(_DEFECT)
        finally:
            if action is not None and is_of_field(action):
                self.show()
        return None

    @_call("trame.state.update")
    def update_state(self, changes: object) -> dict[str, object]:
        """Take over values that the page has set; the answer is which of them are others."""
        wanted = changes if isinstance(changes, list) else [changes]
        good, refused = [], []
        for each in wanted:
            try:
                good.append(self._checked_value(each))
            except SettingsError as error:
                refused.append((each.get("key") if isinstance(each, dict) else None, str(error)))
        if good:
            super().update_state(good)
        for key, reason in refused:
            if not isinstance(key, str) or not key.startswith("trame__"):  # trame's own only the server decides
                self.notice(reason)
        return self._others(wanted)

    @_call("trame.force.push")
    def force_push_state(self, *keys: object) -> None:
        """Send values again."""
        super().force_push_state(*(each for each in keys if isinstance(each, str) and self.server.state.has(each)))

    @_call("trame.lifecycle.update")
    def life_cycle_update(self, name: object) -> None:
        """The page tells how far it is."""
        if name in _LIFE:
            super().life_cycle_update(name)

    @_call("trame.error.client")
    def js_error(self, message: object) -> None:
        """An error in the page's own scripts."""
        super().js_error(str(message)[:2000])

    def _checked_value(self, change: object) -> dict[str, object]:
        if not isinstance(change, dict):
            raise SettingsError("The page set a value that is not its own to set.")
        key = change.get("key")
        if not isinstance(key, str) or key not in self.state_rules:
            raise SettingsError("The page set a value that is not its own to set.")
        label = self.state_labels.get(key, _NO_FIELD)
        return {"key": key, "value": value_as(self.state_rules[key], change.get("value"), label)}

    def _others(self, wanted: Sequence[object]) -> dict[str, object]:
        known = [each for each in wanted if isinstance(each, dict) and isinstance(each.get("key"), str)]
        own = {each["key"]: each.get("value") for each in known if each["key"] in self.state_rules}
        return {key: self.server.state[key] for key, value in own.items() if self.server.state[key] != value}


class PageSocket(sockets.AioHttpWsHandler):
    """The page's connection; a message that cannot be read ends it, and nothing else."""

    async def onConnect(self, request: object, client_id: str) -> None:  # noqa: N802 (wslink's name)
        """A browser has connected."""
        await super().onConnect(request, client_id)
        self.unchunkers[client_id] = BoundedUnChunker()

    async def onClose(self, client_id: str) -> None:  # noqa: N802 (wslink's name)
        """A browser has gone, or what asked for a connection was none."""
        if client_id in self.unchunkers:
            await super().onClose(client_id)

    async def onMessage(self, is_binary: bool, msg: Any, client_id: str) -> None:  # noqa: N802 (wslink's name)
        """A piece of a message has come."""
        try:
            await super().onMessage(is_binary, msg, client_id)
        except Exception as error:  # whatever was sent: the connection's other end is not ours
            _LOG.warning("%s (%s)", _MALFORMED, type(error).__name__)
            await self.connections[client_id].close(code=WSCloseCode.UNSUPPORTED_DATA, message=_MALFORMED.encode())

    async def sendWrappedMessage(  # noqa: N802 (wslink's name)
        self,
        rpcid: str,
        content: object,
        method: str = "",
        client_id: str | None = None,
        skip_last_active_client: bool = False,
    ) -> None:
        """Send what is published at once, and answers behind it: they would overtake what they bring about."""
        send = super().sendWrappedMessage
        told = {"client_id": client_id, "skip_last_active_client": skip_last_active_client}
        if rpcid.startswith("publish:"):
            await send(rpcid, content, method, **told)
        else:
            schedule_coroutine(0, send, rpcid, content, method, **told)


class BoundedUnChunker(UnChunker):
    """Puts messages together that are no larger than a page's can be."""

    def set_max_message_size(self, size: int) -> None:
        """After the greeting messages may be longer."""
        super().set_max_message_size(min(size, _MOST_BYTES))

    def process_chunk(self, chunk: bytes) -> Any:
        """As for the base class, within bounds."""
        if not isinstance(chunk, bytes | bytearray) or len(chunk) < 12:
            raise ValueError("no chunk of a message")
        offset, total = (int.from_bytes(chunk[at : at + 4], "little") for at in (4, 8))
        if offset + len(chunk) - 12 > total:
            raise ValueError("a chunk beyond its message")
        unfinished = sum(len(each["content"]) for each in self.pending_messages.values())
        if len(self.pending_messages) >= _MOST_UNFINISHED or unfinished + total > 2 * _MOST_BYTES:
            self.release_pending_messages()
            raise ValueError("too many unfinished messages")
        message = super().process_chunk(chunk)
        if message is not None and not (isinstance(message, dict) and _is_call(message)):
            raise ValueError("no call")
        return message if message is None or _is_view_call_in_order(message) else None


def _is_call(message: dict[object, object]) -> bool:
    if "id" not in message:
        return True  # wslink leaves it unanswered
    return isinstance(message["id"], str) and isinstance(message.get("method"), str)


def _is_view_call_in_order(message: Mapping[str, Any]) -> bool:
    """Whether what a view is told, its size and where the mouse is, can be so; anything else is left out."""
    method = message.get("method")
    if not isinstance(method, str) or not method.startswith("trame.rca."):
        return True
    names, last = message.get("args"), None
    if isinstance(names, list) and names and isinstance(names[-1], dict):
        *names, last = names
    if not isinstance(names, list) or not all(isinstance(each, str | int | list) for each in names):
        return False
    if method in ("trame.rca.size", "trame.rca.event") and (last is None or len(names) != 2):
        return False
    most = MOST_PIXELS if method == "trame.rca.size" else _FARTHEST_PIXELS
    return last is None or all(_is_small(each, most) for each in last.values())


def _is_small(value: object, most: float) -> bool:
    if isinstance(value, int | float):
        return abs(value) <= most  # not so where it is no number
    return value is None or (isinstance(value, str) and len(value) <= _MOST_EVENT_CHARACTERS)
