"""Terminology entries: what they are called, and choosing one."""

from __future__ import annotations

import qt
import slicer
from slicer.i18n import tr as _


def meaning_of(terminology: str | None) -> str:
    """An entry for people, as in "Tissue / Bone"; empty for none."""
    if not terminology:
        return ""
    entry = _entry_of(terminology)
    parts = [entry.GetCategoryObject(), entry.GetTypeObject(), entry.GetTypeModifierObject()]
    meanings = [part.GetCodeMeaning() for part in parts if part is not None and part.GetCodeMeaning()]
    # a type is often called as its category
    return " / ".join(dict.fromkeys(meanings)) or terminology


def choose_terminology(terminology: str | None, parent: qt.QWidget) -> str | None:
    """Let a person choose an entry; None if they do not.

    Parameters
    ----------
    terminology : str, optional
        Chosen at first.
    parent : qt.QWidget
        The dialog stands before its window.
    """
    dialog, navigator = _dialog(parent)
    if terminology:
        navigator.setTerminologyEntry(_entry_of(terminology))
    chosen: str | None = None
    if dialog.exec_():
        entry = slicer.vtkSlicerTerminologyEntry()
        if navigator.terminologyEntry(entry):
            chosen = slicer.modules.terminologies.logic().SerializeTerminologyEntry(entry)
    dialog.deleteLater()
    return chosen


def _dialog(parent: qt.QWidget) -> tuple[qt.QDialog, slicer.qSlicerTerminologyNavigatorWidget]:
    dialog = qt.QDialog(parent)
    dialog.setWindowTitle(_("Terminology of the class"))
    layout = qt.QVBoxLayout(dialog)
    navigator = slicer.qSlicerTerminologyNavigatorWidget()
    # name and colour are the profile's own
    navigator.overrideSectionVisible = False
    layout.addWidget(navigator)
    buttons = qt.QDialogButtonBox()
    buttons.setStandardButtons(qt.QDialogButtonBox.Ok | qt.QDialogButtonBox.Cancel)
    buttons.connect("accepted()", dialog, "accept()")
    buttons.connect("rejected()", dialog, "reject()")
    layout.addWidget(buttons)
    return dialog, navigator


def _entry_of(terminology: str) -> slicer.vtkSlicerTerminologyEntry:
    entry = slicer.vtkSlicerTerminologyEntry()
    slicer.modules.terminologies.logic().DeserializeTerminologyEntry(terminology, entry)
    return entry
