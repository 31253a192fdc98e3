"""Sheets of training slices."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from Training.__main__ import main
from Training.data.pictures import coloured
from Training.data.sample_making import make_sample


def test_every_slice_of_the_range_is_on_a_sheet(tmp_path, capsys):
    main(["pictures", "--seeds", "3:20", "--out", str(tmp_path / "new"), "--size", "64"])
    files = sorted((tmp_path / "new").glob("*.png"))
    assert [file.name for file in files] == ["samples_000003.png", "samples_000019.png"]
    assert capsys.readouterr().out.split() == [str(file) for file in files]
    first = make_sample(3, 64)
    with Image.open(files[0]) as sheet:
        shown = np.asarray(sheet)[14:78, :64, 0]
    assert np.array_equal(shown, first.image)


def test_targets_are_coloured_and_the_rest_is_grey():
    sample = make_sample(7, 96)
    picture = coloured(sample)
    is_grey = (picture[..., 0] == picture[..., 1]) & (picture[..., 1] == picture[..., 2])
    inside = np.any([target.mask for target in sample.targets], axis=0)
    assert is_grey[~inside].all() and not is_grey[inside].all()


@pytest.mark.parametrize("text", ["x", "5:3", "-4:-2", ""])
def test_a_range_that_is_none_is_refused(tmp_path, text, capsys):
    with pytest.raises(SystemExit):
        main(["pictures", f"--seeds={text}", "--out", str(tmp_path)])
    assert "seed" in capsys.readouterr().err
