"""``rwthsam models fetch`` and ``verify``, on a server of this machine's own."""

from __future__ import annotations

import hashlib
import io
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

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


def test_what_segment_anything_needs_is_named_with_its_size_and_asked_for_first(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert main(["models", "install", "sam"]) == 1
    said = capsys.readouterr().err
    assert all(each in said for each in ("torch>=", "mobilesam-mirror>=", "2 to 3 GB", "Nothing was installed"))
    assert "pytest" not in said and "PySide6" not in said


def extras_of(repository: Path) -> dict[str, list[str]]:
    with (repository / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["optional-dependencies"]


def needed_by(extras: dict[str, list[str]], name: str) -> set[str]:
    """Requirements of an extra, those of the extras that it names among them."""
    found: set[str] = set()
    for each in extras[name]:
        named = re.fullmatch(r"rwthsam\[([\w,-]+)\]", each)
        found |= set().union(*(needed_by(extras, other) for other in named[1].split(","))) if named else {each}
    return found


def test_the_page_is_installed_without_pytorch_and_the_tests_with_it(repository: Path) -> None:
    extras = extras_of(repository)
    page = needed_by(extras, "web")
    assert any(each.startswith("openvino") for each in page) and any(each.startswith("scipy") for each in page)
    assert not any(each.startswith(("torch", "timm", "segment-anything", "mobilesam")) for each in page)
    assert set(extras["torch"]) <= needed_by(extras, "test")


def test_the_packages_that_slicer_installs_are_those_of_the_distribution(repository: Path) -> None:
    folder = repository / "RWTHSAM" / "Resources"
    names = "requirements.txt", "requirements-openvino.txt"
    lines = [line for name in names for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    assert {line for line in lines if line and not line.startswith("#")} <= needed_by(extras_of(repository), "test")
