"""Weights are found in a stated order, fetched only when asked, resumed, and checked before they count."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from RWTHSAMLib.errors import Cancelled, DownloadError, WeightsNotFound
from RWTHSAMLib.models.catalogue import ModelEntry, model
from RWTHSAMLib.models.weights import download_weights, find_weights, verify_weights, weights_folder

CONTENT = bytes(range(256)) * 4096


class WeightsServer(ThreadingHTTPServer):
    """Serves one file; may ignore ranges, and may break the connection after some bytes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.resumes = True
        self.break_after: int | None = None
        self.starts: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.pt"


class _Handler(BaseHTTPRequestHandler):
    server: WeightsServer

    def do_GET(self) -> None:
        wanted = self.headers.get("Range") if self.server.resumes else None
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.server.starts.append(start)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start:][: self.server.break_after])

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def a_server() -> Iterator[WeightsServer]:
    with WeightsServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def an_entry(a_server: WeightsServer) -> ModelEntry:
    digest = hashlib.sha256(CONTENT).hexdigest()
    return replace(model("mobile_sam_vit_t"), url=a_server.url, size_bytes=len(CONTENT), sha256=digest)


@pytest.fixture
def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "somewhere.pt"
    path.write_bytes(b"x")
    return path


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"RWTHSAM_CACHE": str(tmp_path / "cache"), **more}


def test_an_explicit_path_comes_first(an_entry, a_file, tmp_path) -> None:
    other = tmp_path / "other.pt"
    other.write_bytes(b"y")
    assert find_weights(an_entry, a_file, environment(tmp_path, RWTHSAM_WEIGHTS=str(other))) == a_file


def test_an_explicit_path_that_is_not_there_is_no_reason_to_take_another(an_entry, a_file, tmp_path) -> None:
    with pytest.raises(WeightsNotFound, match="nowhere"):
        find_weights(an_entry, tmp_path / "nowhere.pt", environment(tmp_path, RWTHSAM_WEIGHTS=str(a_file)))


def test_the_variable_may_name_a_file_or_a_folder(an_entry, a_file, tmp_path) -> None:
    assert find_weights(an_entry, None, environment(tmp_path, RWTHSAM_WEIGHTS=str(a_file))) == a_file
    inside = a_file.rename(a_file.with_name(an_entry.file_name))
    assert find_weights(an_entry, None, environment(tmp_path, RWTHSAM_WEIGHTS=str(tmp_path))) == inside


def test_the_variable_comes_before_the_cache(an_entry, a_file, tmp_path) -> None:
    settings = environment(tmp_path)
    cached = weights_folder(settings) / an_entry.file_name
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"c")
    assert find_weights(an_entry, None, settings) == cached
    assert find_weights(an_entry, None, {**settings, "RWTHSAM_WEIGHTS": str(a_file)}) == a_file


def test_missing_weights_name_every_place_and_what_to_do(an_entry, tmp_path) -> None:
    with pytest.raises(WeightsNotFound) as missing:
        find_weights(an_entry, None, environment(tmp_path, RWTHSAM_WEIGHTS=str(tmp_path / "named.pt")))
    assert "named.pt" in str(missing.value)
    assert str(tmp_path / "cache") in str(missing.value)
    assert "rwthsam models fetch mobile_sam_vit_t" in str(missing.value)


def test_a_download_reports_progress_and_ends_under_its_name(an_entry, tmp_path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = download_weights(an_entry, tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert len(seen) > 1
    assert [each.name for each in tmp_path.iterdir()] == [an_entry.file_name]


def test_a_broken_download_does_not_count_and_is_resumed(an_entry, a_server, tmp_path) -> None:
    a_server.break_after = 300_000
    with pytest.raises(DownloadError, match="kept"):
        download_weights(an_entry, tmp_path)
    assert not (tmp_path / an_entry.file_name).exists()
    a_server.break_after = None
    assert download_weights(an_entry, tmp_path).read_bytes() == CONTENT
    assert a_server.starts == [0, 300_000]


def test_a_server_that_cannot_resume_sends_everything_again(an_entry, a_server, tmp_path) -> None:
    a_server.break_after = 300_000
    with pytest.raises(DownloadError):
        download_weights(an_entry, tmp_path)
    a_server.break_after, a_server.resumes = None, False
    assert download_weights(an_entry, tmp_path).read_bytes() == CONTENT


def test_a_cancelled_download_goes_on_where_it_ended(an_entry, a_server, tmp_path) -> None:
    with pytest.raises(Cancelled):
        download_weights(an_entry, tmp_path, cancelled=lambda: True)
    assert not (tmp_path / an_entry.file_name).exists()
    assert download_weights(an_entry, tmp_path).read_bytes() == CONTENT
    assert a_server.starts[1] > 0


def test_a_file_with_a_wrong_sum_never_counts_as_present(an_entry, tmp_path) -> None:
    with pytest.raises(DownloadError, match="SHA-256"):
        download_weights(replace(an_entry, sha256="0" * 64), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_of_a_wrong_size_is_named(an_entry, a_file) -> None:
    with pytest.raises(DownloadError, match="1 bytes"):
        verify_weights(an_entry, a_file)


def test_a_server_that_cannot_be_reached_is_named(an_entry, tmp_path) -> None:
    with pytest.raises(DownloadError, match="127.0.0.1:9"):
        download_weights(replace(an_entry, url="http://127.0.0.1:9/weights.pt"), tmp_path)
