"""What the encoder is given equals upstream's preparation, number by number."""

from __future__ import annotations

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")

from RWTHSAMLib.core.image import SliceImage  # noqa: E402
from RWTHSAMLib.inference.preprocess import encoder_input, input_size_of  # noqa: E402

MEAN, STD = np.array([123.675, 116.28, 103.53], np.float32), np.array([58.395, 57.12, 57.375], np.float32)


def plain_input(image: SliceImage, frame: int) -> np.ndarray:
    """Resized as a colour picture, normalised and padded, in as many steps as it is told in."""
    rows, columns = input_size_of(image.shape_yx, frame)
    resized = np.asarray(Image.fromarray(image.rgb()).resize((columns, rows), Image.Resampling.BILINEAR))
    padded = np.zeros((1, 3, frame, frame), np.float32)
    padded[0, :, :rows, :columns] = ((resized.astype(np.float32) - MEAN) / STD).transpose(2, 0, 1)
    return padded


@pytest.mark.parametrize("shape", [(60, 90), (91, 40), (64, 64), (50, 70, 3)])
@pytest.mark.parametrize("frame", [64, 128])
def test_the_fast_way_gives_the_same_numbers(shape: tuple[int, ...], frame: int) -> None:
    image = SliceImage(np.random.default_rng(5).integers(0, 256, shape).astype(np.uint8))
    np.testing.assert_array_equal(encoder_input(image, frame), plain_input(image, frame))
