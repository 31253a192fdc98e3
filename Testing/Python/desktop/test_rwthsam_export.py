"""Scripts in Slicer export the segmentation and write its report."""

from __future__ import annotations

import numpy as np
import pytest
from rwthsam_parts import MIDDLE_IJK, neighbourhood

pytest_plugins = ["rwthsam_fixtures"]


@pytest.fixture
def logic(a_module):
    import slicer

    return slicer.util.getModuleLogic("RWTHSAM")


@pytest.fixture
def submitted(a_module, a_scan):
    """A mask of the first class on one slice."""
    a_module.click("Red", MIDDLE_IJK)
    a_module.press("Return", "Red")
    return neighbourhood(MIDDLE_IJK, a_module.slice_of("Red", MIDDLE_IJK).axis)


def test_without_a_scan_there_is_nothing_to_export(logic, tmp_path):
    with pytest.raises(Exception, match="no scan"):
        logic.exportSegmentation(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_script_exports_labelmap_and_surface(a_module, submitted, logic, tmp_path):
    from RWTHSAMLib.volumes.read import read_volume

    exported = logic.exportSegmentation(tmp_path / "out", ["nrrd", "stl", "glb"], frame="RAS", smoothing=0.2)
    assert [each.suffix for each in exported.files] == [".nrrd", ".ctbl", ".csv", ".stl", ".glb"]
    np.testing.assert_array_equal(read_volume(exported.files[0]).array_kji == 1, submitted)
    assert exported.files[3].read_bytes().startswith(b"RWTHSAM. SPACE=RAS")


def test_a_script_writes_a_report(a_module, submitted, logic, tmp_path):
    logic.saveReport(tmp_path / "report.html", title="The first <cell>")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "The first &lt;cell&gt;" in text and f"{np.count_nonzero(submitted):,}" in text
