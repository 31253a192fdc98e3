"""What every action of the page works with: the shown state, the host, the session, and how to report."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from trame_server import Server

from RWTHSAMLib.errors import Cancelled, RwthSamError
from RWTHSAMLib.mrml.session.session import Session

from .field_words import in_words_of, with_label
from .host import Host

_LOG = logging.getLogger(__name__)
_MOST_MESSAGES = 50
"""In the list, the latest first; a choice."""
_DEFECT = "Something went wrong that should not have; the details are in the window where RWTHSAM was started. "


class AppContext:
    """Shared by all actions. `host` and `session` are set once, before the page is served.

    Parameters
    ----------
    server : Server
        The trame server whose state the page shows.
    """

    host: Host
    session: Session

    def __init__(self, server: Server) -> None:
        self.server = server
        self.state = server.state
        self._tasks: set[asyncio.Task[None]] = set()
        self._remarks_on: dict[str, str] = {}
        self._noticed = ""  # what the message that is shown came from
        self.is_stale = True

    def refresh(self) -> None:
        """Let the page show the session's state at the next tick."""
        self.is_stale = True

    def notice(self, text: str, level: Literal["error", "success", "warning"] = "error", cause: str = "") -> None:
        """Show a message, and keep it in the list of messages; an empty text closes it.

        It goes when it was there long enough to be read, and at once when its `cause`, the name of what failed,
        succeeds.
        """
        self._noticed = cause
        with self.state as shown:
            shown.notice, shown.notice_level, shown.notice_held = text, level, False
            if text:
                shown.notice_number += 1
                message = {"text": text, "level": level, "time": time.strftime("%H:%M:%S")}
                shown.messages = [message, *shown.messages][:_MOST_MESSAGES]

    def remark_on(self, name: str, remark: str) -> None:
        """Have something to say of a file once it is made."""
        self._remarks_on[name] = remark

    def made(self, name: str) -> None:
        """Say that a file that was asked for is whole, and what there is to know of it."""
        remark = self._remarks_on.pop(name, "")
        text = f"'{name}' is made: the browser keeps it with its downloads. {remark}".rstrip()
        self.notice(text, "warning" if remark else "success")

    def attempt(self, action: Callable[[], None]) -> None:
        """Do something; what a person can mend is shown as a notice."""
        cause = getattr(action, "__qualname__", "")
        try:
            action()
        except RwthSamError as error:
            self.refuse(str(error), cause)
        else:
            self._has_succeeded(cause)
        self.refresh()

    def refuse(self, reason: str, cause: str = "") -> None:
        """Say why something is not done."""
        self.notice(with_label(reason), cause=cause)

    def gave_way(self, label: str, why: str, held: str = "") -> None:
        """Say why what was typed into a field that was left is not in it, and what is.

        Parameters
        ----------
        label : str
            Of the field.
        why : str
            A sentence.
        held : str
            What the field holds again.
        """
        again = f"It is {held} again." if held else "It is empty again."
        self.notice(in_words_of(label[:1].upper() + label[1:], lambda: with_label(f"{why} {again}")), cause=label)

    def is_right(self, label: str) -> None:
        """What is typed into a field is right: what was said against it before goes."""
        self._has_succeeded(label)

    def _has_succeeded(self, cause: str) -> None:
        if self._noticed == cause and self.state.notice:
            self.notice("")

    def start(self, work: Coroutine[object, object, None]) -> None:
        """Do something that takes long, without making anybody wait."""
        task = asyncio.create_task(self._watched(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextmanager
    def busy(self, text: str) -> Generator[None, None, None]:
        """Show in the status line what is being done."""
        with self.state as shown:
            shown.busy_text = text
        try:
            yield
        finally:
            with self.state as shown:
                shown.busy_text = ""

    async def finished(self, work: Coroutine[object, object, None], upload_folder: Path | None = None) -> None:
        """Do something that takes long and come back when it has ended, well or not.

        A message about uploaded files names them as the person knows them, without the folder they were put into.
        """
        await self._watched(work, upload_folder)

    async def _watched(self, work: Coroutine[object, object, None], upload_folder: Path | None = None) -> None:
        cause = getattr(work, "__qualname__", "")
        try:
            await work
        except Cancelled:
            pass
        except RwthSamError as error:
            text = str(error).replace(f"Folder '{upload_folder}'", "The upload")
            self.notice(with_label(text.replace(f"{upload_folder}{os.sep}", "")), cause=cause)
        except Exception as error:
            _LOG.exception("A task of the page failed")
            self.notice(f"{_DEFECT}({error})")
        else:
            self._has_succeeded(cause)
        self.refresh()
