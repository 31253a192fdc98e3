"""Units of length are known in every spelling that files hold."""

from __future__ import annotations

import pytest

from RWTHSAMLib.volumes.formats.units import mm_per


@pytest.mark.parametrize(
    ("words", "mm"),
    [
        (["nm", "NM", "nanometer", "Nanometres"], 1e-6),
        (["um", "UM", "\u00b5m", "\u03bcm", "\\u00B5m", "\\u00b5m", "\u00c2\u00b5m", "micron", "Microns"], 1e-3),
        (["micrometer", "micrometre", "Micrometers", " um ", "um\0"], 1e-3),
        (["mm", "MM", "millimeter", "Millimetres"], 1),
        (["cm", "CM", "centimetre"], 10),
        (["m", "M", "meter", "metres"], 1000),
        (["in", "inch", "Inches", '"'], 25.4),
        (["\u00c5", "angstrom"], 1e-7),
    ],
)
def test_a_unit_is_known_however_it_is_spelled(words, mm) -> None:
    assert [mm_per(word) for word in words] == [mm] * len(words)


@pytest.mark.parametrize("word", ["", "pixel", "voxel", "Mm", "s", "degree", "px", "mm^3"])
def test_what_is_no_length_is_no_unit(word) -> None:
    assert mm_per(word) is None
