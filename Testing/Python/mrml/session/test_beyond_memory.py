"""A scan of four times the memory that its process may have opens, is clicked on, submitted to, and saved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zarr", reason="needs zarr (install the 'ome-zarr' extra)")

from scene_parts import NeighbourhoodEngine

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.lazy_volume import lazy_volume_of
from RWTHSAMLib.volumes.ome_zarr.labels import read_labels
from RWTHSAMLib.volumes.ome_zarr.write import StoreSettings, write_ome_zarr
from RWTHSAMLib.volumes.volume_data import VolumeData, upright_grid

SHAPE_KJI = (192, 512, 512)
CLICKS = [("k", 100, 300, 200), ("j", 250, 310, 90), ("i", 301, 240, 110)]
_LIMITED = """
import json, resource, sys, threading
from pathlib import Path

threading.stack_size(1 << 18)  # what is set aside for stacks counts as address space
from scene_parts import NeighbourhoodEngine
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.mrml.nodes.on_disk.scan_on_disk import ScanOnDisk, label_path_beside, levels_beyond_memory
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.project import read_project
from RWTHSAMLib.record.project_folder import ProjectFolder
from RWTHSAMLib.volumes.read import read_volume


def work(path, clicks, shape=None):
    data = read_volume(path, shape)
    session, levels = Session(new_scene(), NeighbourhoodEngine()), levels_beyond_memory(path, data.array_kji.shape)
    node = add_volume(session.scene, data)
    session.set_volume(node, ScanOnDisk(levels, node, label_path_beside(path)))
    session.set_segmentation(None)
    session.select_class("core")
    for axis, index, x, y in clicks:
        session.add_point(SliceKey(axis, index), x, y)
        session.poll()
    session.submit()
    session.undo()
    session.submit()
    folder = path.with_name(path.name + ".rwthsam")
    ProjectFolder(folder).write(session.projects.content(folder, {}))
    session.close()
    again = Session(new_scene(), NeighbourhoodEngine())
    again.projects.open(folder, read_project(folder), read_volume(path, data.array_kji.shape), {}, scan_path=path)
    print(data.array_kji.shape, again.workspace.on_disk.voxel_counts(again.segmentation_node)["RWTHSAM_core"])
    again.close()


small, large, clicks, scan_bytes = json.loads(sys.argv[1])
work(Path(small), [("k", 5, 30, 20)], (32, 32, 32))  # so that all that is loaded once is loaded, and threads are there
taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + scan_bytes // 4, resource.RLIM_INFINITY))
work(Path(large), clicks)
"""


def written(path: Path, shape_kji: tuple[int, int, int], coarsest: int) -> Path:
    values = np.broadcast_to((np.arange(shape_kji[2]) % 200).astype(np.uint8), shape_kji)
    data = VolumeData(values, upright_grid((0.5, 0.5, 0.7)), path.name, True)
    write_ome_zarr(lazy_volume_of(data, path), path, StoreSettings(coarsest=coarsest))
    return path


def with_enough_memory(shape_kji: tuple[int, int, int]) -> np.ndarray:
    session = Session(new_scene(), NeighbourhoodEngine())
    values = np.zeros(shape_kji, np.uint8)
    values[0, 0, 0] = 1  # a window needs two grey values
    session.set_volume(add_volume(session.scene, VolumeData(values, np.diag([0.5, 0.5, 0.7, 1.0]), "scan", True)))
    session.select_class("core")
    for axis, index, x, y in CLICKS:
        session.add_point(SliceKey(axis, index), x, y)
        session.poll()
    session.submit()
    voxels = segments.mask_of_class_kji(session.segmentation_node, "core", session.volume_node)
    session.close()
    return voxels


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells and limits the address space so")
def test_a_scan_of_four_times_the_memory_is_worked_on_as_one_in_memory(tmp_path: Path) -> None:
    small = written(tmp_path / "small.ome.zarr", (64, 64, 64), 16)
    large = written(tmp_path / "large.ome.zarr", SHAPE_KJI, 64)
    words = [str(small), str(large), CLICKS, int(np.prod(SHAPE_KJI))]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        "MALLOC_ARENA_MAX": "1",
        "OMP_NUM_THREADS": "1",
        "ZARR_ASYNC__CONCURRENCY": "2",  # ten chunks at a time are nothing beside a large scan, and much beside this
        "ZARR_THREADING__MAX_WORKERS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, json.dumps(words)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    expected = with_enough_memory(SHAPE_KJI)
    labels, _ = read_labels(tmp_path / "large-label.ome.zarr")
    assert np.array_equal(labels.array_kji > 0, expected) and expected.any()
    shown, count = done.stdout.splitlines()[-1].rsplit(" ", 1)
    assert int(count) == np.count_nonzero(expected)
    assert shown in {"(48, 128, 128)", "(24, 64, 64)"}
