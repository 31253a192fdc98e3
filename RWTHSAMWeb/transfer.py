"""Files between page and process, over plain HTTP: large scans stream to disk and never sit in memory whole."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from RWTHSAMLib.errors import InputError, RwthSamError

from .file_names import name_of_upload

Receive = Callable[[list[Path]], Awaitable[None]]
Produce = Callable[[Path], Path | Awaitable[Path]]
"""Writes a file into a folder and returns where, at once or later."""

_Read = TypeVar("_Read")
_LOG = logging.getLogger(__name__)
# choices: some MB at a time, a browser that is silent for longer is gone, a folder has no more slices
_CHUNK_BYTES = 1 << 20
_SILENCE_S = 60.0
_MOST_FILES = 20_000
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) if hasattr(errno, "EDQUOT") else (errno.ENOSPC, errno.EFBIG)
_NO_SPACE = "The disk of the computer that runs RWTHSAM is full: nothing was opened or saved. Free some space there."
_CUT_SHORT = "The upload ended before it was whole: nothing was opened. Try again, or type the file's path."


class Transfer:
    """Upload and download addresses of the page.

    ``POST /upload/<kind>`` takes files as a multipart form; ``GET /download/<kind>`` gives one file. What cannot be
    done is answered by a sentence, and nothing is opened or replaced then.

    Parameters
    ----------
    receivers : dict
        Per kind, what to do with uploaded files; they are deleted afterwards.
    producers : dict
        Per kind, how the file to download is made. An `RwthSamError` becomes the answer's text.
    notice : callable
        Shows on the page why nothing is downloaded: of the answer a browser only says that it failed.
    made : callable
        Is given the name of a file that was made whole and that the browser has been given.
    silence_s : float
        After so long without a byte an upload counts as cut short.
    """

    def __init__(
        self,
        receivers: dict[str, Receive],
        producers: dict[str, Produce],
        notice: Callable[[str], None],
        made: Callable[[str], None],
        silence_s: float = _SILENCE_S,
    ) -> None:
        self._receivers = receivers
        self._producers = producers
        self._notice, self._made = notice, made
        self._silence_s = silence_s

    def add_routes(self, application: web.Application) -> None:
        """Offer the addresses."""
        application.router.add_post("/upload/{kind}", self._upload)
        application.router.add_get("/download/{kind}", self._download)

    async def _upload(self, request: web.Request) -> web.Response:
        receive = self._receivers.get(request.match_info["kind"])
        if receive is None:
            raise web.HTTPNotFound
        if request.content_type != "multipart/form-data":
            return _sentence(415, "Files come as a multipart form, as the page sends them.")
        try:
            with _folder("upload") as folder:
                await receive(await self._store(request, folder))
        except RwthSamError as error:
            return _sentence(400, str(error))
        except OSError as error:
            return _sentence(*_about_disk(error))
        return web.Response(text="ok")

    async def _store(self, request: web.Request, folder: Path) -> list[Path]:
        paths: list[Path] = []
        taken: set[str] = set()
        async for part in self._files_in(request):
            name = name_of_upload(part.filename or "")
            if name.casefold() in taken:
                raise InputError(f"Two files are called '{name}': give them different names.")
            taken.add(name.casefold())
            paths.append(folder / name)
            with paths[-1].open("wb") as file:
                while chunk := await self._in_time(part.read_chunk(_CHUNK_BYTES)):
                    file.write(chunk)
        if not paths:
            raise InputError("The upload holds no file: choose one.")
        return paths

    async def _files_in(self, request: web.Request) -> AsyncIterator[BodyPartReader]:
        try:
            form = await request.multipart()
        except (ValueError, AssertionError) as error:
            raise InputError(f"The upload is no multipart form: {error}.") from error
        for _ in range(_MOST_FILES):
            part = await self._in_time(form.next())
            if part is None:
                return
            if not isinstance(part, BodyPartReader):
                raise InputError("The upload holds a form within a form: send the files alone.")
            if part.filename is not None:
                yield part
        raise InputError(f"The upload holds more than {_MOST_FILES} files: type the path of their folder instead.")

    async def _in_time(self, reading: Awaitable[_Read]) -> _Read:
        """What comes next; whatever is wrong with it, the upload is not whole."""
        try:
            return await asyncio.wait_for(reading, self._silence_s)
        except OSError as error:
            if error.errno in _FULL:
                raise
            raise InputError(_CUT_SHORT) from error
        except (RwthSamError, asyncio.CancelledError):
            raise
        except Exception as error:  # aiohttp's readers raise many kinds
            raise InputError(_CUT_SHORT) from error

    async def _download(self, request: web.Request) -> web.StreamResponse:
        produce = self._producers.get(request.match_info["kind"])
        if produce is None:
            raise web.HTTPNotFound
        try:
            with _folder("download") as folder:
                made = produce(folder)
                path = made if isinstance(made, Path) else await made
                if not path.stat().st_size:
                    return self._refused(409, _NO_SPACE)
                response = await _send(request, path)
                self._made(path.name)
                return response
        except RwthSamError as error:
            return self._refused(409, str(error))
        except ConnectionError:
            raise  # the browser is gone
        except OSError as error:
            return self._refused(*_about_disk(error))

    def _refused(self, status: int, text: str) -> web.Response:
        self._notice(text)
        return _sentence(status, text)


@contextlib.contextmanager
def _folder(purpose: str) -> Iterator[Path]:
    """A folder that is deleted afterwards, even where something in it cannot be."""
    with tempfile.TemporaryDirectory(prefix=f"rwthsam-{purpose}-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def _send(request: web.Request, path: Path) -> web.StreamResponse:
    """Stream a file that is deleted afterwards."""
    response = web.StreamResponse()
    response.content_type = "application/octet-stream"
    response.content_length = path.stat().st_size
    plain = path.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(path.name)}"
    await response.prepare(request)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            await response.write(chunk)
    await response.write_eof()
    return response


def _sentence(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text.encode("utf-8", "backslashreplace").decode())


def _about_disk(error: OSError) -> tuple[int, str]:
    """Status and sentence for what the disk did not take."""
    _LOG.warning("A file could not be stored: %s", error)
    if error.errno in _FULL:
        return 413, _NO_SPACE
    return 409, f"A file could not be stored on the computer that runs RWTHSAM: {error.strerror or error}."
