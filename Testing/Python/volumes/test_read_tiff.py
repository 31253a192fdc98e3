"""TIFF files of every program come in as they are meant, with their voxel size; what is missing or odd is said."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

tifffile = pytest.importorskip("tifffile", reason="needs tifffile (install the 'volume' extra)")

from scan_files import cut, grey_values  # noqa: E402

from RWTHSAMLib.errors import VolumeError  # noqa: E402
from RWTHSAMLib.export.tiff_stack import write_tiff_stack  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData, upright_grid  # noqa: E402

IMAGEJ = {"imagej": True, "metadata": {"axes": "ZYX", "spacing": 2, "unit": "um"}, "resolution": (2, 4)}
OME = {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25, "PhysicalSizeZ": 2}}
LAYOUTS = {
    "pages": {"metadata": None},
    "shaped": {},
    "ImageJ": IMAGEJ,
    "OME": OME,
    "BigTIFF": {"bigtiff": True, "metadata": None},
    "big-endian": {"byteorder": ">", "metadata": None},
    "deflated": {"compression": "zlib", "metadata": None},
    "tiled": {"tile": (16, 16), "metadata": None},
    "strips": {"rowsperstrip": 2, "metadata": None},
}


@pytest.fixture
def values_kji() -> np.ndarray:
    return grey_values((5, 20, 30), "u2")


def write_tiff(path: Path, values: np.ndarray, **options: object) -> Path:
    tifffile.imwrite(path, values, **{"photometric": "minisblack", **options})
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read(tmp_path, values_kji, layout) -> None:
    data = read_volume(write_tiff(tmp_path / "a.tif", values_kji, **LAYOUTS[layout]))
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert data.array_kji.dtype == np.uint16 and data.notes == ()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("to", [3, 8, 100, 0.3, 0.5, 0.9, -200, -9, -1])
def test_a_tiff_that_was_cut_short_is_refused(tmp_path, values_kji, layout, to) -> None:
    path = cut(write_tiff(tmp_path / "a.tif", values_kji, **LAYOUTS[layout]), to)
    if isinstance(to, int) and -16 < to < 0 and "compression" not in LAYOUTS[layout]:
        # some layouts end with bytes that mean nothing: what is read without them is whole
        with contextlib.suppress(VolumeError):
            np.testing.assert_array_equal(read_volume(path).array_kji, values_kji)
        return
    with pytest.raises(VolumeError, match="cut short|damaged|not complete") as told:
        read_volume(path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_large_imagej_stack_with_one_page_is_refused_if_cut(tmp_path, values_kji, share) -> None:
    """ImageJ writes stacks beyond 4 GB as one page that is followed by all other slices."""
    path = write_tiff(tmp_path / "a.tif", values_kji, **IMAGEJ)
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        next_page = page.offset + 2 + 12 * len(page.tags)
        start = page.dataoffsets[0]
    content = bytearray(path.read_bytes())
    content[next_page : next_page + 4] = bytes(4)
    path.write_bytes(content[: start + values_kji.nbytes])
    np.testing.assert_array_equal(read_volume(path).array_kji, values_kji)
    path.write_bytes(content[: start + int(share * values_kji.nbytes)])
    with pytest.raises(VolumeError, match="cut short"):
        read_volume(path)


def test_slices_that_were_appended_one_by_one_are_a_stack(tmp_path, values_kji) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for page in values_kji:
            writer.write(page, contiguous=False, photometric="minisblack")
    data = read_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert data.notes == ()


def test_the_largest_of_different_images_is_read_and_it_is_said(tmp_path, values_kji) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(values_kji[0, :4, :4], photometric="minisblack")
        writer.write(values_kji, photometric="minisblack")
    data = read_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "2 images of different layouts" in data.notes[0]


@pytest.mark.parametrize(
    ("unit", "mm"),
    [
        ("um", 1e-3),
        ("\\u00B5m", 1e-3),
        ("micron", 1e-3),
        ("microns", 1e-3),
        ("nm", 1e-6),
        ("mm", 1),
        ("cm", 10),
        ("inch", 25.4),
    ],
)
def test_units_of_imagej_are_heeded(tmp_path, values_kji, unit, mm) -> None:
    about = {"axes": "ZYX", "spacing": 3, "unit": unit}
    path = write_tiff(tmp_path / "a.tif", values_kji, imagej=True, metadata=about, resolution=(2, 4))
    assert read_volume(path).spacing_mm == pytest.approx((mm / 2, mm / 4, 3 * mm))


def test_imagej_s_unit_of_the_third_axis_is_heeded(tmp_path, values_kji) -> None:
    about = {"axes": "ZYX", "spacing": 3, "unit": "mm", "zunit": "um"}
    path = write_tiff(tmp_path / "a.tif", values_kji, imagej=True, metadata=about, resolution=(2, 4))
    data = read_volume(path)
    assert data.spacing_mm == pytest.approx((0.5, 0.25, 0.003)) and data.unit_known


@pytest.mark.parametrize(("name", "unit"), [("unit", "furlong"), ("zunit", "s"), ("yunit", "px?")])
def test_a_unit_that_is_none_of_length_is_said(tmp_path, values_kji, name, unit) -> None:
    about = {"axes": "ZYX", "spacing": 3, "unit": "mm", name: unit}
    data = read_volume(write_tiff(tmp_path / "a.tif", values_kji, imagej=True, metadata=about, resolution=(2, 4)))
    assert not data.unit_known and f"'{unit}', no unit of length" in data.notes[0]


def test_a_calibration_of_grey_values_is_said(tmp_path, values_kji) -> None:
    about = {"axes": "ZYX", "c0": -32768.0, "c1": 1.0}
    data = read_volume(write_tiff(tmp_path / "a.tif", values_kji, imagej=True, metadata=about))
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "-32768 + 1 x value" in data.notes[0]


def test_imagej_s_pixels_are_no_unit(tmp_path, values_kji) -> None:
    about = {"axes": "ZYX", "spacing": 3, "unit": "pixel"}
    data = read_volume(write_tiff(tmp_path / "a.tif", values_kji, imagej=True, metadata=about, resolution=(2, 4)))
    assert not data.unit_known and data.notes == ()


@pytest.mark.parametrize(
    ("unit", "mm"),
    [("\u00b5m", 1e-3), ("nm", 1e-6), ("mm", 1), ("pixel", None), ("reference frame", None), (None, 1e-3)],
)
def test_units_of_ome_are_heeded(tmp_path, values_kji, unit, mm) -> None:
    sizes = {f"PhysicalSize{axis}": size for axis, size in zip("XYZ", (2, 3, 4), strict=True)}
    units = {f"PhysicalSize{axis}Unit": unit for axis in "XYZ"} if unit else {}
    path = write_tiff(tmp_path / "a.tif", values_kji, ome=True, metadata={"axes": "ZYX", **sizes, **units})
    data = read_volume(path)
    assert data.unit_known == (mm is not None)
    assert data.spacing_mm == pytest.approx((2 * mm, 3 * mm, 4 * mm) if mm else (1, 1, 1))


@pytest.mark.parametrize(
    ("unit", "per_unit", "mm"),
    [("CENTIMETER", 500, 0.02), ("INCH", 2540, 0.01), ("INCH", 72, None), ("NONE", 500, None)],
)
def test_a_plain_resolution_is_heeded_unless_it_is_a_printer_s(tmp_path, values_kji, unit, per_unit, mm) -> None:
    path = write_tiff(
        tmp_path / "a.tif", values_kji, metadata=None, resolution=(per_unit, per_unit), resolutionunit=unit
    )
    data = read_volume(path)
    assert data.unit_known == (mm is not None)
    assert data.spacing_mm == pytest.approx((mm, mm, mm) if mm else (1, 1, 1))
    assert ["no distance between slices" in note for note in data.notes] == ([True] if mm else [])


@pytest.mark.parametrize(
    ("compression", "dtype"),
    [
        ("jpeg", "u1"),
        *((each, dtype) for each in ("lzw", "zstd", "lzma", "packbits", "png", "deflate") for dtype in ("u1", "u2")),
    ],
)
def test_compressed_files_are_read(tmp_path, compression, dtype) -> None:
    pytest.importorskip("imagecodecs", reason="needs imagecodecs (install the 'volume' extra)")
    values = grey_values((3, 32, 32), dtype)
    data = read_volume(write_tiff(tmp_path / "a.tif", values, compression=compression, metadata=None))
    np.testing.assert_allclose(data.array_kji, values, atol=40 if compression == "jpeg" else 0)
    assert data.notes == ()


@pytest.mark.parametrize(("predictor", "dtype"), [(True, "u2"), (True, "f4"), (True, "f8"), (2, "u1")])
@pytest.mark.parametrize("compression", ["lzw", "deflate", "zstd"])
def test_predicted_values_are_read(tmp_path, predictor, dtype, compression) -> None:
    pytest.importorskip("imagecodecs", reason="needs imagecodecs (install the 'volume' extra)")
    values = grey_values((3, 20, 30), dtype)
    path = write_tiff(tmp_path / "a.tif", values, compression=compression, predictor=predictor, metadata=None)
    np.testing.assert_array_equal(read_volume(path).array_kji, values)


def test_without_the_decoders_it_is_said_what_to_install(tmp_path, values_kji) -> None:
    pytest.importorskip("imagecodecs", reason="needs imagecodecs (install the 'volume' extra)")
    path = write_tiff(tmp_path / "a.tif", values_kji, compression="lzw")
    program = (
        "import sys; sys.modules['imagecodecs'] = None\n"
        "from RWTHSAMLib.errors import DependencyMissing\n"
        "from RWTHSAMLib.volumes.read import read_volume\n"
        "try: read_volume(sys.argv[1])\n"
        "except DependencyMissing as error: print(error)\n"
    )
    told = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert "pip install imagecodecs" in told.stdout and told.stderr == ""


def test_the_colours_of_a_palette_are_read_and_it_is_said(tmp_path) -> None:
    numbers = grey_values((3, 20, 30), "u1")
    palette = np.random.default_rng(3).integers(0, 2**16, (3, 256)).astype("u2")
    path = write_tiff(tmp_path / "a.tif", numbers, photometric="palette", colormap=palette, metadata=None)
    data = read_volume(path)
    np.testing.assert_array_equal(data.array_kji, (palette >> 8).T[numbers])
    assert "palette" in data.notes[0]


def test_the_greys_of_a_palette_are_read_and_it_is_said(tmp_path) -> None:
    numbers = grey_values((3, 20, 30), "u1")
    palette = np.tile(np.arange(255, -1, -1, dtype="u2") * 257, (3, 1))
    path = write_tiff(tmp_path / "a.tif", numbers, photometric="palette", colormap=palette, metadata=None)
    data = read_volume(path)
    np.testing.assert_array_equal(data.array_kji, 255 - numbers)
    assert "palette" in data.notes[0]


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "f4", "?"])
def test_an_inverted_scale_is_turned_round_and_it_is_said(tmp_path, dtype) -> None:
    values = grey_values((3, 20, 30), "u1").astype(dtype)
    data = read_volume(write_tiff(tmp_path / "a.tif", values, photometric="miniswhite", metadata=None))
    expected = {"u1": 255 - values.astype(int), "u2": 65535 - values.astype(int), "i2": -1 - values.astype(int)}
    expected |= {"f4": values, "?": 1 - values.astype(int)}
    np.testing.assert_array_equal(data.array_kji, expected[dtype])
    assert "MinIsWhite" in data.notes[0]


@pytest.mark.parametrize(("samples", "notes"), [(3, 0), (4, 1)])
@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
def test_colours_are_read_and_lost_transparency_is_said(tmp_path, samples, notes, planarconfig) -> None:
    shape = (2, 20, 30, samples) if planarconfig == "contig" else (2, samples, 20, 30)
    values = grey_values(shape, "u1")
    path = write_tiff(tmp_path / "a.tif", values, photometric="rgb", planarconfig=planarconfig)
    data = read_volume(path)
    colours = values if planarconfig == "contig" else np.moveaxis(values, 1, 3)
    np.testing.assert_array_equal(data.array_kji, colours[..., :3])
    assert len(data.notes) == notes


@pytest.mark.parametrize("axes", ["CYX", "ZCYX"])
def test_the_first_channel_of_several_is_read_and_it_is_said(tmp_path, axes) -> None:
    values = grey_values((4, 2, 20, 30)[-len(axes) :], "u2")
    data = read_volume(write_tiff(tmp_path / "a.tif", values, imagej=True, metadata={"axes": axes}))
    np.testing.assert_array_equal(data.array_kji, values[None, 0] if axes == "CYX" else values[:, 0])
    assert "2 channels" in data.notes[0]


def test_grey_and_transparency_are_grey_and_it_is_said(tmp_path) -> None:
    values = grey_values((20, 30, 2), "u1")
    data = read_volume(
        write_tiff(tmp_path / "a.tif", values, extrasamples=["unassalpha"], planarconfig="contig", metadata=None)
    )
    np.testing.assert_array_equal(data.array_kji, values[None, ..., 0])
    assert "two values" in data.notes[0]


def test_points_in_time_are_slices_and_it_is_said(tmp_path, values_kji) -> None:
    data = read_volume(write_tiff(tmp_path / "a.tif", values_kji, imagej=True, metadata={"axes": "TYX"}))
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "points in time" in data.notes[0]


def test_slices_at_several_points_in_time_are_refused(tmp_path) -> None:
    values = grey_values((2, 3, 20, 30), "u2")
    with pytest.raises(VolumeError, match="dimensions"):
        read_volume(write_tiff(tmp_path / "a.tif", values, imagej=True, metadata={"axes": "TZYX"}))


@pytest.mark.parametrize(("dtype", "words"), [("c8", "complex"), ("f2", None), ("?", None)])
def test_unusual_numbers_are_read_or_refused(tmp_path, dtype, words) -> None:
    values = grey_values((3, 20, 30), "u1").astype(dtype)
    path = write_tiff(tmp_path / "a.tif", values, metadata=None)
    if words:
        with pytest.raises(VolumeError, match=words):
            read_volume(path)
    else:
        np.testing.assert_array_equal(read_volume(path).array_kji, values)


@pytest.mark.parametrize("photometric", ["separated", "cielab"])
def test_colours_of_unusual_kinds_are_refused(tmp_path, photometric) -> None:
    samples = 4 if photometric == "separated" else 3
    values = grey_values((20, 30, samples), "u1")
    with pytest.raises(VolumeError, match="unusual kind"):
        read_volume(write_tiff(tmp_path / "a.tif", values, photometric=photometric, planarconfig="contig"))


@pytest.mark.parametrize("shape", [(64, 64, 1), (64, 1, 64), (1, 64, 64), (1, 1, 64), (64, 1, 1), (1, 1, 1), (3, 4, 3)])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i4"])
def test_what_was_exported_comes_back_in_its_shape(tmp_path, shape, dtype) -> None:
    values = grey_values(shape, dtype)
    write_tiff_stack(VolumeData(values, upright_grid((0.5, 0.25, 2)), "a", True), tmp_path / "a.tif")
    data = read_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(data.array_kji, values)
    assert data.spacing_mm[:2] == pytest.approx((0.5, 0.25))


def test_a_file_of_an_ome_set_whose_other_files_are_missing_is_refused(tmp_path) -> None:
    values = grey_values((2, 20, 30), "u2")
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        'UUID="urn:uuid:1"><Image ID="Image:0" Name="a"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" '
        'SizeX="30" SizeY="20" SizeZ="2" SizeC="1" SizeT="1"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>'
        '<TiffData FirstZ="0" IFD="0" PlaneCount="1"><UUID FileName="a.ome.tif">urn:uuid:1</UUID></TiffData>'
        '<TiffData FirstZ="1" IFD="0" PlaneCount="1"><UUID FileName="b.ome.tif">urn:uuid:2</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    tifffile.imwrite(tmp_path / "a.ome.tif", values[0], description=xml, metadata=None)
    with pytest.raises(VolumeError, match="not complete|could not be read"):
        read_volume(tmp_path / "a.ome.tif")


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_of_a_header_gets_past_a_sentence(tmp_path, seed, capfd) -> None:
    """Random bytes are changed: what comes is a scan or a sentence, and no line of a library."""
    path = write_tiff(tmp_path / "a.tif", grey_values((3, 8, 8), "u2"), **list(LAYOUTS.values())[seed % len(LAYOUTS)])
    content = bytearray(path.read_bytes())
    random = np.random.default_rng(seed)
    for _ in range(3):
        content[random.integers(2, 260)] = random.integers(0, 256)
    path.write_bytes(content)
    try:
        read_volume(path)
    except VolumeError as error:
        assert "\n" not in str(error)
    assert capfd.readouterr().err == ""


def write_pages(path, pages, **about) -> None:
    with tifffile.TiffWriter(path) as writer:
        for page in pages:
            writer.write(page, contiguous=False, photometric="minisblack", **about)


def test_a_preview_among_slices_that_were_appended_does_not_leave_one_slice(tmp_path, values_kji) -> None:
    write_pages(tmp_path / "a.tif", [values_kji[0, ::2, ::2], *values_kji])
    data = read_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "different layouts" in data.notes[0]


def test_a_stack_with_a_slice_of_other_numbers_is_refused(tmp_path, values_kji) -> None:
    write_pages(tmp_path / "a.tif", [*values_kji[:2], values_kji[2].astype(np.float32), *values_kji[3:]])
    with pytest.raises(VolumeError, match="of another kind"):
        read_volume(tmp_path / "a.tif")


def test_the_first_of_two_stacks_alike_is_read_and_it_is_said(tmp_path, values_kji) -> None:
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as writer:
        for stack in (values_kji, values_kji[::-1]):
            writer.write(np.ascontiguousarray(stack), photometric="minisblack", metadata={"axes": "ZYX"})
    data = read_volume(tmp_path / "a.ome.tif")
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert "2 images; the first of the largest was read" in data.notes[0]


def test_slices_of_one_file_with_pixels_of_different_sizes_are_refused(tmp_path, values_kji) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for number, page in enumerate(values_kji):
            writer.write(page, contiguous=False, resolution=(1111 + number, 1111), resolutionunit="CENTIMETER")
    with pytest.raises(VolumeError, match="different sizes"):
        read_volume(tmp_path / "a.tif")


@pytest.mark.parametrize("orientation", [3, 6])
def test_an_orientation_that_is_not_followed_is_said(tmp_path, values_kji, orientation) -> None:
    tifffile.imwrite(tmp_path / "a.tif", values_kji, extratags=[(274, "H", 1, orientation, True)])
    data = read_volume(tmp_path / "a.tif")
    np.testing.assert_array_equal(data.array_kji, values_kji)
    assert f"orientation {orientation}" in data.notes[0]


@pytest.mark.parametrize(("unit", "mm"), [("MILLIMETER", 1), ("MICROMETER", 1e-3)])
def test_metric_units_of_a_resolution_are_heeded(tmp_path, values_kji, unit, mm) -> None:
    tifffile.imwrite(tmp_path / "a.tif", values_kji, resolution=(4.0, 4.0), resolutionunit=unit)
    np.testing.assert_allclose(read_volume(tmp_path / "a.tif").spacing_mm, 0.25 * mm)


def test_the_distance_of_a_stack_that_imagej_turned_round_is_read(tmp_path, values_kji) -> None:
    about = {"axes": "ZYX", "spacing": -3.0, "unit": "um"}
    tifffile.imwrite(tmp_path / "a.tif", values_kji, imagej=True, resolution=(1.0, 1.0), metadata=about)
    np.testing.assert_allclose(read_volume(tmp_path / "a.tif").spacing_mm, (1e-3, 1e-3, 3e-3))
