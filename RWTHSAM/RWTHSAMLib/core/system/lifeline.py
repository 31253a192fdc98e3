"""A child process that ends when its host wants it to, or is no more.

Killing a child is not enough: the interpreter that an application offers may be a launcher that starts the real one,
which goes on when the launcher is killed. So the child holds a connection to its host and ends itself with it. Nothing
is sent over it.
"""

from __future__ import annotations

import os
import socket
import threading

VARIABLE = "RWTHSAM_LIFELINE"
"""Environment variable that tells a child the port of its host."""
_CUT = 75


class Lifeline:
    """The host's end.

    The operating system closes it when the host ends, however that happens.
    """

    def __init__(self) -> None:
        # connections wait in the listener's queue and are never taken; they are reset when it closes
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def environment(self) -> dict[str, str]:
        """What a child finds it by."""
        return {VARIABLE: str(self._listener.getsockname()[1])}

    def cut(self) -> None:
        """Let the child end. Safe to call twice."""
        self._listener.close()


def hold_on() -> None:
    """Let this process end as soon as its host lets go; to be called first in a child.

    Files are left as they are at that moment.
    """
    connection = socket.create_connection(("127.0.0.1", int(os.environ[VARIABLE])))
    threading.Thread(target=_end_with, args=(connection,), name="lifeline", daemon=True).start()


def _end_with(connection: socket.socket) -> None:
    try:
        while connection.recv(1):
            pass
    except OSError:
        pass  # reset: the host is gone
    os._exit(_CUT)
