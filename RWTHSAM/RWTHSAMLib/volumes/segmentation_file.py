"""Segmentations on disk, looked through before anything else reads them, and written anew where that is needed.

Slicer's reader ends the whole process at a file that is cut short, and loses segments without a word where labels are
not stated. So it is given only what is whole and says all that it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..core.system.atomic_file import replacing
from ..core.system.file_name import check_name
from ..errors import VolumeError
from .formats.color_table import NamedLabel, named_labels, table_beside
from .formats.kinds import NRRD, PICTURES, TIFF, is_ome_zarr, kind_of
from .formats.nrrd import stored_voxels
from .formats.nrrd_header import NrrdHeader, read_header
from .formats.segment_keys import (
    CLASS_ID_TAG,
    NO_OFFSET,
    OFFSET_KEY,
    SegmentEntry,
    check_few,
    check_offset,
    entries_of,
    keys_of,
    labels_in,
    with_labels,
)
from .formats.stored import stored_array
from .nrrd_writing import write_nrrd
from .ome_zarr.labels import read_labels
from .read import read_volume
from .volume_data import VolumeData

_PLAIN_FIELDS = {
    "type",
    "dimension",
    "space",
    "sizes",
    "spacedirections",
    "kinds",
    "endian",
    "encoding",
    "spaceorigin",
}
_PLAIN_SPACES = ("left-posterior-superior", "right-anterior-superior")
_PLAIN_ENCODINGS = ("raw", "gzip", "gz")
_NO_COLOR = (0.5, 0.5, 0.5)
_TYPES = {"u1": "uchar", "u2": "ushort", "u4": "uint", "i1": "int8", "i2": "short", "i4": "int"}


@dataclass(frozen=True, eq=False)
class SegmentationFile:
    """What a file holds.

    Attributes
    ----------
    layers : tuple of numpy.ndarray
        (k, j, i) labels each; 0 is the background.
    ijk_to_ras : numpy.ndarray
        (4, 4), voxel index to Slicer's world in mm.
    entries : tuple of SegmentEntry
        The segments; empty where the file names none.
    keys : mapping of str to str
        What the file says beside its voxels, in the words of Slicer, complete.
    is_plain : bool
        Whether Slicer's reader understands the file as it is.
    notes : tuple of str
        What was assumed.
    has_place : bool
        Whether the kind of file says where its voxels lie and how they are turned; pictures do not.
    """

    layers: tuple[np.ndarray, ...]
    ijk_to_ras: np.ndarray
    entries: tuple[SegmentEntry, ...]
    keys: Mapping[str, str]
    is_plain: bool
    notes: tuple[str, ...]
    has_place: bool = True


def read_segmentation_file(path: Path) -> SegmentationFile:
    """Read and look through a ``.seg.nrrd``, or a labelmap in any kind of file that scans are read from.

    Raises
    ------
    VolumeError
        If the file is absent, damaged or cut short, holds no labels, or does not say which voxels its segments have.
    """
    path = Path(path)
    check_name(path)
    try:
        if path.exists() and is_ome_zarr(path):
            return _of_label_image(path)
        if path.is_dir():
            raise VolumeError(f"'{path}' is a folder, expected the file of a segmentation.")
        if not path.is_file():
            raise VolumeError(f"There is no file '{path}'.")
        if path.stat().st_size == 0:
            raise VolumeError(f"'{path}' is empty.")
        return _of_nrrd(path) if kind_of(path) == NRRD else _of_labelmap(path)
    except MemoryError as error:
        raise VolumeError(f"'{path}' does not fit into memory.") from error
    except OSError as error:
        raise VolumeError(f"'{path}' could not be read: {error.strerror or error}.") from error


@contextmanager
def readable_by_slicer(path: Path, held: SegmentationFile) -> Iterator[Path]:
    """A file for Slicer's reader: the given one, or one with the same content that is gone afterwards."""
    if held.is_plain:
        yield path
        return
    with TemporaryDirectory(prefix="rwthsam-") as folder:
        written = Path(folder) / "segmentation.seg.nrrd"
        _write(held, written, compressed=False)
        yield written


def write_segmentation_file(held: SegmentationFile, path: Path) -> None:
    """Write a segmentation as a ``.seg.nrrd``; the file is either old or new, never half of each.

    Unlike Slicer's own writer it lets other threads of the process work meanwhile.

    Parameters
    ----------
    held : SegmentationFile
        With complete keys.
    path : Path

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    with replacing(path) as unfinished:
        _write(held, unfinished, compressed=True)


def _of_nrrd(path: Path) -> SegmentationFile:
    header = read_header(path)
    check_offset(header.keys, path)
    stored = stored_voxels(header, may_be_list=True)
    array, notes = stored_array(stored, path)
    has_layers = stored.component_axis is not None
    layers = tuple(_labels(array[..., layer], path) for layer in range(array.shape[-1])) if has_layers else None
    layers = layers or (_labels(array, path),)
    layers, is_widened = _widened(layers)
    stated = entries_of(header.keys, path)
    if not stated:
        check_few(layers, path)
        if len(layers) == 1 and (named := _named(path, layers, header.keys))[0]:
            return SegmentationFile(layers, stored.ijk_to_ras, named[0], named[1], False, (*notes, *named[2]))
    entries, said = with_labels(stated, layers, path)
    keys, extents_fit = keys_of(header.keys, entries, layers)
    # without the offset Slicer's reader writes a line of its own
    is_plain = (
        not is_widened
        and OFFSET_KEY in header.keys
        and extents_fit
        and entries == stated
        and _is_plain(header, stored.dtype)
    )
    return SegmentationFile(layers, stored.ijk_to_ras, entries, keys, is_plain, (*notes, *said))


def _of_labelmap(path: Path) -> SegmentationFile:
    data = read_volume(path)
    if data.array_kji.ndim != 3:
        raise VolumeError(f"'{path}' is a colour image, not a segmentation.")
    layers = _layers_of(data, path)
    entries, keys, said = _named(path, layers, {OFFSET_KEY: NO_OFFSET})
    has_place = kind_of(path) not in (TIFF, PICTURES)
    return SegmentationFile(layers, data.ijk_to_ras, entries, keys, False, (*data.notes, *said), has_place)


def _of_label_image(path: Path) -> SegmentationFile:
    data, named = read_labels(path)
    layers = _layers_of(data, path)
    keys: Mapping[str, str] = {OFFSET_KEY: NO_OFFSET}
    entries: tuple[SegmentEntry, ...] = ()
    if named:
        entries, keys = _entries_of(named, layers, keys)
    return SegmentationFile(layers, data.ijk_to_ras, entries, keys, False, data.notes)


def _layers_of(data: VolumeData, path: Path) -> tuple[np.ndarray, ...]:
    layers, _ = _widened((_labels(data.array_kji, path),))
    check_few(layers, path)
    return layers


def _named(
    path: Path, layers: tuple[np.ndarray, ...], said: Mapping[str, str]
) -> tuple[tuple[SegmentEntry, ...], Mapping[str, str], tuple[str, ...]]:
    """Segments of a labelmap (k, j, i) as a colour table beside it names them; none without a table."""
    table = table_beside(path)
    if table is None:
        return (), said, ()
    entries, keys = _entries_of(named_labels(table), layers, said)
    return entries, keys, (f"Names and colours of the labels are those of '{table.name}'.",)


def entries_of_labels(named: Mapping[int, NamedLabel]) -> tuple[tuple[SegmentEntry, ...], dict[str, str]]:
    """Segments of labels in one layer, and what a file says of them, but for where they lie."""
    return _named_entries(named, sorted(named), {OFFSET_KEY: NO_OFFSET})


def _entries_of(
    named: Mapping[int, NamedLabel], layers: tuple[np.ndarray, ...], said: Mapping[str, str]
) -> tuple[tuple[SegmentEntry, ...], Mapping[str, str]]:
    entries, keys = _named_entries(named, sorted(labels_in(layers[0])), said)
    complete, _ = keys_of(keys, entries, layers)
    return entries, complete


def _named_entries(
    named: Mapping[int, NamedLabel], labels: Sequence[int], said: Mapping[str, str]
) -> tuple[tuple[SegmentEntry, ...], dict[str, str]]:
    entries, keys = [], {**said}
    for number, label in enumerate(labels):
        row = named.get(label, NamedLabel(label, f"Label {label}", _NO_COLOR))
        entries.append(SegmentEntry(number, f"Label_{label}", row.name, 0, label))
        about = {"ID": f"Label_{label}", "Name": row.name, "Color": " ".join(f"{part:.6g}" for part in row.color)}
        about |= {"Tags": f"{CLASS_ID_TAG}:{row.class_id}|"} if re.fullmatch(r"[\w.-]+", row.class_id) else {}
        keys |= {f"Segment{number}_{key}": value for key, value in about.items()}
    return tuple(entries), keys


def _widened(layers: tuple[np.ndarray, ...]) -> tuple[tuple[np.ndarray, ...], bool]:
    """Layers of a single voxel with an empty one beside it, and whether that was done.

    Slicer takes a file of one voxel for one without any and then asks for voxels that are not there, which ends the
    process.
    """
    if layers[0].size > 1:
        return layers, False
    return tuple(np.pad(each, ((0, 0), (0, 0), (0, 1))) for each in layers), True


def _labels(array: np.ndarray, path: Path) -> np.ndarray:
    """Whole numbers that Slicer's labelmaps can hold."""
    if array.dtype.kind == "f" and not (np.isfinite(array).all() and (array == np.rint(array)).all()):
        raise VolumeError(f"'{path}' is no segmentation: its voxels are no whole numbers.")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high > np.iinfo(np.int32).max:
        raise VolumeError(f"'{path}' is no segmentation: its voxels are {low} to {high}, expected labels from 0.")
    if array.dtype.kind != "f" and array.dtype.str[1:] in _TYPES:
        return array
    return array.astype(np.min_scalar_type(high) if high < 2**16 else np.int32)


def _is_plain(header: NrrdHeader, dtype: np.dtype) -> bool:
    fields = header.fields
    kinds = set(header.kinds)
    return (
        set(fields) <= _PLAIN_FIELDS | {"measurementframe"}
        and {"space", "spacedirections", "spaceorigin", "kinds"} <= set(fields)
        and header.data_file is None
        and fields["space"] in _PLAIN_SPACES
        and fields["encoding"] in _PLAIN_ENCODINGS
        and header.kinds[-3:] == ("domain",) * 3
        and kinds <= {"domain", "list", "vector"}
        and len(header.sizes) == 3 + ("domain" not in header.kinds[:1])
        and dtype.str[1:] in _TYPES
    )


def _write(held: SegmentationFile, path: Path, *, compressed: bool) -> None:
    layers = held.layers
    sizes = layers[0].shape[::-1]
    sizes = (len(layers), *sizes) if len(layers) > 1 else sizes
    dtype = np.result_type(*layers)
    write_nrrd(path, _slices(layers), dtype, sizes, held.ijk_to_ras, keys=held.keys, compressed=compressed)


def _slices(layers: tuple[np.ndarray, ...]) -> Iterator[np.ndarray]:
    for k in range(len(layers[0])):
        of_slice = [layer[k] for layer in layers]
        yield np.stack(of_slice, axis=-1) if len(layers) > 1 else of_slice[0]
