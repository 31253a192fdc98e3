"""Exported segmentations are the same voxels, places and colours to other programs."""

from __future__ import annotations

import csv
import json
import struct
from pathlib import Path

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

import vtk  # noqa: E402
from scene_parts import GEOMETRIES  # noqa: E402
from vtkmodules.util.numpy_support import vtk_to_numpy  # noqa: E402

from RWTHSAMLib.core.extent import Extent  # noqa: E402
from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile  # noqa: E402
from RWTHSAMLib.core.settings.export import ExportSettings, formats_named  # noqa: E402
from RWTHSAMLib.core.voxel_grid import VoxelGrid  # noqa: E402
from RWTHSAMLib.errors import InputError, RwthSamError, StateError  # noqa: E402
from RWTHSAMLib.export.labelmap import LabelledClass  # noqa: E402
from RWTHSAMLib.export.stl import write_stl  # noqa: E402
from RWTHSAMLib.export.surface import Surface  # noqa: E402
from RWTHSAMLib.mrml.nodes import matrices, segments  # noqa: E402
from RWTHSAMLib.mrml.nodes.storage import load_segmentation, save_segmentation  # noqa: E402
from RWTHSAMLib.mrml.nodes.writing import SegmentWriter  # noqa: E402
from RWTHSAMLib.mrml.results.export import export_segmentation  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402

PROFILE = SegmentationProfile(
    "cell",
    (
        ProfileClass("can", "Can", (1.0, 0.5, 0.0)),
        ProfileClass("core", "Jelly roll, core", (0.0, 0.4, 1.0)),
        ProfileClass("none", "Nothing yet", (0.2, 0.2, 0.2)),
    ),
)
SHAPE_KJI = (24, 30, 34)
SURFACES = ("stl", "obj", "glb", "gltf")


def ball(ijk_to_world: np.ndarray, radius_mm: float, shape_kji: tuple[int, int, int] = SHAPE_KJI) -> np.ndarray:
    """Voxels whose centres lie within a radius of the grid's middle, bool (k, j, i)."""
    middle = ijk_to_world[:3, :3] @ ((np.array(shape_kji[::-1]) - 1) / 2)
    k, j, i = np.indices(shape_kji)
    return np.linalg.norm(np.stack([i, j, k], -1) @ ijk_to_world[:3, :3].T - middle, axis=-1) <= radius_mm


def middle_of(ijk_to_world: np.ndarray, shape_kji: tuple[int, int, int] = SHAPE_KJI) -> np.ndarray:
    return np.array(VoxelGrid(ijk_to_world, shape_kji).ras_of((np.array(shape_kji[::-1]) - 1) / 2))


def radius_within(ijk_to_world: np.ndarray) -> float:
    """Of a ball that stays inside the grid."""
    return float(0.4 * (np.linalg.norm(ijk_to_world[:3, :3], axis=0) * SHAPE_KJI[::-1]).min())


@pytest.fixture
def a_ball_in(a_volume_of, a_scene):
    """Function that makes a segmentation with a ball as the core, on a given grid."""

    def make(ijk_to_world: np.ndarray):
        volume = a_volume_of(ijk_to_world, SHAPE_KJI)
        node = segments.create_segmentation(a_scene, volume, PROFILE)
        submit(node, volume, "core", ball(ijk_to_world, radius_within(ijk_to_world)))
        return node, volume

    return make


@pytest.fixture
def overlapping(a_volume_of, a_scene):
    """A segmentation whose core and can share voxels."""
    volume = a_volume_of(GEOMETRIES["rotated"], SHAPE_KJI)
    node = segments.create_segmentation(a_scene, volume, PROFILE)
    blocks = {"can": np.zeros(SHAPE_KJI, bool), "core": np.zeros(SHAPE_KJI, bool)}
    blocks["can"][2:10, 3:12, 4:14] = True
    blocks["core"][8:14, 5:12, 4:20] = True
    for class_id, voxels in blocks.items():
        submit(node, volume, class_id, voxels, overwrite=False)
    return node, blocks


def submit(node, volume, class_id: str, voxels: np.ndarray, overwrite: bool = True) -> None:
    writer = SegmentWriter(node, volume)
    if overwrite:
        writer.submit(segments.segment_id_of_class(node, class_id), voxels, Extent.of_shape(voxels.shape))
        return
    editor = slicer.vtkMRMLSegmentEditorNode()
    editor.SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)
    writer.submit(segments.segment_id_of_class(node, class_id), voxels, Extent.of_shape(voxels.shape), editor)


def export(node, folder: Path, *names: str, **choices):
    return export_segmentation(node, folder, "cell", formats_named(names), ExportSettings(**choices))


# labelmaps


@pytest.mark.parametrize("name, ending", [("nrrd", ".nrrd"), ("nifti", ".nii.gz")])
def test_a_labelmap_has_the_voxels_and_the_grid_of_the_scan(a_ball_in, any_ijk_to_ras, tmp_path, name, ending) -> None:
    node, _ = a_ball_in(any_ijk_to_ras)
    export(node, tmp_path, name)
    read = read_volume(tmp_path / f"cell-label{ending}")
    np.testing.assert_array_equal(read.array_kji == 2, ball(any_ijk_to_ras, radius_within(any_ijk_to_ras)))
    tolerance = 1e-12 if name == "nrrd" else 2e-6 * np.abs(any_ijk_to_ras).max()
    np.testing.assert_allclose(read.ijk_to_ras, any_ijk_to_ras, rtol=0, atol=tolerance)
    assert set(np.unique(read.array_kji)) == {0, 2} and read.unit_known


def test_a_parent_transform_moves_the_labelmap(a_ball_in, a_scene, tmp_path) -> None:
    node, volume = a_ball_in(GEOMETRIES["anisotropic"])
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(matrices.to_vtk(GEOMETRIES["rotated"]))
    node.SetAndObserveTransformNodeID(transform.GetID())
    export(node, tmp_path, "nrrd")
    expected = GEOMETRIES["rotated"] @ GEOMETRIES["anisotropic"]
    np.testing.assert_allclose(read_volume(tmp_path / "cell-label.nrrd").ijk_to_ras, expected, atol=1e-9)


def test_a_tiff_stack_says_how_large_a_voxel_is(a_ball_in, tmp_path) -> None:
    grid = GEOMETRIES["anisotropic"]
    exported = export(a_ball_in(grid)[0], tmp_path, "tiff")
    read = read_volume(tmp_path / "cell-label.tif")
    np.testing.assert_array_equal(read.array_kji == 2, ball(grid, radius_within(grid)))
    assert read.spacing_mm == pytest.approx((0.5, 0.7, 3.0), rel=1e-6) and read.unit_known
    assert any("not where the scan lies" in each for each in exported.notes)


def test_the_labelmap_of_a_saved_segmentation_has_the_whole_grid(a_ball_in, a_scene, tmp_path) -> None:
    grid = GEOMETRIES["rotated"]
    opened = load_segmentation(a_scene, save_segmentation(a_ball_in(grid)[0], tmp_path / "saved.seg.nrrd"))
    export(opened, tmp_path, "nrrd")
    read = read_volume(tmp_path / "cell-label.nrrd")
    np.testing.assert_array_equal(read.array_kji == 2, ball(grid, radius_within(grid)))
    np.testing.assert_allclose(read.ijk_to_ras, grid, atol=1e-6)


def test_without_a_reference_grid_the_labelmap_is_as_large_as_its_voxels(a_ball_in, tmp_path) -> None:
    grid = GEOMETRIES["rotated"]
    node, _ = a_ball_in(grid)
    name = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    node.GetSegmentation().SetConversionParameter(name, "")
    export(node, tmp_path, "nrrd")
    read = read_volume(tmp_path / "cell-label.nrrd")
    k, j, i = np.nonzero(read.array_kji)
    found = np.column_stack([i, j, k]) @ read.ijk_to_ras[:3, :3].T + read.ijk_to_ras[:3, 3]
    k, j, i = np.nonzero(ball(grid, radius_within(grid)))
    np.testing.assert_allclose(found, np.column_stack([i, j, k]) @ grid[:3, :3].T + grid[:3, 3], atol=1e-6)


def test_slicer_reads_both_colour_tables(a_ball_in, tmp_path) -> None:
    export(a_ball_in(GEOMETRIES["identity"])[0], tmp_path, "nrrd")
    for ending in (".ctbl", ".csv"):
        table, storage = slicer.vtkMRMLColorTableNode(), slicer.vtkMRMLColorTableStorageNode()
        storage.SetFileName(str(tmp_path / f"cell-label{ending}"))
        assert storage.ReadData(table) == 1
        color = [0.0] * 4
        table.GetColor(2, color)
        assert table.GetColorName(2) == "Jelly roll, core" and table.GetNumberOfColors() == 4
        assert color == pytest.approx((0.0, 0.4, 1.0, 1.0), abs=1 / 255)


def test_the_csv_says_the_class_id_too(a_ball_in, tmp_path) -> None:
    export(a_ball_in(GEOMETRIES["identity"])[0], tmp_path, "nrrd")
    rows = list(csv.DictReader((tmp_path / "cell-label.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["LabelValue"], row["ClassId"]) for row in rows] == [
        ("0", ""),
        ("1", "can"),
        ("2", "core"),
        ("3", "none"),
    ]
    assert [rows[1][f"Color_{part}"] for part in "RGB"] == ["255", "128", "0"]


def test_where_classes_overlap_the_later_one_wins_and_that_is_said(overlapping, tmp_path) -> None:
    node, blocks = overlapping
    exported = export(node, tmp_path, "nrrd")
    labels = read_volume(tmp_path / "cell-label.nrrd").array_kji
    np.testing.assert_array_equal(labels == 2, blocks["core"])
    np.testing.assert_array_equal(labels == 1, blocks["can"] & ~blocks["core"])
    shared = np.count_nonzero(blocks["can"] & blocks["core"])
    assert shared and any(f"{shared:,} voxels belong to 'Can' and to 'Jelly roll, core'" in n for n in exported.notes)
    assert "Without any voxel: Nothing yet." in exported.notes


def test_a_file_for_each_class_keeps_overlapping_voxels_of_both(overlapping, tmp_path) -> None:
    node, blocks = overlapping
    exported = export(node, tmp_path, "nrrd", each_class=True)
    assert [each.name for each in exported.files] == [
        "cell-Can-label.nrrd",
        "cell-Jelly_roll_core-label.nrrd",
        "cell-Nothing_yet-label.nrrd",
        "cell-label.ctbl",
        "cell-label.csv",
    ]
    np.testing.assert_array_equal(read_volume(tmp_path / "cell-Can-label.nrrd").array_kji == 1, blocks["can"])
    np.testing.assert_array_equal(read_volume(tmp_path / exported.files[1].name).array_kji == 2, blocks["core"])
    assert not any("belong to" in each for each in exported.notes)


def test_a_class_can_be_exported_alone_and_keeps_its_label(overlapping, tmp_path) -> None:
    node, blocks = overlapping
    export(node, tmp_path, "nrrd", classes=("core",))
    labels = read_volume(tmp_path / "cell-label.nrrd").array_kji
    np.testing.assert_array_equal(labels, 2 * blocks["core"])


# surfaces


def read_surface(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Points and triangles as VTK's own readers find them; those of glTF carried to the scene's world."""
    if path.suffix in (".glb", ".gltf"):
        return read_gltf(path)
    reader = {".stl": vtk.vtkSTLReader, ".obj": vtk.vtkOBJReader}[path.suffix]()
    reader.SetFileName(str(path))
    reader.Update()
    return arrays_of(reader.GetOutput())


def read_gltf(path: Path) -> tuple[np.ndarray, np.ndarray]:
    reader = vtk.vtkGLTFReader()
    reader.SetFileName(str(path))
    reader.ApplyDeformationsToGeometryOn()  # which is how this reader calls the matrices of nodes
    reader.Update()
    together, blocks = vtk.vtkAppendPolyData(), reader.GetOutput().NewIterator()
    while not blocks.IsDoneWithTraversal():
        together.AddInputData(blocks.GetCurrentDataObject())
        blocks.GoToNextItem()
    together.Update()
    return arrays_of(together.GetOutput())


def arrays_of(mesh) -> tuple[np.ndarray, np.ndarray]:
    points = vtk_to_numpy(mesh.GetPoints().GetData()).astype(float)
    return points, vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)


def stl_records(path: Path) -> np.ndarray:
    """Normal and corners of every triangle of a binary STL file: (m, 4, 3) float32."""
    content = path.read_bytes()
    assert len(content) == 84 + 50 * int.from_bytes(content[80:84], "little")
    rows = np.frombuffer(content, np.uint8, offset=84).reshape(-1, 50)[:, :48]
    return np.ascontiguousarray(rows).view("<f4").reshape(-1, 4, 3)


def test_an_stl_file_holds_what_vtks_own_writer_writes(tmp_path: Path) -> None:
    ball = vtk.vtkSphereSource()
    ball.SetCenter(3.25, -7.5, 11.0)
    ball.Update()
    points, triangles = arrays_of(ball.GetOutput())
    entry = LabelledClass(1, "core", "Core", (1, 0, 0))
    surface = Surface(entry, points.astype(np.float32), np.zeros_like(points, np.float32), triangles.astype(np.uint32))
    write_stl([surface], tmp_path / "own.stl", "RAS")
    writer = vtk.vtkSTLWriter()
    writer.SetInputData(ball.GetOutput())
    writer.SetFileTypeToBinary()
    writer.SetFileName(str(tmp_path / "vtk.stl"))
    writer.Write()
    own, vtks = stl_records(tmp_path / "own.stl"), stl_records(tmp_path / "vtk.stl")
    np.testing.assert_array_equal(own[:, 1:], vtks[:, 1:])
    np.testing.assert_allclose(own[:, 0], vtks[:, 0], atol=1e-5)


def volume_and_centre(points: np.ndarray, triangles: np.ndarray) -> tuple[float, np.ndarray]:
    """By the divergence theorem; the volume is negative where triangles face inwards."""
    origin = points.mean(axis=0)
    a, b, c = (points[triangles[:, corner]] - origin for corner in range(3))
    parts = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6
    return float(parts.sum()), origin + ((a + b + c) / 4 * parts[:, None]).sum(axis=0) / parts.sum()


TO_WORLD = {
    "LPS": np.diag([-1.0, -1, 1]),
    "RAS": np.eye(3),
    # metres, right is -x, superior y, anterior z
    "glTF": 1000 * np.array([[-1.0, 0, 0], [0, 0, 1], [0, 1, 0]]),
}


@pytest.mark.parametrize("name, frame", [("stl", "LPS"), ("stl", "RAS"), ("obj", "LPS"), ("obj", "RAS")])
def test_a_balls_surface_has_its_volume_and_place(a_ball_in, any_ijk_to_ras, tmp_path, name, frame) -> None:
    export(a_ball_in(any_ijk_to_ras)[0], tmp_path, name, frame=frame)
    check_ball(any_ijk_to_ras, *read_surface(tmp_path / f"cell.{name}"), TO_WORLD[frame])
    assert f"SPACE={frame}".encode() in (tmp_path / f"cell.{name}").read_bytes()[:80]


@pytest.mark.parametrize("name", ["glb", "gltf"])
def test_gltf_is_in_metres_and_upright(a_ball_in, any_ijk_to_ras, tmp_path, name) -> None:
    export(a_ball_in(any_ijk_to_ras)[0], tmp_path, name)
    check_ball(any_ijk_to_ras, *read_surface(tmp_path / f"cell.{name}"), TO_WORLD["glTF"])


def check_ball(grid: np.ndarray, points: np.ndarray, triangles: np.ndarray, to_world: np.ndarray) -> None:
    volume_mm3, centre = volume_and_centre(points @ to_world.T, triangles)
    voxels_mm3 = np.count_nonzero(ball(grid, radius_within(grid))) * abs(np.linalg.det(grid[:3, :3]))
    assert volume_mm3 == pytest.approx(voxels_mm3, rel=0.06)  # smoothing shrinks a little
    np.testing.assert_allclose(centre, middle_of(grid), atol=0.05 * radius_within(grid))


def test_smoothing_rounds_the_steps_between_voxels(a_ball_in, tmp_path) -> None:
    node, _ = a_ball_in(GEOMETRIES["identity"])
    grid, spread = GEOMETRIES["identity"], {}
    for smoothing in (0.0, 0.5):
        export(node, tmp_path, "stl", smoothing=smoothing)
        points, _ = read_surface(tmp_path / "cell.stl")
        spread[smoothing] = np.linalg.norm(points @ TO_WORLD["LPS"].T - middle_of(grid), axis=1).std()
    assert spread[0.5] < 0.7 * spread[0.0]


def triangles_of_a_block(a_scene, a_volume_of, folder: Path, **choices) -> tuple[np.ndarray, np.ndarray]:
    volume = a_volume_of(GEOMETRIES["rotated"], (24, 40, 40))
    node = segments.create_segmentation(a_scene, volume, PROFILE)
    block = np.zeros((24, 40, 40), bool)
    block[4:20, 5:35, 5:35] = True
    submit(node, volume, "core", block)
    export(node, folder, "stl", **choices)
    return read_surface(folder / "cell.stl")


def test_nine_of_ten_triangles_of_a_block_are_left_out_unasked_and_it_stays_a_block(
    a_scene, a_volume_of, tmp_path
) -> None:
    points, every = triangles_of_a_block(a_scene, a_volume_of, tmp_path, decimation=0.0)
    fewer_points, fewer = triangles_of_a_block(a_scene, a_volume_of, tmp_path)
    assert len(fewer) < 0.11 * len(every)
    volume, centre = volume_and_centre(points, every)
    fewer_volume, fewer_centre = volume_and_centre(fewer_points, fewer)
    assert fewer_volume == pytest.approx(volume, rel=0.01)
    np.testing.assert_allclose(fewer_centre, centre, atol=0.01 * volume ** (1 / 3))


def test_a_small_ball_keeps_as_many_triangles_as_it_needs_to_stay_one(a_ball_in, tmp_path) -> None:
    grid = GEOMETRIES["rotated"]
    node, _ = a_ball_in(grid)
    export(node, tmp_path, "stl", decimation=0.0)
    _, every = read_surface(tmp_path / "cell.stl")
    export(node, tmp_path, "stl", decimation=0.98)
    points, triangles = read_surface(tmp_path / "cell.stl")
    assert 0.02 * len(every) < len(triangles) < 0.9 * len(every)
    check_ball(grid, points, triangles, TO_WORLD["LPS"])


def test_every_class_is_a_named_coloured_object_in_one_gltf_file(overlapping, tmp_path) -> None:
    export(overlapping[0], tmp_path, "glb")
    document = glb_document(tmp_path / "cell.glb")
    assert [each["name"] for each in document["nodes"]][1:] == ["Can", "Jelly roll, core"]
    assert [each["extras"]["class"] for each in document["nodes"][1:]] == ["can", "core"]
    red, green, blue, _ = document["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"]
    assert (red, green, blue) == pytest.approx((1.0, 0.214, 0.0), abs=1e-3)  # 0.5 of sRGB in linear light


def glb_document(path: Path) -> dict:
    magic, version, length = struct.unpack("<4sII", path.read_bytes()[:12])
    assert (magic, version, length) == (b"glTF", 2, path.stat().st_size)
    size, kind = struct.unpack("<I4s", path.read_bytes()[12:20])
    assert kind == b"JSON" and size % 4 == 0
    return json.loads(path.read_bytes()[20 : 20 + size])


def test_an_obj_file_names_its_classes_and_brings_their_colours(overlapping, tmp_path) -> None:
    exported = export(overlapping[0], tmp_path, "obj")
    assert [each.name for each in exported.files] == ["cell.obj", "cell.mtl"]
    text = (tmp_path / "cell.obj").read_text()
    assert "mtllib cell.mtl" in text and "o Can\nusemtl class_1" in text and "o Jelly_roll,_core\n" in text
    assert "newmtl class_2\nKd 0.0000 0.4000 1.0000" in (tmp_path / "cell.mtl").read_text()


def test_a_surface_for_each_class_and_none_for_an_empty_one(overlapping, tmp_path) -> None:
    exported = export(overlapping[0], tmp_path, "stl", each_class=True)
    assert [each.name for each in exported.files] == ["cell-Can.stl", "cell-Jelly_roll_core.stl"]
    assert "Without any voxel: Nothing yet." in exported.notes


def test_an_export_leaves_the_segmentation_as_it_was(overlapping, tmp_path) -> None:
    node, _ = overlapping
    names: list[str] = []
    before = node.GetSegmentation().GetMTime()
    export(node, tmp_path, "stl", "nrrd")
    node.GetSegmentation().GetContainedRepresentationNames(names)
    assert names == ["Binary labelmap"] and node.GetSegmentation().GetMTime() == before


# refusals


def test_a_failed_export_leaves_nothing(overlapping, tmp_path, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("RWTHSAMLib.mrml.results.export.write_gltf", fail)
    with pytest.raises(InputError, match="No space left"):
        export(overlapping[0], tmp_path, "nrrd", "stl", "glb")
    assert not list(tmp_path.iterdir())


def test_a_cancelled_export_leaves_nothing(overlapping, tmp_path, monkeypatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("RWTHSAMLib.mrml.results.export.write_gltf", interrupt)
    with pytest.raises(KeyboardInterrupt):
        export(overlapping[0], tmp_path, "nrrd", "stl", "glb")
    assert not list(tmp_path.iterdir())


def test_a_class_that_is_not_there_is_named(overlapping, tmp_path) -> None:
    with pytest.raises(StateError, match="no class 'Foil'; it has Can, Jelly roll, core, Nothing yet"):
        export(overlapping[0], tmp_path, "nrrd", classes=("Foil",))


def test_an_empty_segmentation_has_no_surface(a_volume, a_scene, tmp_path) -> None:
    node = segments.create_segmentation(a_scene, a_volume, PROFILE)
    with pytest.raises(StateError, match="no surface"):
        export(node, tmp_path, "stl")
    export(node, tmp_path, "nrrd")
    assert not read_volume(tmp_path / "cell-label.nrrd").array_kji.any()


@pytest.mark.parametrize("choices", [{"frame": "LAS"}, {"smoothing": 1.5}, {"decimation": 1.0}])
def test_choices_out_of_range_are_refused(choices) -> None:
    with pytest.raises(RwthSamError):
        ExportSettings(**choices)
