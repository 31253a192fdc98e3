"""The fields of the chosen class."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import qt
from slicer.i18n import tr as _

from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile
from RWTHSAMLib.desktop.app.connections import Connections
from RWTHSAMLib.errors import ProfileError

from .class_table import qt_color
from .edit_profile import EditProfile
from .field_message import FieldMessage
from .terminology import choose_terminology, meaning_of
from .typed_field import TypedField


class ClassForm:
    """Name, colour, lock and terminology of one class.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    connections : Connections
    edit : callable
        ``edit(text, change, message, topic)``: tries to change the profile, see `ProfilePage.edit`.
    end_topic : callable
        Called when typing ends.
    other_message : FieldMessage
        For what is not about the name.
    """

    def __init__(
        self,
        ui: SimpleNamespace,
        connections: Connections,
        edit: EditProfile,
        end_topic: Callable[[], None],
        other_message: FieldMessage,
    ) -> None:
        self._ui = ui
        self._edit = edit
        self._class_id: str | None = None
        self._terminology: str | None = None
        self._is_refreshing = False
        self.message = FieldMessage(ui.classNameMessage)
        self._other_message = other_message
        self._name = TypedField[str](ui.classNameEdit.setText, self.message)
        connections.connect(ui.classNameEdit, "textEdited(QString)", self._name_edited)
        connections.connect(ui.classNameEdit, "editingFinished()", end_topic)
        connections.connect(ui.classColorButton, "colorChanged(QColor)", self._color_changed)
        connections.connect(ui.classLockedCheckBox, "clicked(bool)", self._lock_clicked)
        connections.connect(ui.terminologyButton, "clicked(bool)", self.choose_terminology)
        connections.connect(ui.clearTerminologyButton, "clicked(bool)", self._clear_terminology)

    def refresh(self, entry: ProfileClass | None) -> None:
        """Show a class, or none."""
        is_other = entry is None or entry.id != self._class_id
        self._class_id = entry.id if entry is not None else None
        self._terminology = entry.terminology if entry is not None else None
        self._is_refreshing = True
        try:
            self._name.show(entry.name if entry is not None else "", is_other)
            self._ui.classColorButton.setColor(qt_color(entry.color if entry is not None else (0.5, 0.5, 0.5)))
            self._ui.classLockedCheckBox.setChecked(entry is not None and entry.locked)
            self._ui.terminologyButton.setText(meaning_of(self._terminology) or _("None"))
            self._ui.clearTerminologyButton.setEnabled(self._terminology is not None)
            self._ui.classIdLabel.setText(entry.id if entry is not None else "")
            self._ui.classFrame.setEnabled(entry is not None)
        finally:
            self._is_refreshing = False

    def edit_name(self) -> None:
        """Put the cursor into the name."""
        self._ui.classNameEdit.setFocus()
        self._ui.classNameEdit.selectAll()

    def edit_color(self) -> None:
        """Let a person choose a colour."""
        self._ui.classColorButton.changeColor()

    def choose_terminology(self, _checked: bool = False) -> None:
        """Let a person choose a terminology entry."""
        chosen = choose_terminology(self._terminology, self._ui.classFrame)
        if chosen is not None:
            self._describe(chosen)

    def lock(self, class_id: str, locked: bool) -> None:
        """Protect the voxels of a class, or no longer."""
        text = _("Lock class") if locked else _("Unlock class")
        self._edit(text, lambda profile: profile.locking(class_id, locked), self._other_message)

    def _name_edited(self, name: str) -> None:
        class_id = self._class_id
        if class_id is None:
            return

        def rename(profile: SegmentationProfile) -> SegmentationProfile:
            other = profile.class_named(name.strip())
            if other is not None and other.id != class_id:
                raise ProfileError(_("Another class is called '{name}' already.").format(name=other.name))
            return profile.renaming(class_id, name)

        with self._name.typing():
            self._edit(_("Rename class"), rename, self.message, f"name {class_id}")

    def _color_changed(self, color: qt.QColor) -> None:
        class_id = self._class_id
        if class_id is not None and not self._is_refreshing:
            parts = (color.red() / 255, color.green() / 255, color.blue() / 255)
            self._edit(_("Recolor class"), lambda profile: profile.recolouring(class_id, parts), self._other_message)

    def _lock_clicked(self, checked: bool) -> None:
        if self._class_id is not None:
            self.lock(self._class_id, checked)

    def _clear_terminology(self, _checked: bool) -> None:
        self._describe(None)

    def _describe(self, terminology: str | None) -> None:
        class_id = self._class_id
        if class_id is not None:
            self._edit(
                _("Change terminology"), lambda profile: profile.describing(class_id, terminology), self._other_message
            )
