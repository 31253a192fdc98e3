"""Where weights are found, and how they are fetched: only when asked, resumable, checked."""

from __future__ import annotations

import hashlib
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from ..core.system.atomic_file import reason_of
from ..core.system.file_lock import locked
from ..errors import Cancelled, DownloadError, WeightsNotFound
from .catalogue import ModelEntry, model

WEIGHTS_VARIABLE = "RWTHSAM_WEIGHTS"
CACHE_VARIABLE = "RWTHSAM_CACHE"
_CHUNK_BYTES = 1 << 18
# choices: a server that is silent for longer will not answer; another process fetches for as long as it likes
_TIMEOUT_S = 30.0
_LOCK_PATIENCE_S = 10.0
OWN_MODEL, SMALLEST_TO_FETCH = "rwthsam_net", "mobile_sam_vit_t"
_OWN_SUFFIX = ".zip"

Progress = Callable[[int, int | None], None]
"""Called with bytes done and bytes in all (None: unknown)."""


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Folder for what can be fetched or computed again; ``RWTHSAM_CACHE`` overrides the platform's custom."""
    environ = os.environ if environ is None else environ
    if environ.get(CACHE_VARIABLE):
        return Path(environ[CACHE_VARIABLE])
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "RWTHSAM" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "RWTHSAM"
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rwthsam"


def weights_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Folder that `download_weights` fills; files put there by hand are found too."""
    return cache_folder(environ) / "weights"


def own_weights_folder() -> Path:
    """Folder of the weights that come with this program."""
    return Path(__file__).parent / "rwthsam_net" / "weights"


def default_model(weights: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """The model for whoever has chosen none.

    Whoever names a weights file, or has put those of MobileSAM in place, has chosen a kind of networks by that; files
    of this project's own end in ``.zip``. Else it is the project's own, which needs no download, where its weights are.
    MobileSAM comes first where it is because it is still better at what is no battery (Training/README.md).

    Parameters
    ----------
    weights : Path, optional
        A weights file that was chosen; default: that which ``RWTHSAM_WEIGHTS`` names.
    """
    environ = os.environ if environ is None else environ
    named = weights or _named_file(environ)
    if named is not None:
        return OWN_MODEL if Path(named).suffix == _OWN_SUFFIX else SMALLEST_TO_FETCH
    return next((each for each in (SMALLEST_TO_FETCH, OWN_MODEL) if _is_there(each, environ)), SMALLEST_TO_FETCH)


def _is_there(name: str, environ: Mapping[str, str]) -> bool:
    try:
        find_weights(model(name), environ=environ)
    except WeightsNotFound:
        return False
    return True


def _named_file(environ: Mapping[str, str]) -> Path | None:
    named = environ.get(WEIGHTS_VARIABLE)
    return Path(named) if named and not Path(named).is_dir() else None


def find_weights(entry: ModelEntry, explicit: Path | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """The weights file of a model.

    Looked for in this order: the explicit path, ``RWTHSAM_WEIGHTS`` (a file, or a folder that holds the model's file),
    then the folder of this program for the network that comes with it, and the cache folder for all others.

    Raises
    ------
    WeightsNotFound
        If there is none; the message names every place that was looked at and what to do.
    """
    environ = os.environ if environ is None else environ
    if explicit is not None:
        if Path(explicit).is_file():
            return Path(explicit)
        raise WeightsNotFound(f"There is no weights file '{explicit}' for {entry.title}.")
    places = [(own_weights_folder() if entry.is_own else weights_folder(environ)) / entry.file_name]
    named = environ.get(WEIGHTS_VARIABLE)
    if named and Path(named).is_dir():
        places.insert(0, Path(named) / entry.file_name)
    elif (file := _named_file(environ)) and (file.suffix == _OWN_SUFFIX) == entry.is_own:
        places.insert(0, file)  # a file is that of one kind of networks
    for place in places:
        if place.is_file():
            return place
    if entry.is_own:
        raise WeightsNotFound(
            f"The weights of {entry.title} are not here; looked at {', '.join(map(str, places))}. They come with "
            "releases of RWTHSAM: install one of those, name a file of your own, or choose another model."
        )
    raise WeightsNotFound(
        f"The weights of {entry.title} ({entry.size_text}) are not here; looked at {', '.join(map(str, places))}. "
        f"Fetch them with 'rwthsam models fetch {entry.name}', or put {entry.file_name} there."
    )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        content = hashlib.sha256()
        while chunk := file.read(1 << 20):
            content.update(chunk)
    return content.hexdigest()


def verify_weights(entry: ModelEntry, path: Path) -> None:
    """Raise `DownloadError` unless a file has the catalogue's size and SHA-256, as far as they are known."""
    size = Path(path).stat().st_size
    if entry.size_bytes is not None and size != entry.size_bytes:
        raise DownloadError(f"'{path}' has {size:,} bytes, the weights of {entry.title} have {entry.size_bytes:,}.")
    if entry.sha256 is not None and file_sha256(path) != entry.sha256:
        raise DownloadError(f"'{path}' has another SHA-256 than the weights of {entry.title}: fetch them again.")


def download_weights(
    entry: ModelEntry,
    folder: Path | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Fetch the weights of a model; a download that broke off earlier goes on where it ended.

    Parameters
    ----------
    folder : Path, optional
        Default: the cache folder.
    progress : callable, optional
        Called with bytes done and bytes in all.
    cancelled : callable, optional
        Asked several times a second; True ends the download, what has come stays for later.

    Returns
    -------
    Path
        The checked file. Until it is whole and checked it has another name.

    Raises
    ------
    DownloadError
        If the address cannot be reached, the connection breaks, or the file is not the expected one.
    Cancelled
        If `cancelled` said so.
    """
    if not entry.url:
        raise DownloadError(f"The weights of {entry.title} come with RWTHSAM: there is nothing to fetch.")
    folder = weights_folder() if folder is None else Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / entry.file_name
    unfinished = target.with_name(target.name + ".part")
    try:
        # a download that was cancelled a moment ago may still be about to end
        with locked(target.with_name(f".{target.name}.lock"), _LOCK_PATIENCE_S):
            return _fetch_checked(entry, unfinished, target, progress, cancelled)
    except BlockingIOError as error:
        raise DownloadError(
            f"The weights of {entry.title} are being fetched by another program into {folder}: wait until it is done."
        ) from error
    except OSError as error:
        raise DownloadError(
            f"The weights of {entry.title} cannot be written to {folder}: {reason_of(error)}."
        ) from error


def _fetch_checked(
    entry: ModelEntry,
    unfinished: Path,
    target: Path,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> Path:
    folder = target.parent
    try:
        _fetch(entry, unfinished, progress or (lambda done, total: None), cancelled or (lambda: False))
    except (urllib.error.URLError, HTTPException, OSError) as error:
        raise DownloadError(
            f"The weights of {entry.title} could not be fetched from {entry.url}: {reason_of(error)}. "
            f"What has come is kept; try again, or put {entry.file_name} into {folder} by hand."
        ) from error
    try:
        verify_weights(entry, unfinished)
    except DownloadError:
        unfinished.unlink()  # it would be resumed into the same wrong file
        raise
    unfinished.replace(target)
    return target


def _fetch(entry: ModelEntry, unfinished: Path, progress: Progress, cancelled: Callable[[], bool]) -> None:
    done = unfinished.stat().st_size if unfinished.exists() else 0
    if entry.size_bytes is not None and done >= entry.size_bytes:
        done = 0
    headers = {"User-Agent": "rwthsam", **({"Range": f"bytes={done}-"} if done else {})}
    try:
        response = urllib.request.urlopen(urllib.request.Request(entry.url, headers=headers), timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not done:
            raise
        return  # nothing is left to fetch: the file was whole, only not yet checked
    with response:
        if response.status != 206:
            done = 0  # the server does not resume: it sends everything
        _copy(response, unfinished, done, progress, cancelled)


def _copy(
    response: HTTPResponse, unfinished: Path, done: int, progress: Progress, cancelled: Callable[[], bool]
) -> None:
    length = response.headers.get("Content-Length")
    total = done + int(length) if length else None
    with unfinished.open("ab" if done else "wb") as file:
        while chunk := response.read(_CHUNK_BYTES):
            file.write(chunk)
            done += len(chunk)
            progress(done, total)
            if cancelled():
                raise Cancelled("The download was cancelled; it goes on from there next time.")
    if total is not None and done < total:
        raise HTTPException(f"the connection ended after {done:,} of {total:,} bytes")
