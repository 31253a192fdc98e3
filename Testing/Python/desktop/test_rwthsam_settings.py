"""Every setting has a widget in Slicer that explains it, or is named here with the reason why not."""

from __future__ import annotations

import pytest
from desktop_host.pythonqt.conversion import unwrap
from every_setting import settings_without
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings
from RWTHSAMLib.core.settings.classification import LearnSettings
from RWTHSAMLib.core.settings.rendering import RenderingSettings
from RWTHSAMLib.core.settings.setting import settings_of

pytest_plugins = ["rwthsam_fixtures"]

OWN_EXPORT = "Slicer exports segmentations itself; scripts and the command line set it"
AS_FOUND = "the table shows every object that was found; only a file written by the command line needs the choice"
AT_THE_COMMAND_LINE = "classifiers are learned and used at the command line and in jobs"
LEFT_OUT = {
    **{f"LearnSettings.{name}": AT_THE_COMMAND_LINE for name in settings_of(LearnSettings)},
    "RenderingSettings.cut_low": "what is cut away faces the camera",
    "DetectedObjectsSettings.doubtful_below": AS_FOUND,
    "DetectedObjectsSettings.least_overlap": AS_FOUND,
    "DetectedObjectsSettings.nested": AS_FOUND,
    "ExportSettings.classes": OWN_EXPORT,
    "ExportSettings.decimation": OWN_EXPORT,
    "ExportSettings.each_class": OWN_EXPORT,
    "ExportSettings.frame": OWN_EXPORT,
    "ExportSettings.labelmap_suffix": OWN_EXPORT,
    "ExportSettings.smoothing": OWN_EXPORT,
    "MeasureSettings.connectivity": "parts touch by corners too unless a script or the command line says otherwise",
    "MeasureSettings.least_voxels": "small parts are filtered in the table; scripts and the command line set it",
}


@pytest.fixture
def widgets(a_module) -> list[QWidget]:
    """Every widget of the module's panel."""
    return unwrap(a_module.ui.automaticSection).window().findChildren(QWidget)


def test_every_setting_has_a_widget(widgets: list[QWidget]) -> None:
    assert settings_without("\n".join(each.toolTip() for each in widgets)) == set(LEFT_OUT)


@pytest.mark.parametrize(
    ("kind", "name", "box"),
    [
        (AutomaticRunSettings, "mode", "searchBox"),
        (RenderingSettings, "cut", "cutBox"),
        (RenderingSettings, "color_by", "colorByBox"),
    ],
)
def test_a_choice_offers_what_stands_at_its_field(widgets: list[QWidget], kind, name: str, box: str) -> None:
    found = next(each for each in widgets if isinstance(each, QComboBox) and each.objectName() == box)
    offered = [(found.itemText(row), found.itemData(row, Qt.ToolTipRole)) for row in range(found.count())]
    assert offered == [(each.text, each.help) for each in settings_of(kind)[name].options]


def test_limits_are_those_of_the_field(widgets: list[QWidget]) -> None:
    named = {each.objectName(): each for each in widgets}
    about = settings_of(AutomaticRunSettings)["min_slices"].about
    assert (named["minSlicesBox"].minimum(), named["minSlicesBox"].maximum()) == (about.lowest, about.highest)
