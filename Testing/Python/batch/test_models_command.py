"""``rwthsam models fetch`` and ``verify``, on a server of this machine's own."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from RWTHSAMLib.cli.main import main
from RWTHSAMLib.models.catalogue import CATALOGUE, ModelEntry

NAME = "mobile_sam_vit_t"
CONTENT = bytes(range(256)) * 2048


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def a_served_folder(tmp_path) -> Iterator[tuple[Path, str]]:
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def an_entry(a_served_folder, tmp_path, monkeypatch) -> ModelEntry:
    """The catalogue's MobileSAM, served from here, with an empty cache."""
    folder, address = a_served_folder
    (folder / "weights.pt").write_bytes(CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    entry = replace(CATALOGUE[NAME], url=f"{address}/weights.pt", size_bytes=len(CONTENT), sha256=digest)
    monkeypatch.setitem(CATALOGUE, NAME, entry)
    monkeypatch.setenv("RWTHSAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RWTHSAM_WEIGHTS", raising=False)
    return entry


def test_fetched_weights_are_checked_listed_and_verified(an_entry, tmp_path, capsys) -> None:
    fetched = tmp_path / "cache" / "weights" / "weights.pt"
    assert main(["models", "fetch", NAME]) == 0
    said = capsys.readouterr()
    assert fetched.read_bytes() == CONTENT
    assert "size and SHA-256 as expected" in said.out
    assert an_entry.url in said.err and "100 %" in said.err
    assert main(["models", "verify", NAME]) == 0
    assert str(an_entry.sha256) in capsys.readouterr().out
    assert main(["models", "list"]) == 0
    assert any(line.startswith(NAME) and line.endswith(str(fetched)) for line in capsys.readouterr().out.splitlines())


def test_what_is_here_is_not_fetched_again(an_entry, a_served_folder, capsys) -> None:
    assert main(["models", "fetch", NAME]) == 0
    (a_served_folder[0] / "weights.pt").unlink()
    assert main(["models", "fetch", NAME]) == 0
    assert "already here" in capsys.readouterr().out


def test_a_folder_may_be_chosen(an_entry, tmp_path) -> None:
    assert main(["models", "fetch", NAME, "--folder", str(tmp_path / "mine")]) == 0
    assert (tmp_path / "mine" / "weights.pt").read_bytes() == CONTENT


def test_another_file_than_the_official_one_does_not_stay(an_entry, a_served_folder, tmp_path, capsys) -> None:
    (a_served_folder[0] / "weights.pt").write_bytes(CONTENT[::-1])
    assert main(["models", "fetch", NAME]) == 2
    assert "SHA-256" in capsys.readouterr().err
    assert list((tmp_path / "cache" / "weights").iterdir()) == []


def test_an_address_that_fails_is_named(an_entry, a_served_folder, capsys) -> None:
    (a_served_folder[0] / "weights.pt").unlink()
    assert main(["models", "fetch", NAME]) == 2
    said = capsys.readouterr().err
    assert an_entry.url in said and "404" in said


def test_verify_judges_the_file_that_is_given(an_entry, tmp_path, capsys) -> None:
    damaged = tmp_path / "damaged.pt"
    damaged.write_bytes(b"\x00" + CONTENT[1:-1] + b"\x00")
    assert main(["models", "verify", NAME, "--weights", str(damaged)]) == 2
    assert "another SHA-256" in capsys.readouterr().err
