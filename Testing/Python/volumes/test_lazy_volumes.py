"""Scans that are opened slice by slice hold the same voxels in the same place as those that are read at once."""

from __future__ import annotations

import pickle
import zlib
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("dask", reason="needs dask (install the 'ome-zarr' extra)")
tifffile = pytest.importorskip("tifffile", reason="needs tifffile (install the 'volume' extra)")

from PIL import Image  # noqa: E402
from scan_files import SHAPE_KJI, cut, grey_values, in_space, write_nifti, write_nrrd, write_series  # noqa: E402

from RWTHSAMLib.errors import VolumeError  # noqa: E402
from RWTHSAMLib.export.tiff_stack import write_tiff_stack  # noqa: E402
from RWTHSAMLib.volumes import lazy_volume, nrrd_writing  # noqa: E402
from RWTHSAMLib.volumes.lazy.source import SliceSource  # noqa: E402
from RWTHSAMLib.volumes.open import READ_WHOLE, open_volume  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402
from RWTHSAMLib.volumes.volume_data import upright_grid  # noqa: E402

GREY = grey_values()
UNSIGNED = GREY.astype("u2")
COLOURS = grey_values((*SHAPE_KJI, 3), "u1")


@pytest.fixture(autouse=True)
def blocks_of_two_slices(monkeypatch) -> None:
    """What else is a block of many megabytes."""
    monkeypatch.setattr(lazy_volume, "block_bytes", lambda: 2 * GREY[0].nbytes)


def plain_nrrd(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", GREY, **in_space("(0.5,0.1,0) (-0.1,0.5,0) (0,0,3)"))


def big_endian_nrrd(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", GREY.astype(">i2"), endian="big")


def nrrd_with_bytes_behind(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", GREY.tobytes() + b"more", GREY.shape[::-1])


def nrrd_behind_something(folder: Path) -> Path:
    """The voxels are the end of a file."""
    (folder / "a.raw").write_bytes(b"a header of unknown length" + GREY.tobytes())
    return write_nrrd(folder / "a.nhdr", b"", GREY.shape[::-1], byte_skip="-1", data_file="a.raw")


def gzip_nrrd(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", GREY, encoding="gzip")


def bzip2_nrrd(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", GREY, encoding="bzip2")


def detached_nrrd(folder: Path) -> Path:
    """Two files of three slices each."""
    for number, half in enumerate((GREY[:3], GREY[3:])):
        (folder / f"half{number}.raw").write_bytes(b"skipped" + half.tobytes())
    return write_nrrd(folder / "a.nhdr", b"", GREY.shape[::-1], byte_skip="7", data_file="half%d.raw 0 1 1")


def colour_nrrd(folder: Path) -> Path:
    return write_nrrd(
        folder / "a.nrrd", COLOURS, COLOURS.shape[::-1], kind="uchar", kinds="vector domain domain domain"
    )


def colour_planes_nrrd(folder: Path) -> Path:
    """All red values, then all green ones, then all blue ones."""
    planes = COLOURS.transpose(3, 0, 1, 2)
    return write_nrrd(
        folder / "a.nrrd", planes.copy(), planes.shape[::-1], kind="uchar", kinds="domain domain domain vector"
    )


def one_slice_nrrd(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", GREY[0])


def text_nrrd(folder: Path) -> Path:
    return write_nrrd(folder / "a.nrrd", " ".join(map(str, GREY.ravel())).encode(), GREY.shape[::-1], encoding="text")


def plain_nifti(folder: Path) -> Path:
    return write_nifti(folder / "a.nii", slope=0.5, intercept=-3)


def packed_nifti(folder: Path) -> Path:
    return write_nifti(folder / "a.nii.gz")


def _metaimage(folder: Path, voxels: bytes, **fields: object) -> Path:
    about = {"NDims": 3, "DimSize": " ".join(map(str, GREY.shape[::-1])), "ElementType": "MET_SHORT", **fields}
    lines = [f"{name} = {value}" for name, value in (about | {"ElementDataFile": "a.raw"}).items()]
    (folder / "a.raw").write_bytes(voxels)
    (folder / "a.mhd").write_text("\n".join(lines) + "\n", encoding="ascii")
    return folder / "a.mhd"


def metaimage(folder: Path) -> Path:
    return _metaimage(folder, GREY.tobytes(), ElementSpacing="0.5 0.75 2")


def packed_metaimage(folder: Path) -> Path:
    return _metaimage(folder, zlib.compress(GREY.tobytes()), CompressedData="True")


def _tiff(folder: Path, values: np.ndarray = UNSIGNED, **options: object) -> Path:
    tifffile.imwrite(folder / "a.tif", values, **{"photometric": "minisblack", **options})
    return folder / "a.tif"


def pages(folder: Path) -> Path:
    return _tiff(folder, metadata=None)


def packed_pages(folder: Path) -> Path:
    return _tiff(folder, metadata=None, compression="zlib")


def big_endian_bigtiff(folder: Path) -> Path:
    return _tiff(folder, bigtiff=True, byteorder=">")


def imagej_stack(folder: Path) -> Path:
    return _tiff(folder, imagej=True, metadata={"axes": "ZYX", "spacing": 2, "unit": "um"}, resolution=(2, 4))


def imagej_channels(folder: Path) -> Path:
    return _tiff(folder, np.stack([GREY, GREY + 1], 1).astype("u2"), imagej=True, metadata={"axes": "ZCYX"})


def ome_channels(folder: Path) -> Path:
    return _tiff(
        folder, np.stack([GREY, GREY + 1]).astype("u2"), ome=True, metadata={"axes": "CZYX"}, compression="lzw"
    )


def colour_pages(folder: Path) -> Path:
    return _tiff(folder, COLOURS, photometric="rgb", metadata=None)


def inverted_pages(folder: Path) -> Path:
    return _tiff(folder, GREY.astype("u1"), photometric="miniswhite", metadata=None)


def volumetric_tiff(folder: Path) -> Path:
    """All slices are one picture."""
    return _tiff(folder, np.zeros((16, 32, 32), "u1") + np.arange(16, dtype="u1")[:, None, None], tile=(16, 16, 16))


def pages_that_are_a_series_each(folder: Path) -> Path:
    with tifffile.TiffWriter(folder / "a.tif") as file:
        for values in GREY.astype("u2"):
            file.write(values, photometric="minisblack")
    return folder / "a.tif"


def folder_of_tiffs(folder: Path) -> Path:
    for number, values in enumerate(GREY.astype("u2"), 8):
        tifffile.imwrite(folder / f"slice_{number}.tif", values, photometric="minisblack")
    return folder


def folder_of_pictures(folder: Path) -> Path:
    for number, values in enumerate(GREY.astype("u1"), 8):
        Image.fromarray(values).save(folder / f"slice_{number}.png")
    return folder


def folder_of_one_scan(folder: Path) -> Path:
    plain_nrrd(folder)
    return folder


def dicom_series(folder: Path) -> Path:
    write_series(folder, GREY.astype("u2"))
    return folder


IN_PARTS = [
    plain_nrrd,
    big_endian_nrrd,
    nrrd_with_bytes_behind,
    nrrd_behind_something,
    gzip_nrrd,
    bzip2_nrrd,
    detached_nrrd,
    colour_nrrd,
    colour_planes_nrrd,
    one_slice_nrrd,
    plain_nifti,
    packed_nifti,
    metaimage,
    packed_metaimage,
    pages,
    packed_pages,
    big_endian_bigtiff,
    imagej_stack,
    imagej_channels,
    ome_channels,
    colour_pages,
    inverted_pages,
    pages_that_are_a_series_each,
    folder_of_tiffs,
    folder_of_pictures,
    folder_of_one_scan,
]
WHOLE = [text_nrrd, volumetric_tiff, dicom_series]


@pytest.mark.parametrize("made", [*IN_PARTS, *WHOLE])
def test_a_scan_that_is_opened_is_the_one_that_is_read(tmp_path, made) -> None:
    path = made(tmp_path)
    whole = read_volume(path)
    with open_volume(path) as lazy:
        assert (lazy.name, lazy.unit_known) == (whole.name, whole.unit_known)
        assert np.array_equal(lazy.ijk_to_ras, whole.ijk_to_ras)
        assert lazy.notes == (*whole.notes, *([READ_WHOLE] if made in WHOLE else []))
        assert (lazy.array_kji.shape, lazy.array_kji.dtype) == (whole.array_kji.shape, whole.array_kji.dtype)
        read = lazy.read()
        assert np.array_equal(read.array_kji, whole.array_kji)
        assert read.array_kji.dtype == whole.array_kji.dtype


@pytest.mark.parametrize("made", IN_PARTS)
def test_any_part_of_a_scan_may_be_asked_for(tmp_path, made) -> None:
    path = made(tmp_path)
    whole = read_volume(path).array_kji
    random = np.random.default_rng(7)
    with open_volume(path) as lazy:
        for _ in range(4):
            k, j, i = (np.sort(random.integers(0, count + 1, 2)) for count in whole.shape[:3])
            box = (slice(*k), slice(*j), slice(*i))
            assert np.array_equal(lazy.array_kji[box].compute(), whole[box]), f"seed 7, {box}"
        assert np.array_equal(lazy.array_kji[-1, ::-2].compute(), whole[-1, ::-2])
        assert np.array_equal(lazy.array_kji[::-2].compute(), whole[::-2])


@pytest.mark.parametrize("made", [plain_nrrd, gzip_nrrd, packed_pages, folder_of_tiffs])
def test_an_opened_scan_travels_to_another_process(tmp_path, made) -> None:
    path = made(tmp_path)
    with open_volume(path) as lazy:
        lazy.array_kji[:1].compute()
        travelled = pickle.loads(pickle.dumps(lazy.array_kji))
        assert np.array_equal(travelled.compute(), read_volume(path).array_kji)


class Remembered(SliceSource):
    """Slices of an array, and which of them were asked for together."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, GREY.shape, GREY.dtype)
        self.asked: list[tuple[int, int]] = []

    def read(self, first: int, stop: int) -> np.ndarray:
        self.asked.append((first, stop))
        return GREY[first:stop]

    def close(self) -> None:
        pass


def to_nrrd(volume: lazy_volume.LazyVolume, path: Path) -> None:
    blocks, array = volume.told_blocks(None), volume.array_kji
    nrrd_writing.write_nrrd(path, blocks, array.dtype, array.shape[::-1], volume.ijk_to_ras)


def to_tiff(volume: lazy_volume.LazyVolume, path: Path) -> None:
    write_tiff_stack(volume, path)


@pytest.mark.parametrize(("written", "name"), [(to_nrrd, "a.nrrd"), (to_tiff, "a.tif")])
def test_files_are_written_a_few_slices_at_a_time_each_of_them_read_once(tmp_path, written, name) -> None:
    source = Remembered(tmp_path)
    volume = lazy_volume.lazy_volume(source, upright_grid((1, 2, 3)), "a", True, ())
    written(volume, tmp_path / name)
    assert source.asked == [(0, 2), (2, 4), (4, 6)]
    data = read_volume(tmp_path / name)
    assert np.array_equal(data.array_kji, GREY) and data.spacing_mm == pytest.approx((1, 2, 3))


def test_opening_reads_no_voxels(tmp_path) -> None:
    """A file that claims more than any computer holds, and has it as a hole, is opened at once."""
    sizes = (20_000, 10_000, 500)
    path = write_nrrd(tmp_path / "a.nrrd", b"", sizes, kind="uchar")
    start = path.stat().st_size
    try:
        with path.open("rb+") as file:
            file.truncate(start + int(np.prod(sizes)))
    except OSError:
        pytest.skip("this file system has no files of 100 GB")
    with open_volume(path) as lazy:
        assert lazy.array_kji.shape == sizes[::-1]
        assert lazy.array_kji[499, 5_000, 7].compute() == 0


@pytest.mark.parametrize("made", [plain_nrrd, gzip_nrrd, bzip2_nrrd, packed_nifti, metaimage, packed_metaimage, pages])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_scan_that_was_cut_short_is_refused_with_the_same_words(tmp_path, made, share) -> None:
    path = made(tmp_path)
    cut(path.with_suffix(".raw") if path.suffix == ".mhd" else path, share)
    with pytest.raises(VolumeError) as said:
        read_volume(path)
    with pytest.raises(VolumeError) as said_when_opened, open_volume(path) as lazy:
        lazy.read()
    assert str(said_when_opened.value) == str(said.value)


@pytest.mark.parametrize("made", [gzip_nrrd, bzip2_nrrd, packed_nifti, packed_metaimage])
def test_a_packed_scan_with_a_wrong_check_sum_is_refused(tmp_path, made) -> None:
    path = made(tmp_path)
    packed = path.with_suffix(".raw") if path.suffix == ".mhd" else path
    content = bytearray(packed.read_bytes())
    content[-6 if packed == path else -2] ^= 0xFF
    packed.write_bytes(content)
    with pytest.raises(VolumeError, match="damaged"), open_volume(path) as lazy:
        lazy.read()


@pytest.mark.parametrize("odd", [GREY[0, :-1].astype("u2"), GREY[0].astype("u1")], ids=["smaller", "of another kind"])
def test_a_slice_that_does_not_fit_is_named_before_voxels_are_read(tmp_path, odd) -> None:
    folder_of_tiffs(tmp_path)
    tifffile.imwrite(tmp_path / "slice_10.tif", odd, photometric="minisblack")
    with pytest.raises(VolumeError) as said:
        read_volume(tmp_path)
    with pytest.raises(VolumeError, match=r"slice_10\.tif' does not fit into a stack") as said_when_opened:
        open_volume(tmp_path)
    assert str(said_when_opened.value) == str(said.value)


def test_a_picture_that_does_not_fit_is_named_when_it_is_read(tmp_path) -> None:
    folder_of_pictures(tmp_path)
    Image.fromarray(GREY[0, :-1].astype("u1")).save(tmp_path / "slice_10.png")
    with open_volume(tmp_path) as lazy, pytest.raises(VolumeError, match=r"slice_10\.png' does not fit into a stack"):
        lazy.read()


@pytest.mark.parametrize("name", ["nothing.nrrd", "nothing.ome.zarr"])
def test_a_scan_that_is_not_there_is_named(tmp_path, name) -> None:
    with pytest.raises(VolumeError, match="There is no file or folder"):
        open_volume(tmp_path / name)
