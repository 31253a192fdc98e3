"""The command line of the web front."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from RWTHSAMLib.inference.cache.embedding_cache import CacheSettings
from RWTHSAMLib.inference.devices import DEVICES
from RWTHSAMLib.models.weights import default_model
from RWTHSAMLib.record.project import is_project


@dataclass(frozen=True)
class WebOptions:
    """What a person may choose when starting the page; see `parse`."""

    volume: Path | None = None
    project: Path | None = None
    segmentation: Path | None = None
    profile: Path | None = None
    show_level: int | None = None
    host: str = "127.0.0.1"
    port: int = 0
    model: str = field(default_factory=default_model)
    weights: Path | None = None
    device: str = "auto"
    open_browser: bool = True
    disk_cache_gb: float = 8.0

    @property
    def cache(self) -> CacheSettings:
        """Limits of the embedding cache."""
        return CacheSettings.usual(int(self.disk_cache_gb * 1e9))


def parse(argv: Sequence[str] | None = None) -> WebOptions:
    """Options of a command line."""
    given = _parser().parse_args(argv)
    project = given.what if given.what is not None and is_project(given.what) else None
    return WebOptions(
        volume=given.volume if given.what is None or project is not None else given.what,
        project=project,
        segmentation=given.segmentation,
        profile=given.profile,
        show_level=given.show_level,
        host=given.host,
        port=given.port,
        model=given.model or default_model(given.weights),
        weights=given.weights,
        device=given.device,
        open_browser=not given.no_browser,
        disk_cache_gb=given.disk_cache_gb,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rwthsam web", description="Segment battery CT scans with Segment Anything in a browser page."
    )
    parser.add_argument("what", type=Path, nargs="?", metavar="PROJECT", help="project to open, or a scan")
    parser.add_argument("--volume", type=Path, help="scan to open; default: a generated battery phantom")
    parser.add_argument(
        "--segmentation",
        type=Path,
        help="what to open on it: .seg.nrrd, a labelmap, or a record to replay (.json); of a scan larger than memory "
        "the folder of its classes (.ome.zarr), which is made if it is not there",
    )
    parser.add_argument("--profile", type=Path, help="segmentation profile (JSON) with the classes")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; default: a free one")
    parser.add_argument("--model", help=f"name in the model catalogue (default: {default_model()})")
    parser.add_argument("--weights", type=Path, help="file with the model's weights")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument(
        "--disk-cache-gb",
        type=_gigabytes,
        default=8.0,
        help="most that prepared slices may take on disk, so that later sessions need not prepare them; 0: none",
    )
    parser.add_argument(
        "--show-level",
        type=_level,
        metavar="N",
        help="of an OME-Zarr scan let the views show level N (0 is the finest) and work on the finest from the disk; "
        "by default the finest level that memory has room for is shown",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    return parser


def _level(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"a level is 0 or more, not {text}")
    return int(text)


def _gigabytes(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f"a size in GB is 0 or more, not {text}")
    return value
