"""Masks of one slice, kept as small as their bounding box."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from ..errors import InputError

Bounds = tuple[int, int, int, int]
"""(x_min, y_min, x_max, y_max) in pixels, both corners inside."""


@dataclass(frozen=True, eq=False)
class Mask:
    """Pixels that belong to an object on one slice.

    Attributes
    ----------
    shape_yx : tuple of int
        Rows and columns of the whole slice.
    origin_xy : tuple of int
        Column and row of the first pixel of `pixels`.
    pixels : numpy.ndarray
        bool, (rows, columns) of the bounding box only; (0, 0) for an empty mask.
    """

    shape_yx: tuple[int, int]
    origin_xy: tuple[int, int]
    pixels: np.ndarray

    @classmethod
    def from_array(cls, array_yx: np.ndarray) -> Mask:
        """Mask of the non-zero pixels of a whole slice, cropped to their bounding box."""
        array = np.asarray(array_yx)
        if array.ndim != 2:
            raise InputError(f"A mask has shape (rows, columns), not {array.shape}.")
        array = array.astype(bool, copy=False)
        rows, columns = np.flatnonzero(array.any(axis=1)), np.flatnonzero(array.any(axis=0))
        shape = (array.shape[0], array.shape[1])
        if rows.size == 0:
            return cls(shape, (0, 0), np.zeros((0, 0), bool))
        top, left = int(rows[0]), int(columns[0])
        return cls(shape, (left, top), array[top : rows[-1] + 1, left : columns[-1] + 1].copy())

    def to_array(self) -> np.ndarray:
        """The whole slice: bool, (rows, columns)."""
        whole = np.zeros(self.shape_yx, bool)
        x, y = self.origin_xy
        whole[y : y + self.pixels.shape[0], x : x + self.pixels.shape[1]] = self.pixels
        return whole

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.pixels))

    @property
    def is_empty(self) -> bool:
        """Whether no pixel belongs to the mask."""
        return self.pixels.size == 0

    @property
    def bounds_xyxy(self) -> Bounds:
        """Bounding box, both corners inside.

        Raises
        ------
        InputError
            If the mask is empty.
        """
        if self.is_empty:
            raise InputError("An empty mask has no bounding box.")
        x, y = self.origin_xy
        return x, y, x + self.pixels.shape[1] - 1, y + self.pixels.shape[0] - 1


@dataclass(frozen=True)
class PackedMask:
    """A mask that is not empty, some hundred times smaller: for keeping and sending thousands of them.

    Attributes
    ----------
    shape_yx : tuple of int
        Rows and columns of the whole slice.
    bounds_xyxy : Bounds
        Bounding box, both corners inside.
    area : int
        Number of pixels.
    data : bytes
        Pixels of the bounding box, row by row, one bit each, compressed (zlib).
    """

    shape_yx: tuple[int, int]
    bounds_xyxy: Bounds
    area: int
    data: bytes

    @classmethod
    def of(cls, mask: Mask) -> PackedMask:
        """Pack a mask.

        Raises
        ------
        InputError
            If it is empty.
        """
        return cls(mask.shape_yx, mask.bounds_xyxy, mask.area, zlib.compress(np.packbits(mask.pixels).tobytes(), 1))

    def unpack(self) -> Mask:
        """The mask again.

        Raises
        ------
        InputError
            If the data are damaged.
        """
        x0, y0, x1, y1 = self.bounds_xyxy
        rows, columns = y1 - y0 + 1, x1 - x0 + 1
        try:
            bits = np.frombuffer(zlib.decompress(self.data, bufsize=rows * columns // 8 + 1), np.uint8)
            pixels = np.unpackbits(bits, count=rows * columns).reshape(rows, columns).astype(bool)
        except (zlib.error, ValueError) as error:
            raise InputError(f"A packed mask of {rows} x {columns} pixels is damaged: {error}.") from error
        return Mask(self.shape_yx, (x0, y0), pixels)


class CompactMask(Mask):
    """A mask whose pixels are packed, and unpacked whenever they are asked for: for keeping one for every slice.

    Parameters
    ----------
    packed : PackedMask
    """

    def __init__(self, packed: PackedMask) -> None:
        object.__setattr__(self, "shape_yx", packed.shape_yx)
        object.__setattr__(self, "origin_xy", packed.bounds_xyxy[:2])
        object.__setattr__(self, "packed", packed)

    @property
    def pixels(self) -> np.ndarray:
        """See `Mask`."""
        packed: PackedMask = self.__dict__["packed"]
        return packed.unpack().pixels

    @property
    def area(self) -> int:
        """Number of pixels."""
        packed: PackedMask = self.__dict__["packed"]
        return packed.area

    @property
    def is_empty(self) -> bool:
        """Whether no pixel belongs to the mask; none that is packed is empty."""
        return False

    @property
    def bounds_xyxy(self) -> Bounds:
        """Bounding box, both corners inside."""
        packed: PackedMask = self.__dict__["packed"]
        return packed.bounds_xyxy


def compact(mask: Mask) -> Mask:
    """The same mask in less memory."""
    return mask if mask.is_empty or isinstance(mask, CompactMask) else CompactMask(PackedMask.of(mask))


def dice(first: np.ndarray, second: np.ndarray) -> float:
    """Dice coefficient of two masks of one shape, bool or numbers; 1.0 where both are empty (Dice 1945)."""
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    total = int(np.count_nonzero(first)) + int(np.count_nonzero(second))
    return 2.0 * int(np.count_nonzero(first & second)) / total if total else 1.0


def iou(first: Mask, second: Mask) -> float:
    """Intersection over union of two masks of equal slices (rows, columns); 0 where either is empty."""
    if first.is_empty or second.is_empty:
        return 0.0
    a, b = first.bounds_xyxy, second.bounds_xyxy
    x0, y0, x1, y1 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    if x1 < x0 or y1 < y0:
        return 0.0
    shared = np.count_nonzero(_part(first, x0, y0, x1, y1) & _part(second, x0, y0, x1, y1))
    return float(shared / (first.area + second.area - shared))


def _part(mask: Mask, x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    x, y = mask.origin_xy
    return mask.pixels[y0 - y : y1 + 1 - y, x0 - x : x1 + 1 - x]


@dataclass(frozen=True, eq=False)
class Candidate:
    """One mask that the model offers.

    Attributes
    ----------
    mask : Mask
        In pixels of the slice.
    predicted_iou : float
        The model's own estimate of the mask's quality.
    logits : numpy.ndarray
        float32, (h, w): the low-resolution mask that a further prompt refines; SAM's has 256 x 256 numbers.
    """

    mask: Mask
    predicted_iou: float
    logits: np.ndarray


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The model's answer to the prompts of one slice.

    Attributes
    ----------
    candidates : tuple of Candidate
        After the first prompt up to three, the highest predicted IoU first; afterwards one.
    chosen : int
        Index of the one to show and to refine.
    """

    candidates: tuple[Candidate, ...]
    chosen: int = 0

    @property
    def best(self) -> Candidate:
        """The chosen candidate."""
        return self.candidates[self.chosen]
