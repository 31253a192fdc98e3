"""Asking where to write: a proposal that every system takes as a file's name, and an ending where none was typed."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from ..core.system.file_name import file_word
from ..mrml.session.session import Session


def ask_where(parent: qt.QWidget, title: str, session: Session, ending: str, filters: str) -> Path | None:
    """Let a person choose a file; None if that was called off.

    Parameters
    ----------
    parent : QWidget
    title : str
        Of the dialog.
    session : Session
        Its scan's name is proposed.
    ending : str
        What the proposal ends in, such as ``"objects.csv"``.
    filters : str
        As in Qt: ``"Table (*.csv)"``.
    """
    scan = session.volume_node
    # names of DICOM series hold slashes and colons: folders to one system, refused by another one's dialog
    word = file_word(scan.GetName() or "") if scan is not None else "scan"
    chosen = qt.QFileDialog.getSaveFileName(parent, title, f"{word}.{ending}", filters)
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix:
        return path
    path = path.with_name(path.name + Path(ending).suffix)
    return path if not path.exists() or _may_replace(path) else None


def _may_replace(path: Path) -> bool:
    # the dialog asked about the name that was typed, which had no ending yet
    question = _("{name} already exists. Do you want to replace it?").format(name=path.name)
    return bool(slicer.util.confirmYesNoDisplay(question))
