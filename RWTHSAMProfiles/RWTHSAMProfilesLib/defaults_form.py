"""What a profile proposes beside its classes: its name, a window of grey values and a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import slicer
from slicer.i18n import tr as _

from RWTHSAMLib.core.profile import SegmentationProfile
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.desktop.app.connections import Connections
from RWTHSAMLib.errors import ImageError, ProfileError
from RWTHSAMLib.models.catalogue import CATALOGUE

from .edit_profile import EditProfile
from .field_message import FieldMessage
from .typed_field import TypedField


class DefaultsForm:
    """Fields of the profile itself.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    connections : Connections
    edit : callable
        ``edit(text, change, message, topic)``: tries to change the profile, see `ProfilePage.edit`.
    end_topic : callable
        Called when typing ends.
    """

    def __init__(
        self, ui: SimpleNamespace, connections: Connections, edit: EditProfile, end_topic: Callable[[], None]
    ) -> None:
        self._ui = ui
        self._edit = edit
        self.name_message = FieldMessage(ui.profileNameMessage)
        self.window_message = FieldMessage(ui.windowMessage)
        self.scan_message = FieldMessage(ui.scanMessage)
        self._name = TypedField[str](ui.profileNameEdit.setText, self.name_message)
        self._window = TypedField[Window | None](self._write_window, self.window_message)
        self._fill_models()
        connections.connect(ui.profileNameEdit, "textEdited(QString)", self._name_edited)
        connections.connect(ui.windowLowerEdit, "textEdited(QString)", self._window_edited)
        connections.connect(ui.windowUpperEdit, "textEdited(QString)", self._window_edited)
        for each in (ui.profileNameEdit, ui.windowLowerEdit, ui.windowUpperEdit):
            connections.connect(each, "editingFinished()", end_topic)
        connections.connect(ui.windowFromScanButton, "clicked(bool)", self._take_window_of_scan)
        connections.connect(ui.scanSelector, "currentNodeChanged(vtkMRMLNode*)", self._scan_chosen)
        self._has_profile = False
        connections.connect(ui.modelComboBox, "activated(int)", self._model_chosen)
        self._scan_chosen(ui.scanSelector.currentNode())

    def refresh(self, profile: SegmentationProfile | None) -> None:
        """Show a profile, or none."""
        self._has_profile = profile is not None
        self._scan_chosen(self._ui.scanSelector.currentNode())
        self._name.show(profile.name if profile is not None else "")
        self._window.show(profile.window if profile is not None else None)
        self._show_model(profile.model if profile is not None else None)

    def _name_edited(self, name: str) -> None:
        def rename(profile: SegmentationProfile) -> SegmentationProfile:
            return replace(profile, name=name.strip())

        with self._name.typing():
            self._edit(_("Rename profile"), rename, self.name_message, "profile name")

    def _window_edited(self, _text: str) -> None:
        def change(profile: SegmentationProfile) -> SegmentationProfile:
            return replace(profile, window=self._typed_window())

        with self._window.typing():
            self._edit(_("Change window"), change, self.window_message, "window")

    def _typed_window(self) -> Window | None:
        texts = [edit.text.strip() for edit in (self._ui.windowLowerEdit, self._ui.windowUpperEdit)]
        if not any(texts):
            return None
        lower, upper = (_number(text) for text in texts)
        try:
            return Window(lower, upper)
        except ImageError as error:
            raise ProfileError(_("Expected finite grey values, the one for black below the one for white.")) from error

    def _write_window(self, window: Window | None) -> None:
        self._ui.windowLowerEdit.setText("" if window is None else _plain(window.lower))
        self._ui.windowUpperEdit.setText("" if window is None else _plain(window.upper))

    def _scan_chosen(self, node: slicer.vtkMRMLVolumeNode | None) -> None:
        self.scan_message.clear()
        self._ui.windowFromScanButton.setEnabled(node is not None and self._has_profile)

    def _take_window_of_scan(self, _checked: bool) -> None:
        self._edit(
            _("Take window of scan"),
            lambda profile: replace(profile, window=window_shown(self._ui.scanSelector.currentNode())),
            self.scan_message,
        )

    def _fill_models(self) -> None:
        self._ui.modelComboBox.addItem(_("No default"), "")
        for entry in CATALOGUE.values():
            self._ui.modelComboBox.addItem(entry.title, entry.name)

    def _show_model(self, model: str | None) -> None:
        combo = self._ui.modelComboBox
        if model and combo.findData(model) < 0:
            combo.addItem(_("{name} (not in this version)").format(name=model), model)
        combo.setCurrentIndex(combo.findData(model or ""))

    def _model_chosen(self, index: int) -> None:
        model = self._ui.modelComboBox.itemData(index) or None
        self._edit(_("Change model"), lambda profile: replace(profile, model=model), self.window_message)


def window_shown(volume_node: slicer.vtkMRMLVolumeNode) -> Window:
    """The grey values that a scan is shown with.

    Raises
    ------
    ProfileError
        If the scan is not shown with a window of its own.
    """
    display = volume_node.GetDisplayNode()
    if display is None or not hasattr(display, "GetWindowLevelMin"):
        raise ProfileError(_("This scan has no window: show it in a slice view first, or type the grey values."))
    return Window(display.GetWindowLevelMin(), display.GetWindowLevelMax())


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ProfileError(_("Expected two grey values, or none for no default.")) from None


def _plain(number: float) -> str:
    return repr(number).removesuffix(".0")
