"""The quality of made-up cells, whose ellipses, offsets, dents and gaps are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs scipy")

from RWTHSAMLib.algorithms.quality.cell import cell_quality
from RWTHSAMLib.algorithms.quality.files import json_of, write_quality, write_quality_along
from RWTHSAMLib.algorithms.quality.on_slice import quality_on_slice
from RWTHSAMLib.algorithms.quality.outline import circle_through, circle_without_dents, outline_of
from RWTHSAMLib.algorithms.quality.overhang import Overhang
from RWTHSAMLib.algorithms.quality.roles import roles_of
from RWTHSAMLib.errors import StateError

PIXELS = [(0.1, 0.1), (0.08, 0.11)]
"""Along columns and rows, in mm."""
SIZE_MM = 20.0


def places(pixel: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Distance in mm of every pixel from the middle of a square of 20 mm, along columns and rows."""
    columns, rows = (round(SIZE_MM / each) for each in pixel)
    return (np.arange(columns) * pixel[0] - SIZE_MM / 2)[None], (np.arange(rows) * pixel[1] - SIZE_MM / 2)[:, None]


def disc(pixel: tuple[float, float], radius: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    across, down = places(pixel)
    return np.asarray((across - x) ** 2 + (down - y) ** 2 < radius**2)


def ring(pixel: tuple[float, float], inner: float, outer: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    return disc(pixel, outer, x, y) & ~disc(pixel, inner, x, y)


@pytest.mark.parametrize("pixel", PIXELS)
@pytest.mark.parametrize("turned_deg", [0, 30, 77])
def test_an_ellipse_is_as_eccentric_as_it_is(pixel, turned_deg) -> None:
    across, down = places(pixel)
    turn = np.radians(turned_deg)
    u, v = across * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - across * np.sin(turn)
    core = (u / 6) ** 2 + (v / 4.5) ** 2 < 1
    found = quality_on_slice({"core": core}, pixel)
    assert found["core_roundness"] == pytest.approx(4.5 / 6, abs=0.003)
    assert found["core_eccentricity"] == pytest.approx(np.sqrt(1 - (4.5 / 6) ** 2), abs=0.004)
    assert found["core_diameter"] == pytest.approx(2 * np.sqrt(6 * 4.5), rel=0.002)
    assert found["core_deviation"] == pytest.approx(6 - 4.5, abs=max(pixel))
    assert found["core_dent"] == pytest.approx((6 - 4.5) / 2, abs=max(pixel))


def test_the_moments_of_few_pixels_are_those_of_their_squares() -> None:
    mask = np.zeros((7, 9), bool)
    mask[2:4, 1:7] = True
    outline = outline_of(mask, (0.5, 0.25))
    assert outline.axes_mm == pytest.approx((4 * 6 * 0.5 / np.sqrt(12), 4 * 2 * 0.25 / np.sqrt(12)))
    assert outline.area_mm2 == 12 * 0.125 and outline.centre_mm_xy == pytest.approx((3.5 * 0.5, 2.5 * 0.25))


@pytest.mark.parametrize("pixel", PIXELS)
def test_what_ends_with_the_slice_ends_at_the_outer_side_of_its_last_pixels(pixel) -> None:
    whole = np.ones((20, 30), bool)
    edge = outline_of(whole, pixel).edge_mm()
    assert edge[0] - edge[180] == pytest.approx((30 * pixel[0], 0), abs=1e-3)
    assert edge[90] - edge[270] == pytest.approx((0, 20 * pixel[1]), abs=1e-3)


@pytest.mark.parametrize("pixel", PIXELS)
def test_a_circle_is_round_undented_and_where_it_is(pixel) -> None:
    parts = {"core": disc(pixel, 2.5, 0.7, -0.4), "can": ring(pixel, 8.7, 9.0)}
    found = quality_on_slice(parts, pixel)
    for part in ("core", "can"):
        assert found[f"{part}_roundness"] > 0.995 and found[f"{part}_eccentricity"] < 0.1
        assert found[f"{part}_deviation"] < 1.5 * max(pixel)
    assert found["core_dent"] < 0.8 * max(pixel) and "can_dent" not in found
    assert found["can_diameter"] == pytest.approx(18, rel=0.002)
    assert found["core_offset_x"] == pytest.approx(0.7, abs=0.01)
    assert found["core_offset_y"] == pytest.approx(-0.4, abs=0.01)
    assert found["core_offset"] == pytest.approx(np.hypot(0.7, 0.4), abs=0.01)


@pytest.mark.parametrize("pixel", PIXELS)
@pytest.mark.parametrize("depth", [0.3, 0.8])
def test_a_dent_is_as_deep_as_it_is(pixel, depth) -> None:
    # a disc of radius 1.2 whose inner end lies so far inside the core's edge
    core = disc(pixel, 4.0) & ~disc(pixel, 1.2, 4.0 - depth + 1.2, 0)
    assert quality_on_slice({"core": core}, pixel)["core_dent"] == pytest.approx(depth, abs=0.7 * max(pixel))


@pytest.mark.parametrize("pixel", PIXELS)
@pytest.mark.parametrize("depth", [0.4, 1.0, 1.4])
def test_a_flat_side_is_as_deep_as_it_is_however_broad(pixel, depth) -> None:
    across, _ = places(pixel)
    core = disc(pixel, 4.0) & (across < 4.0 - depth)
    assert quality_on_slice({"core": core}, pixel)["core_dent"] == pytest.approx(depth, abs=0.7 * max(pixel))


def test_an_ellipse_is_dented_by_half_the_difference_of_its_half_axes() -> None:
    across, down = places((0.05, 0.05))
    core = np.asarray((across / 4) ** 2 + (down / 3.2) ** 2 < 1)
    assert quality_on_slice({"core": core}, (0.05, 0.05))["core_dent"] == pytest.approx(0.4, abs=0.04)


def test_a_dent_pulls_the_circle_of_all_places_but_not_the_one_without_it() -> None:
    core = disc((0.05, 0.05), 4.0) & ~disc((0.05, 0.05), 2.5, 5.0, 0)
    outline = outline_of(core, (0.05, 0.05))
    assert circle_without_dents(outline.edge_mm(), 0.05).radius_mm == pytest.approx(4.0, abs=0.02)
    assert circle_through(outline.edge_mm()).radius_mm < 3.9


@pytest.mark.parametrize("pixel", PIXELS)
def test_a_roll_with_its_hole_aside_is_thick_and_thin(pixel) -> None:
    roll = disc(pixel, 7.0) & ~disc(pixel, 2.0, 0.5, 0)
    found = quality_on_slice({"roll": roll}, pixel)
    assert found["roll_thickness_min"] == pytest.approx(7 - 2.5, abs=max(pixel))
    assert found["roll_thickness_max"] == pytest.approx(7 - 1.5, abs=max(pixel))
    angles = np.radians(np.arange(360))
    inner = 0.5 * np.cos(angles) + np.sqrt(4 - 0.25 * np.sin(angles) ** 2)
    assert found["roll_thickness_mean"] == pytest.approx(7 - inner.mean(), abs=0.02)
    assert found["roll_thickness_share"] == 1
    half = quality_on_slice({"roll": ring(pixel, 2, 7, 0, 0) & (places(pixel)[0] > 3)}, pixel)
    assert half["roll_thickness_share"] == 1  # from a centre within it every ray meets it


@pytest.mark.parametrize("pixel", PIXELS)
def test_the_gap_is_narrow_where_the_roll_lies_and_wide_opposite(pixel) -> None:
    parts = {"roll": ring(pixel, 2.0, 7.0, 0, 0.6), "can": ring(pixel, 8.0, 9.0)}
    found = quality_on_slice(parts, pixel)
    assert found["gap_min"] == pytest.approx(8 - 7.6, abs=max(pixel))
    assert found["gap_max"] == pytest.approx(8 - 6.4, abs=max(pixel))
    assert found["gap_share"] == 1
    touching = quality_on_slice({**parts, "roll": ring(pixel, 2.0, 8.1)}, pixel)
    assert touching["gap_max"] < 0.7 * max(pixel)


def test_an_open_can_has_no_outline_and_what_is_not_there_is_not_measured() -> None:
    pixel = (0.1, 0.1)
    across, _ = places(pixel)
    found = quality_on_slice({"core": disc(pixel, 2), "can": ring(pixel, 8, 9) & (across > -5)}, pixel)
    assert not [name for name in found if name.startswith(("can", "gap", "core_offset"))] and "core_dent" in found
    assert quality_on_slice({"core": np.zeros((9, 9), bool), "roll": np.zeros((9, 9), bool)}, pixel) == {}


def test_specks_and_holes_change_no_outline() -> None:
    pixel = (0.1, 0.1)
    core = disc(pixel, 3, 1, 1)
    spoilt = (core & ~disc(pixel, 0.5, 1, 2)) | disc(pixel, 0.4, -6, -6)
    assert quality_on_slice({"core": spoilt}, pixel) == quality_on_slice({"core": core}, pixel)


@pytest.fixture
def electrodes() -> list[dict]:
    """Of 30 slices 5 to 24 with anode, 7 to 21 with cathode; to one side the cathode begins a slice earlier."""
    pixel = (0.2, 0.2)
    across, _ = places(pixel)
    anode, cathode, nothing = ring(pixel, 3, 6), ring(pixel, 6.2, 8), np.zeros_like(disc(pixel, 1))
    slices = []
    for k in range(30):
        rows = cathode if 7 <= k <= 21 else cathode & (across > 0) if k == 6 else nothing
        slices.append({"anode": anode if 5 <= k <= 24 else nothing, "cathode": rows})
    return slices


def found_overhang(slices: list[dict]) -> tuple[dict, list]:
    overhang = Overhang(len(slices))
    for index, parts in enumerate(slices):
        overhang.look_at(index, parts, (0.2, 0.2))
    return overhang.found(0.5)


def test_the_anode_hangs_over_at_both_ends(electrodes) -> None:
    values, said = found_overhang(electrodes)
    assert not said and (values["overhang_low_min"], values["overhang_low_max"]) == (0.5, 1.0)
    assert values["overhang_high_min"] == values["overhang_high_max"] == 1.5


def test_an_end_that_the_scan_does_not_hold_is_not_known(electrodes) -> None:
    values, said = found_overhang(electrodes[10:])
    assert "overhang_low_min" not in values and values["overhang_high_mean"] == 1.5
    assert said == ["An electrode reaches the low end of the scan: the overhang there is not known."]


def test_specks_beyond_the_electrodes_are_not_their_ends(electrodes) -> None:
    clean = found_overhang([{role: mask.copy() for role, mask in each.items()} for each in electrodes])
    for k, role in ((0, "anode"), (4, "cathode"), (23, "cathode"), (29, "cathode")):
        rows, columns = np.nonzero(disc((0.2, 0.2), 7))
        chosen = np.random.default_rng(k).choice(len(rows), 4, replace=False)
        electrodes[k][role] = electrodes[k][role].copy()
        electrodes[k][role][rows[chosen], columns[chosen]] = True
    assert found_overhang(electrodes) == clean


def test_classes_are_known_by_their_names_or_are_named() -> None:
    names = ["Can", "jelly_roll", "Mandrel", "Anode", "Cathode", "Tab"]
    assert roles_of(names, {}) == {
        "core": ("Mandrel",),
        "roll": ("jelly_roll",),
        "can": ("Can",),
        "anode": ("Anode",),
        "cathode": ("Cathode",),
    }
    assert roles_of(names, {"roll": ["Anode", "Cathode"]})["roll"] == ("Anode", "Cathode")
    assert roles_of(["Tab"], {}) == {}
    with pytest.raises(StateError, match="--core: there is no class 'Pin'; there are Can"):
        roles_of(names, {"core": ["Pin"]})


def test_slices_are_summed_up_and_what_is_missing_is_told(tmp_path) -> None:
    pixel = (0.1, 0.1)
    shifts = [0.0, 0.3, 0.9, 0.3]
    slices = [{"core": disc(pixel, 2, each), "can": ring(pixel, 8, 9)} for each in shifts]
    slices += [{"core": disc(pixel, 2) & False, "can": ring(pixel, 8, 9)}]
    roles = {"core": ("Core",), "can": ("Can",)}
    found = cell_quality(slices, 5, pixel, name="a cell", axis="k", step_mm=0.5, unit_known=True, roles=roles)
    offset = next(each for each in found.summary if each.name == "core_offset")
    assert (offset.slices, offset.slice_of_most) == (4, 2)
    assert (offset.least, offset.mean, offset.most) == pytest.approx((0, 0.375, 0.9), abs=0.01)
    assert [note.split(" (")[0] for note in found.notes] == [
        f"No class is known as the {role}" for role in ("roll", "anode", "cathode")
    ]
    document = json.loads(json_of(found))
    assert document["along"]["core_offset"][4] is None and document["quantities"]["core_offset"]["unit"] == "mm"
    assert document["summary"]["core_offset"]["max"] == offset.most and "gap_min" not in document["summary"]
    write_quality(found, tmp_path / "q.csv")
    write_quality_along(found, tmp_path / "q-along.csv")
    rows = (tmp_path / "q.csv").read_text().splitlines()
    assert rows[0] == "quantity,unit,slices,min,mean,max,slice of max" and any(
        row.startswith("core_offset,mm,4,") and row.endswith(",2") for row in rows
    )
    along = (tmp_path / "q-along.csv").read_text().splitlines()
    assert len(along) == 6 and along[0].startswith("axis,slice,position (mm),core_diameter (mm)")
    assert along[3].startswith("k,2,1,") and along[5].startswith("k,4,2,,")
