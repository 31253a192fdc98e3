"""Scans larger than the memory of their process go through the commands, and the results are those of enough memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_parts import class_voxels, prompt_file
from scan_files import write_nrrd

pytest.importorskip("dask", reason="needs dask (install the 'ome-zarr' extra)")
pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.algorithms.measurement import thickness_from_disk  # noqa: E402
from RWTHSAMLib.cli.main import OK, main  # noqa: E402
from RWTHSAMLib.volumes import scan  # noqa: E402
from RWTHSAMLib.volumes.segmentation_file import read_segmentation_file  # noqa: E402

_LIMITED = """
import json, resource, sys, threading
from pathlib import Path

# what is set aside for a thread's stack counts as address space, although it is no memory
threading.stack_size(1 << 18)
from RWTHSAMLib.cli.main import main
from RWTHSAMLib.inference.engine import SamEngine

# to prepare a network takes more than these scans do, but no more for a large scan than for a small one
load, loaded = SamEngine.load, []
SamEngine.load = lambda *words, **named: loaded[0] if loaded else loaded.append(load(*words, **named)) or loaded[0]
SamEngine.close = lambda _: None

warming, commands, scan_bytes = json.loads(sys.argv[1])
for each in warming:  # once, so that all that is loaded once is loaded, threads are there, and pools have their size
    assert main(each) == 0, each
for each in commands:
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + scan_bytes // 4, resource.RLIM_INFINITY))
    assert main(each) == 0, each
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="only Linux tells and limits the address space so"
)


def with_a_quarter_of_the_memory(warming: list[list[str]], commands: list[list[str]], scan_bytes: int) -> str:
    """Run commands in a process that may have a quarter of a scan beside what it has anyway; returns what it said."""
    words = [sys.executable, "-c", _LIMITED, json.dumps([warming, commands, scan_bytes])]
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1", "RWTHSAM_THREADS": "1"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == OK, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def a_large_scan(tmp_path_factory) -> Path:
    """A packed scan of 25 MB: a bright bar along k in a dark one, in grey."""
    folder = tmp_path_factory.mktemp("large")
    values = np.full((384, 128, 512), 120, np.uint8)
    values[100:350, 20:108, 40:480] = 20
    values[100:350, 40:90, 100:300] = 230
    write_nrrd(folder / "small.nrrd", values[98:102], kind="uchar", encoding="gzip", spacings="0.5 0.5 0.7")
    return write_nrrd(folder / "large.nrrd", values, kind="uchar", encoding="gzip", spacings="0.5 0.5 0.7")


SIZE = (512, 128, 384)
SCAN_BYTES = 384 * 128 * 512


@pytest.fixture(scope="module")
def worked_on(a_large_scan, trained_weights) -> Path:
    """The folder of what two commands made, with enough memory and in a quarter of what the scan takes."""
    folder = a_large_scan.parent
    weights = ["--weights", str(trained_weights)]

    def commands(scan: Path, name: str, k: int, first: int, last: int) -> list[list[str]]:
        box = {"class": "Bar", "axis": "k", "index": k, "prompts": [{"box": [[99, 39, k], [300, 90, k]]}]}
        prompts = prompt_file(folder / f"{name}.json", [box])
        span = ["--range", str(first), str(last), *weights]
        found, propagated = folder / f"{name}-auto.seg.nrrd", folder / f"{name}-propagated.seg.nrrd"
        segmented, narrowed = (folder / f"{name}-{what}.seg.nrrd" for what in ("segmented", "bright"))
        bright = ["--class", "Bar", "--to", "Bright", "--grey", "200", "255"]
        return [
            ["auto", str(scan), "-o", str(found), *span, "--points-per-side", "4", "--keep-doubtful"],
            ["propagate", str(scan), str(prompts), "-o", str(propagated), *span],
            ["segment", str(scan), str(prompts), "-o", str(segmented), *weights],
            ["threshold", str(segmented), str(scan), "-o", str(narrowed), *bright],
            ["measure", str(found), str(scan), "-o", str(folder / f"{name}.csv"), "--along", "k"],
            ["export", str(found), "-o", str(folder / name), "--format", "nifti", "ome-zarr"],
            ["export", str(found), "-o", str(folder / f"{name}.stl")],
        ]

    warming = commands(a_large_scan.with_name("small.nrrd"), "small", 3, 0, 3)
    said = with_a_quarter_of_the_memory(warming, commands(a_large_scan, "limited", 104, 99, 106), SCAN_BYTES)
    assert said.count("it is read from the disk") == 7 and "these are of a coarser labelmap" in said
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RWTHSAM_THREADS", "1")  # with another number of threads its answers differ in their last digits
        for words in commands(a_large_scan, "enough", 104, 99, 106)[:-1]:
            assert main(words) == OK
    return folder


@pytest.mark.parametrize(("what", "table"), [("auto", "objects"), ("propagated", "slices")])
def test_the_same_is_found_as_with_enough_memory(worked_on, what, table) -> None:
    files = [read_segmentation_file(worked_on / f"{name}-{what}.seg.nrrd") for name in ("enough", "limited")]
    assert files[0].layers[0].any() and np.array_equal(files[0].layers[0], files[1].layers[0])
    tables = [worked_on / f"{name}-{what}-{table}.csv" for name in ("enough", "limited")]
    assert tables[0].read_bytes() == tables[1].read_bytes()


@pytest.mark.parametrize(("what", "class_name"), [("segmented", "Bar"), ("bright", "Bright")])
def test_the_same_is_segmented(worked_on, what, class_name) -> None:
    found = [class_voxels(worked_on / f"{name}-{what}.seg.nrrd", class_name, SIZE) for name in ("enough", "limited")]
    assert found[0].any() and np.array_equal(*found)


@pytest.mark.parametrize("name", ["{}.csv", "{}-along-k.csv"])
def test_the_same_is_measured(worked_on, name) -> None:
    assert (worked_on / name.format("limited")).read_text() == (worked_on / name.format("enough")).read_text()


@pytest.mark.parametrize("ending", ["nii.gz", "ome.zarr"])
def test_the_same_labelmaps_are_exported(worked_on, ending) -> None:
    files = [read_segmentation_file(worked_on / name / f"{name}-auto-label.{ending}") for name in ("enough", "limited")]
    assert np.array_equal(files[0].layers[0], files[1].layers[0])
    assert files[0].ijk_to_ras == pytest.approx(files[1].ijk_to_ras) and files[0].entries == files[1].entries


def test_surfaces_are_there_too(worked_on) -> None:
    assert (worked_on / "limited.stl").stat().st_size > 1000


@pytest.fixture(scope="module")
def a_cell(tmp_path_factory) -> Path:
    """A small scan and its classes, for which there will not be memory enough."""
    folder = tmp_path_factory.mktemp("cell")
    shape = ["--shape", "24", "32", "32", "--labels", str(folder / "cell.seg.nrrd")]
    assert main(["phantom", str(folder / "cell.nrrd"), *shape]) == OK
    return folder


def test_thickness_is_that_of_enough_memory(a_cell, monkeypatch) -> None:
    monkeypatch.chdir(a_cell)
    words = ["measure", "cell.seg.nrrd", "cell.nrrd", "--thickness", "--parts", "-o"]
    assert main([*words, "enough.json"]) == OK
    monkeypatch.setattr(scan, "usable_bytes", lambda: 30_000)
    monkeypatch.setattr(thickness_from_disk, "usable_bytes", lambda: 3_000_000)
    assert main([*words, "limited.json"]) == OK
    enough, limited = (json.loads(Path(f"{name}.json").read_text())["rows"] for name in ("enough", "limited"))
    assert len(enough) == len(limited) > 4
    for one, other in zip(enough, limited, strict=True):
        for name in (each for each in one if each.startswith("thickness")):
            assert other[name] == pytest.approx(one[name], rel=1e-5), name
