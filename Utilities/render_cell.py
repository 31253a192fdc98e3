"""Draw the pictures of the documentation that show the real cell in 3D.

    python Utilities/render_cell.py SCAN FOLDER

SCAN is ``liion_cell_xct_100x728x728_u8.nrrd``. Its classes are made here by grey values and simple geometry, so that
the pictures need no model: metal is bright; the can is the part of it that goes on along the jelly roll, the cap is
what else is large; the core is the dark middle of the jelly roll; the cell is everything inside the can.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.core.settings.rendering import MOST_VOXELS, RenderingSettings, SegmentLook
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.mrml.views.offscreen_view import OffscreenView
from RWTHSAMLib.mrml.views.pictures import save_png, screenshot_of
from RWTHSAMLib.volumes.read import read_volume
from RWTHSAMLib.worker.inline import InlineClient

METAL_FROM = 95
JELLY_ROLL_FROM_K = 57
CORE_FROM_K = 72
CORE_SEED_KJI = (80, 376, 368)
CORE_WITHIN_PX = 75
SMALLEST_CAP_PART = 20_000
CAP_UP = (0.0, 0.0, -1.0)
PROFILE = SegmentationProfile(
    "Cell",
    (
        ProfileClass("cell", "Whole cell", (0.95, 0.45, 0.12)),
        ProfileClass("core", "Core", (0.15, 0.55, 1.0)),
        ProfileClass("can", "Can", (0.98, 0.76, 0.2)),
        ProfileClass("cap", "Cap", (0.45, 0.85, 0.95)),
    ),
)
WHOLE = "RWTHSAM_cell"
OPEN = RenderingSettings(
    shown=True, grey_opacity=0.25, edge_opacity=0.8, rest_opacity=0.0, cut="quarter", most_voxels=MOST_VOXELS["fine"]
).with_look(WHOLE, SegmentLook(opacity=0.35))
INSIDE = replace(OPEN, cut="none", grey_opacity=0.06, edge_opacity=0.3).with_look(WHOLE, SegmentLook(opacity=0.1))


def parts_of(scan_kji: np.ndarray) -> dict[str, np.ndarray]:
    """Voxels of each class, bool (k, j, i)."""
    labels, _ = ndimage.label(scan_kji > METAL_FROM)
    along = labels[-10]
    can = labels == np.bincount(along[along > 0]).argmax()
    sizes = np.bincount(labels[:JELLY_ROLL_FROM_K].ravel())
    sizes[0] = 0
    cap = np.isin(labels, np.flatnonzero(sizes >= SMALLEST_CAP_PART)) & ~can
    cell = np.stack([ndimage.binary_fill_holes(each) for each in can | cap])
    smooth = ndimage.gaussian_filter(scan_kji.astype("f4"), (1, 4, 4))
    k, j, i = np.ogrid[: scan_kji.shape[0], : scan_kji.shape[1], : scan_kji.shape[2]]
    near = (j - CORE_SEED_KJI[1]) ** 2 + (i - CORE_SEED_KJI[2]) ** 2 < CORE_WITHIN_PX**2
    dark, _ = ndimage.label((smooth < 24) & near & (k >= CORE_FROM_K))
    core = dark == dark[CORE_SEED_KJI]
    return {"cell": cell, "core": core & ~can & ~cap, "can": can, "cap": cap}


def session_of(scan: Path) -> Session:
    """A session on the scan with its classes."""
    data = read_volume(scan)
    session = Session(new_scene(), InlineClient())
    session.set_profile(PROFILE)
    session.set_volume(add_volume(session.scene, data))
    session.set_segmentation(None)
    writer = SegmentWriter(session.segmentation_node, session.require_volume())
    extent = VolumeGeometry.of(session.require_volume()).extent
    for class_id, voxels in parts_of(data.array_kji).items():
        segment_id = segments.segment_id_of_class(session.segmentation_node, class_id)
        assert segment_id is not None  # the profile's classes have just got their segments
        writer.submit(segment_id, voxels, extent)
    return session


def draw(session: Session, view: OffscreenView, choices: RenderingSettings, path: Path) -> None:
    """One picture."""
    session.rendering.set_settings(choices)
    session.rendering.finish()
    view.look_from((-0.75, -0.65, -0.62), CAP_UP, 1.75)
    save_png(screenshot_of(view.window), path)


def main() -> None:
    """Draw them."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("scan", type=Path)
    arguments.add_argument("folder", type=Path)
    given = arguments.parse_args()
    session = session_of(given.scan)
    view = OffscreenView(session.scene, (1280, 800))
    draw(session, view, OPEN, given.folder / "rendering-cell.png")
    draw(session, view, INSIDE, given.folder / "rendering-inside.png")


if __name__ == "__main__":
    main()
