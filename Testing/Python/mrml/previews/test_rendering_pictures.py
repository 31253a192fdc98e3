"""Pictures and turns of the 3D view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendering_parts import SOLID, blue_pixels, picture, red_pixels

from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.mrml.views.pictures import save_png, save_turn, save_turn_pictures, screenshot_of, turn


def test_a_turn_ends_where_it_began_and_shows_every_side(a_rendered_cell, a_3d_view) -> None:
    a_rendered_cell.rendering.set_settings(replace(SOLID, cut="quarter"))
    picture(a_rendered_cell, a_3d_view, (1.0, 1.0, 0.3))
    before = a_3d_view.renderer.GetActiveCamera().GetPosition()
    pictures = list(turn(a_3d_view.window, 8))
    assert np.allclose(a_3d_view.renderer.GetActiveCamera().GetPosition(), before)
    assert blue_pixels(pictures[0]).sum() > 3 * blue_pixels(pictures[4]).sum()


def test_pictures_and_turns_are_files_that_others_open(a_rendered_cell, a_3d_view, tmp_path) -> None:
    Image = pytest.importorskip("PIL.Image")
    shown = picture(a_rendered_cell, a_3d_view)
    assert np.array_equal(np.asarray(Image.open(save_png(shown, tmp_path / "view.png"))), shown)
    pictures = list(turn(a_3d_view.window, 6))
    with Image.open(save_turn(pictures, tmp_path / "turn.gif", seconds=3)) as animation:
        assert animation.n_frames == 6
        assert animation.info["duration"] == 500 and animation.info["loop"] == 0
        assert np.abs(np.asarray(animation.convert("RGB"), int) - pictures[0]).mean() < 6
    assert [each.name for each in save_turn_pictures(pictures, tmp_path / "turn", "cell")][-1] == "cell_005.png"


def test_a_turn_of_one_picture_is_refused(a_3d_view) -> None:
    with pytest.raises(SettingsError, match="two pictures or more"):
        next(turn(a_3d_view.window, 1))


def test_a_picture_has_the_upper_row_first(a_rendered_cell, a_3d_view) -> None:
    picture(a_rendered_cell, a_3d_view, (1.0, 0.0, 0.0))
    a_3d_view.renderer.GetActiveCamera().Pitch(-8)  # look down: the cell moves up
    rows = np.argwhere(red_pixels(screenshot_of(a_3d_view.window)))[:, 0]
    assert rows.mean() < 110
