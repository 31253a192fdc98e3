"""``rwthsam auto`` in blocks of slices, which any process may look through: the same objects as of the command."""

from __future__ import annotations

import argparse
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...algorithms.automatic.detected_objects import DetectedObjects
from ...algorithms.automatic.found_block import FoundBlock, block_of_json, block_to_json
from ...algorithms.automatic.linking import pairs
from ...batch.pieces import Pieces
from ...batch.task import Product
from ...core.json_document import Node
from ...core.slices import ARRAY_AXIS, Axis
from ...core.window import Window
from ...errors import InputError, StateError
from ...inference.engine import SamEngine
from ...models.openvino_runtime import THREADS_VARIABLE
from ...record.step_codec import made_with_of, made_with_to_dict
from ...volumes.scan import proposed_window
from ..auto_command import AutoRequest, check, known_window, load_engine, look_through, slice_keys
from ..auto_writing import AutoTarget, write_found
from ..reading import open_scan
from ..recorded import made_now
from .scan_parts import opened, slices_of, slices_of_chunk

Range = tuple[int, int]
"""First and last slice."""


def prepare(pieces: Pieces, given: argparse.Namespace, asked: AutoRequest, facts: str) -> Product:
    """What has to be known of a scan before its slices are looked through."""
    volume = opened(given, facts)
    keys = slice_keys(given, volume.array_kji.shape)
    window = known_window(given, asked.profile) or proposed_window(volume)
    slice_bytes = volume.byte_count // volume.array_kji.shape[ARRAY_AXIS[given.axis]]
    return Product(
        {
            "shape_kji": list(volume.array_kji.shape[:3]),
            "first": keys[0].index,
            "last": keys[-1].index,
            "window": [window.lower, window.upper],
            "slice_bytes": slice_bytes,
            "slices_of_chunk": slices_of_chunk(volume, given.axis),
            "facts": facts,
            "said": list(volume.notes),
        }
    )


def look_through_block(
    pieces: Pieces, given: argparse.Namespace, asked: AutoRequest, prepared: dict[str, Any], block: Range
) -> Product:
    """Masks of some slices, all that is measured of them, and which of them go on in the next slice."""
    window = Window(*prepared["window"])
    volume = opened(given, prepared["facts"], tuple(prepared["shape_kji"]))
    engine = engine_for(given)
    found = DetectedObjects(given.axis, volume.spacing_mm, asked.linking.least_overlap)
    for key, values in slices_of(volume, given.axis, *block):
        look_through(found, engine, key, values, window, asked)
    made_with = made_now(engine, window)
    kept = {"found": block_to_json(found.block()), "made_with": made_with_to_dict(made_with)}
    return Product({"slices": block[1] - block[0] + 1}, kept)


def link_blocks(pieces: Pieces, axis: Axis, least_overlap: float, parts: list[list[Any]]) -> Product:
    """Which masks go on from a part of the scan to the next; what was linked within the parts goes along.

    Parameters
    ----------
    parts : list of [list of (str, Range), list]
        Of each part, in their order: keys and slices of its first and last block, and what is linked already.
    """
    joined = [each for part in parts for each in part[1]]
    for before, after in zip(parts, parts[1:], strict=False):
        (_, (last_key, last_range)), ((first_key, first_range), _) = before[0], after[0]
        one = _block(pieces, last_key, axis).masks[last_range[1]]
        other = _block(pieces, first_key, axis).masks[first_range[0]]
        first, second = ([each.found.mask.unpack() for each in masks] for masks in (one, other))
        joined.append([last_range[1], [list(pair) for pair in pairs(first, second, least_overlap)]])
    return Product({"joined": joined})


def finish(
    pieces: Pieces, given: argparse.Namespace, prepared: dict[str, Any], keys: list[str], joined: list[Any]
) -> None:
    """Objects of all blocks, written as the command writes them."""
    asked = check(given)
    with open_scan(given.volume, given.voxel_size, prepared["shape_kji"]) as scan:
        found = DetectedObjects(given.axis, scan.spacing_mm, asked.linking.least_overlap, asked.choices.min_slices)
        for key in keys:
            found.put_block(_block(pieces, key, given.axis))
        for first, every in joined:
            found.join(first, [(one, other) for one, other in every])
        made_with = made_with_of(Node(_kept(pieces, keys[0])["made_with"], "", InputError))
        target = AutoTarget(given.output, asked.table, asked.profile, asked.choices, asked.linking, given.keep_doubtful)
        write_found(target, scan, found, made_with)


def engine_for(given: argparse.Namespace) -> SamEngine:
    """The network of a step; a process keeps the one that it has loaded last, for as many threads as that was for."""
    threads = os.environ.get(THREADS_VARIABLE, "")
    return _engine(given.model, given.weights, given.device, given.backend, given.precision, threads)


@lru_cache(maxsize=1)
def _engine(
    model: str | None, weights: Path | None, device: str, backend: str, precision: str, threads: str
) -> SamEngine:
    return load_engine(
        argparse.Namespace(model=model, weights=weights, device=device, backend=backend, precision=precision)
    )


def _block(pieces: Pieces, key: str, axis: Axis) -> FoundBlock:
    return block_of_json(_kept(pieces, key)["found"], axis)


def _kept(pieces: Pieces, key: str) -> dict[str, Any]:
    piece = pieces.read(key)
    if piece is None:
        raise StateError(f"'{pieces.path(key)}' is missing or was damaged while the job ran: run it again.")
    kept: dict[str, Any] = piece["kept"]
    return kept
