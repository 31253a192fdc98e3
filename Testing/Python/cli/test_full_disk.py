"""A full disk is told, with exit code 2, and whatever was there before is there still, whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_disk import PAGE_BYTES

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import USAGE, main  # noqa: E402
from RWTHSAMLib.core.extent import Extent  # noqa: E402
from RWTHSAMLib.core.profile import profile_of_names  # noqa: E402
from RWTHSAMLib.mrml.nodes import segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.storage import save_segmentation  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import add_volume  # noqa: E402
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402
from RWTHSAMLib.volumes.write import write_volume  # noqa: E402

SHAPE_KJI = (20, 48, 48)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A scan of noise, a segmentation that hardly can be compressed, and one of many small parts."""
    folder, scene = tmp_path_factory.mktemp("made"), new_scene()
    values = np.random.default_rng(11).integers(0, 60000, SHAPE_KJI).astype(np.uint16)
    scan = VolumeData(values, np.diag([0.1, 0.1, 0.2, 1.0]), "scan", True)
    write_volume(scan, folder / "scan.nrrd")
    volume, grains = add_volume(scene, scan), np.zeros(SHAPE_KJI, bool)
    grains[4:16:6, 4:-4:6, 4:-4:6] = True
    for name, masks in {"noise": (values % 2 == 1, values % 2 == 0), "grains": (grains,)}.items():
        node = segments.create_segmentation(scene, volume, profile_of_names("p", ("Odd", "Even")[: len(masks)]))
        writer, extent = SegmentWriter(node, volume), Extent.of_shape(SHAPE_KJI)
        for segment_id, mask in zip(segments.segment_ids(node), masks, strict=True):
            writer.submit(segment_id, mask, extent)
        save_segmentation(node, folder / f"{name}.seg.nrrd")
    return folder


COMMANDS = {
    **{name: f"export {{made}}/noise.seg.nrrd -o {{out}}/mine.{name}" for name in ("nrrd", "nii", "nii.gz", "tif")},
    **{
        name: f"export {{made}}/grains.seg.nrrd -o {{out}}/mine.{name} --smoothing 0"
        for name in ("stl", "obj", "glb", "gltf")
    },
    "seg.nrrd": "threshold {made}/noise.seg.nrrd {made}/scan.nrrd -o {out}/mine.seg.nrrd --class Odd --to Low"
    " --otsu dark",
    "mha": "unroll {made}/scan.nrrd -o {out}/mine.mha --center 24 24 --inner 4 --outer 20",
    "csv": "measure {made}/grains.seg.nrrd {made}/scan.nrrd -o {out}/mine.csv --parts",
    "json": "measure {made}/grains.seg.nrrd {made}/scan.nrrd -o {out}/mine.json --parts",
    "html": "report {made}/grains.seg.nrrd {made}/scan.nrrd -o {out}/mine.html",
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_full_disk_is_told_and_the_old_file_stays(made, a_small_disk, tmp_path, capfd, command) -> None:
    whole = tmp_path / "whole"
    assert main(command.format(made=made, out=whole).split()) == 0
    target = next(word for word in command.split() if word.startswith("{out}")).removeprefix("{out}/")
    size = (whole / target).stat().st_size
    assert size > PAGE_BYTES
    (a_small_disk.folder / target).write_bytes(b"the old file")
    # nothing at all, and all but the last page, which buffered writers only miss at their end
    for room in (0, size - 1):
        capfd.readouterr()
        with a_small_disk.with_room_for(room):
            assert main(command.format(made=made, out=a_small_disk.folder).split()) == USAGE
        heard = capfd.readouterr()
        *notes, last = heard.err.strip().splitlines()
        assert last.startswith("rwthsam: ") and not heard.out
        assert not any("ERR" in each or "error" in each.lower() for each in notes)
        assert "full" in heard.err or "free space" in heard.err or "larger than" in heard.err
        assert [each.name for each in a_small_disk.folder.iterdir()] == [target]
        assert (a_small_disk.folder / target).read_bytes() == b"the old file"
    assert main(command.format(made=made, out=a_small_disk.folder).split()) == 0
    assert (a_small_disk.folder / target).stat().st_size == pytest.approx(size, rel=0.01)
