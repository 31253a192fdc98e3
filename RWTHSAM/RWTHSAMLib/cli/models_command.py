"""``rwthsam models``: which models there are, fetch and check their weights."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from ..errors import WeightsNotFound
from ..models.catalogue import CATALOGUE, ModelEntry, model
from ..models.install import TORCH_SIZE, torch_requirements
from ..models.weights import (
    default_model,
    download_weights,
    file_sha256,
    find_weights,
    verify_weights,
    weights_folder,
)
from .options import Commands, note
from .outputs import check_outputs
from .progress import ProgressBar


def add_to(commands: Commands) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("models", help="list models, fetch and verify their weights")
    parser.set_defaults(run=_list)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    actions.add_parser("list", help="list the models (default)").set_defaults(run=_list)
    fetch = actions.add_parser("fetch", help="download the weights of a model")
    fetch.add_argument("name", metavar="NAME")
    fetch.add_argument("--folder", type=Path, help="where to; default: the user's cache folder")
    fetch.set_defaults(run=_fetch)
    verify = actions.add_parser("verify", help="compare a model's weights with their official size and SHA-256")
    verify.add_argument("name", metavar="NAME", nargs="?", help="default: the default model")
    verify.add_argument("--weights", type=Path, metavar="FILE", help="default: where they are looked for")
    verify.set_defaults(run=_verify)
    install = actions.add_parser("install", help="install the packages that a kind of models needs")
    install.add_argument("kind", choices=("sam",), help="sam: PyTorch and the Segment Anything models")
    install.add_argument("--yes", action="store_true", help="do not ask first")
    install.set_defaults(run=_install)


def _list(given: argparse.Namespace) -> int:
    rows = [("NAME", "TITLE", "SIZE", "LICENCE", "WEIGHTS")]
    rows += [(each.name, each.title, each.size_text, each.licence, _where(each)) for each in CATALOGUE.values()]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _where(entry: ModelEntry) -> str:
    try:
        return str(find_weights(entry))
    except WeightsNotFound:
        return "not here"


def _fetch(given: argparse.Namespace) -> int:
    entry = model(given.name)
    folder = given.folder or weights_folder()
    check_outputs((folder / entry.file_name,))
    present = folder / entry.file_name
    if present.is_file():
        verify_weights(entry, present)
        print(f"{present}: already here, {_checked_text(entry)}")
        return 0
    note(f"Fetching {entry.title}, {entry.size_text} ({entry.licence}), from {entry.url}")
    with ProgressBar(sys.stderr) as bar:
        path = download_weights(entry, folder, progress=bar.show)
    print(f"{path}: {_checked_text(entry)}")
    return 0


def _verify(given: argparse.Namespace) -> int:
    entry = model(given.name or default_model(given.weights))
    path = find_weights(entry, given.weights)
    verify_weights(entry, path)
    print(f"{path}: {_checked_text(entry)}\nSHA-256 {file_sha256(path)}")
    return 0


def _install(given: argparse.Namespace) -> int:
    packages = torch_requirements()
    note(f"This installs with pip, into {sys.prefix}: {', '.join(packages)}.")
    note(f"PyTorch among them takes {TORCH_SIZE}.")
    if not given.yes and not _agreed():
        note("Nothing was installed.")
        return 1
    return subprocess.run([sys.executable, "-m", "pip", "install", *packages]).returncode


def _agreed() -> bool:
    print("Install them now? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _checked_text(entry: ModelEntry) -> str:
    known = [text for text, value in (("size", entry.size_bytes), ("SHA-256", entry.sha256)) if value is not None]
    return f"{' and '.join(known)} as expected" if known else "no official size or SHA-256 is known to compare with"
