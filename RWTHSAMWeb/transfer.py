"""Files between page and process, over plain HTTP: large scans stream to disk and never sit in memory whole."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import BodyPartReader, web

from RWTHSAMLib.errors import RwthSamError

Receive = Callable[[list[Path]], Awaitable[None]]
Produce = Callable[[Path], Path | Awaitable[Path]]
"""Writes a file into a folder and returns where, at once or later."""

_CHUNK_BYTES = 1 << 20


class Transfer:
    """Upload and download addresses of the page.

    ``POST /upload/<kind>`` takes files as a multipart form; ``GET /download/<kind>`` gives one file.

    Parameters
    ----------
    receivers : dict
        Per kind, what to do with uploaded files; they are deleted afterwards.
    producers : dict
        Per kind, how the file to download is made. An `RwthSamError` becomes the answer's text.
    """

    def __init__(self, receivers: dict[str, Receive], producers: dict[str, Produce]) -> None:
        self._receivers = receivers
        self._producers = producers

    def add_routes(self, application: web.Application) -> None:
        """Offer the addresses."""
        application.router.add_post("/upload/{kind}", self._upload)
        application.router.add_get("/download/{kind}", self._download)

    async def _upload(self, request: web.Request) -> web.Response:
        receive = self._receivers.get(request.match_info["kind"])
        if receive is None:
            raise web.HTTPNotFound
        with tempfile.TemporaryDirectory(prefix="rwthsam-upload-") as folder:
            await receive(await _store(request, Path(folder)))
        return web.Response(text="ok")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        produce = self._producers.get(request.match_info["kind"])
        if produce is None:
            raise web.HTTPNotFound
        with tempfile.TemporaryDirectory(prefix="rwthsam-download-") as folder:
            try:
                made = produce(Path(folder))
                path = made if isinstance(made, Path) else await made
            except RwthSamError as error:
                return web.Response(status=409, text=str(error))
            return await _send(request, path)


async def _store(request: web.Request, folder: Path) -> list[Path]:
    paths = []
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or part.filename is None:
            continue
        # only the last component counts: a name must not lead out of the folder
        path = folder / (Path(part.filename.replace("\\", "/")).name or "upload")
        with path.open("wb") as file:
            while chunk := await part.read_chunk(_CHUNK_BYTES):
                file.write(chunk)
        paths.append(path)
    return paths


async def _send(request: web.Request, path: Path) -> web.StreamResponse:
    """Stream a file that is deleted afterwards."""
    response = web.StreamResponse()
    response.content_type = "application/octet-stream"
    response.content_length = path.stat().st_size
    response.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
    await response.prepare(request)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            await response.write(chunk)
    await response.write_eof()
    return response
