"""Widgets of a form for single settings: they show what stands at the setting's field."""

from __future__ import annotations

import qt

from ...core.settings.codec import Settings
from ...core.settings.setting import Setting, settings_of


def show_check(setting: Setting, box: qt.QCheckBox) -> None:
    """A setting that is on or off."""
    box.text = setting.title
    box.toolTip = setting.help


def show_number(setting: Setting, box: qt.QWidget, label: qt.QLabel | None = None) -> None:
    """A number in a spin box or at a slider, from `lowest` to `highest`."""
    box.minimum, box.maximum = setting.about.lowest, setting.about.highest
    box.toolTip = setting.help
    if label is not None:
        show_name(setting, label)


def show_options(setting: Setting, box: qt.QComboBox, label: qt.QLabel | None = None) -> None:
    """A line for each option, in their order; before this the box is empty."""
    for row, option in enumerate(setting.options):
        box.addItem(option.text)
        box.setItemData(row, option.help, qt.Qt.ToolTipRole)
    box.toolTip = setting.help
    if label is not None:
        show_name(setting, label)


def show_name(setting: Setting, label: qt.QLabel) -> None:
    """The label before one or several widgets."""
    label.text = f"{setting.title}:"
    label.toolTip = setting.help


def option_values(kind: type[Settings], name: str) -> list[object]:
    """What the lines of `show_options` stand for."""
    return [each.value for each in settings_of(kind)[name].options]
