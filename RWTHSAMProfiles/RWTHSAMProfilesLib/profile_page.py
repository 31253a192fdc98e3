"""The module's panel: which profile, its classes, what it proposes, and its segmentations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import qt
import slicer
from slicer.i18n import tr as _

from RWTHSAMLib.core.profile import SegmentationProfile
from RWTHSAMLib.core.system.file_name import file_word
from RWTHSAMLib.desktop.app.connections import Connections
from RWTHSAMLib.errors import RwthSamError
from RWTHSAMLib.mrml.nodes.profile_node import PROFILE_ATTRIBUTE, PROFILE_NODE_CLASS

from .class_form import ClassForm
from .class_table import COLOR, TERMINOLOGY, ClassTable
from .defaults_form import DefaultsForm
from .edit_profile import Change
from .field_message import FieldMessage
from .profile_editor import ProfileEditor
from .profile_files import NAME_FILTER
from .profiles_logic import ProfilesLogic
from .segmentation_panel import SegmentationPanel


class ProfilePage:
    """Ties the widgets to the profile that is chosen.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    logic : ProfilesLogic
    """

    def __init__(self, ui: SimpleNamespace, logic: ProfilesLogic) -> None:
        self.ui = ui
        self._logic = logic
        self._signals, self._observed = Connections(), Connections()
        self._editor: ProfileEditor | None = None
        self._editors: dict[slicer.vtkMRMLTextNode, ProfileEditor] = {}
        self._class_id: str | None = None
        self.message = FieldMessage(ui.profileMessage)
        self.classes_message = FieldMessage(ui.classesMessage)
        connect = self._signals
        self.table = ClassTable(ui.classTable, connect, self.select_class, self._lock, self._activate)
        self.class_form = ClassForm(ui, connect, self.edit, self._end_topic, self.classes_message)
        self.defaults_form = DefaultsForm(ui, connect, self.edit, self._end_topic)
        self.segmentation_panel = SegmentationPanel(ui, connect, logic, self._usable_node, self.select_profile)
        self._for_profiles = (ui.saveButton, ui.profileNameEdit, ui.classTable, ui.addClassButton, ui.defaultsFrame)
        self._fill_new_menu()
        self._connect_buttons()
        ui.profileSelector.addAttribute(PROFILE_NODE_CLASS, PROFILE_ATTRIBUTE)
        self._scene = Connections()
        self._profile_chosen(ui.profileSelector.currentNode())

    def enter(self) -> None:
        """The module is shown: where no profile is chosen, choose one as soon as there is any."""
        self._scene.stop_observing()
        for event in (slicer.vtkMRMLScene.NodeAddedEvent, slicer.vtkMRMLScene.EndBatchProcessEvent):
            # after the selector, which learns of nodes by the same events
            self._scene.observe(slicer.mrmlScene, event, self.choose_any, -10.0)
        self.choose_any()

    def exit(self) -> None:
        """Another module is shown: leave the scene alone."""
        self._scene.stop_observing()

    def close(self) -> None:
        """Leave no connection and no observer."""
        self.exit()
        self._observed.close()
        self._signals.close()
        self._editors.clear()
        self._editor = None

    def select_profile(self, node: slicer.vtkMRMLTextNode | None) -> None:
        """Show another profile of the scene."""
        self.ui.profileSelector.setCurrentNode(node)

    def choose_any(self, *_event: object) -> None:
        """Where no profile is chosen and there is one, choose it: a selector does not always do that by itself."""
        if self.ui.profileSelector.currentNode() is None and not slicer.mrmlScene.IsBatchProcessing():
            self.select_profile(next(iter(self._logic.profileNodes()), None))

    def select_class(self, class_id: str) -> None:
        """Show the fields of another class."""
        self._end_topic()
        self._class_id = class_id
        self.refresh()

    def edit(self, text: str, change: Change, message: FieldMessage, topic: str = "") -> bool:
        """Try to change the profile; if the result is no valid profile, say why beside the field.

        The profile is then as it was before the topic.

        Parameters
        ----------
        text : str
            What is done, for undo: "Rename class".
        change : callable
            Makes the new profile of the old one.
        message : FieldMessage
            Where to say why not.
        topic : str
            Changes of the same topic in a row are one undo step.

        Returns
        -------
        bool
            Whether the profile is as wished.
        """
        if self._editor is None:
            return False
        try:
            self._editor.change(text, change(self._editor.profile), topic)
        except RwthSamError as error:
            # half a name that was valid on the way is not what anybody wants
            self._editor.revert(topic)
            message.show(error)
            return False
        message.clear()
        return True

    def refresh(self, *_event: object) -> None:
        """Show what the node holds now."""
        profile = self._profile()
        if profile is not None and profile.class_by_id(self._class_id or "") is None:
            self._class_id = profile.classes[0].id
        self.table.refresh(profile, self._class_id)
        self.class_form.refresh(profile.class_by_id(self._class_id or "") if profile is not None else None)
        self.defaults_form.refresh(profile)
        self.segmentation_panel.refresh()
        self._refresh_buttons(profile)

    # which profile

    def _profile_chosen(self, node: slicer.vtkMRMLTextNode | None) -> None:
        self._end_topic()
        self._observed.close()
        self._class_id = None
        self._editors = {each: editor for each, editor in self._editors.items() if each.GetScene() is not None}
        self._editor = self._editors.setdefault(node, ProfileEditor(node)) if node is not None else None
        if node is not None:
            self._observed.observe(node, "ModifiedEvent", self.refresh)
        self.classes_message.clear()
        self.refresh()

    def _profile(self) -> SegmentationProfile | None:
        try:
            profile = self._editor.profile if self._editor is not None else None
        except RwthSamError as error:
            self.message.show(error)
            return None
        if profile is None:
            self.message.tell(_("There is no profile in this scene: make a new one, or open a file."))
        else:
            self.message.clear()
        return profile

    def _usable_node(self) -> slicer.vtkMRMLTextNode | None:
        """The chosen node unless it is damaged."""
        try:
            return self._editor.node if self._editor is not None and self._editor.profile else None
        except RwthSamError:
            return None

    def _fill_new_menu(self) -> None:
        # the menu belongs to the button: it dies with it
        self._menu = qt.QMenu(self.ui.newButton)
        for title, make in self._logic.templates().items():
            action = self._menu.addAction(title)
            self._signals.connect(action, "triggered(bool)", self._maker_of(make))
        self.ui.newButton.setMenu(self._menu)

    def _maker_of(self, make: Callable[[], SegmentationProfile]) -> Callable[[bool], None]:
        def add(_checked: bool) -> None:
            self._attempt(lambda: self.select_profile(self._logic.addProfile(make())))

        return add

    def _open(self, _checked: bool) -> None:
        title, filters = _("Open profile"), f"{NAME_FILTER};;{_('All files')} (*)"
        path = qt.QFileDialog.getOpenFileName(self.ui.openButton, title, "", filters)
        if path:
            self._attempt(lambda: self.select_profile(self._logic.openProfile(path)))

    def _save(self, _checked: bool) -> None:
        if self._editor is None:
            return
        node = self._editor.node
        proposal = self._logic.pathOf(node) or f"{file_word(node.GetName() or '')}.json"
        path = qt.QFileDialog.getSaveFileName(self.ui.saveButton, _("Save profile"), proposal, NAME_FILTER)
        target = _as_json(path)
        if path and (target == path or not Path(target).exists() or _may_replace(target)):
            self._attempt(lambda: self._logic.saveProfile(node, target))

    def _attempt(self, action: Callable[[], object]) -> None:
        try:
            action()
        except RwthSamError as error:
            slicer.util.errorDisplay(str(error))

    # its classes

    def _add_class(self, _checked: bool) -> None:
        def add(profile: SegmentationProfile) -> SegmentationProfile:
            return profile.adding(_fresh_name(profile))

        if self.edit(_("Add class"), add, self.classes_message) and self._editor is not None:
            self.select_class(self._editor.profile.classes[-1].id)
            self.class_form.edit_name()

    def _remove_class(self, _checked: bool) -> None:
        gone = self._class_id
        if gone is None or self._editor is None:
            return
        ids = [entry.id for entry in self._editor.profile.classes]
        position = ids.index(gone)
        neighbours = ids[position + 1 : position + 2] or ids[position - 1 : position]
        # chosen before the class goes, because the table is shown anew as soon as the node changes
        self._class_id = neighbours[0] if neighbours else gone
        self.edit(_("Remove class"), lambda profile: profile.without(gone), self.classes_message)

    def _move_up(self, _checked: bool) -> None:
        self._move(-1)

    def _move_down(self, _checked: bool) -> None:
        self._move(1)

    def _move(self, step: int) -> None:
        class_id = self._class_id
        if class_id is None:
            return

        def move(profile: SegmentationProfile) -> SegmentationProfile:
            position = [entry.id for entry in profile.classes].index(class_id)
            return profile.moving(class_id, position + step)

        self.edit(_("Move class"), move, self.classes_message)

    def _lock(self, class_id: str, locked: bool) -> None:
        self.class_form.lock(class_id, locked)

    def _activate(self, column: int) -> None:
        if column == COLOR:
            self.class_form.edit_color()
        elif column == TERMINOLOGY:
            self.class_form.choose_terminology()
        else:
            self.class_form.edit_name()

    def _undo(self, _checked: bool) -> None:
        if self._editor is not None:
            self._editor.undo()
        self.refresh()

    def _redo(self, _checked: bool) -> None:
        if self._editor is not None:
            self._editor.redo()
        self.refresh()

    def _end_topic(self) -> None:
        if self._editor is not None:
            self._editor.end_topic()

    # buttons

    def _connect_buttons(self) -> None:
        for button, slot in (
            (self.ui.openButton, self._open),
            (self.ui.saveButton, self._save),
            (self.ui.addClassButton, self._add_class),
            (self.ui.removeClassButton, self._remove_class),
            (self.ui.moveUpButton, self._move_up),
            (self.ui.moveDownButton, self._move_down),
            (self.ui.undoButton, self._undo),
            (self.ui.redoButton, self._redo),
        ):
            self._signals.connect(button, "clicked(bool)", slot)
        self._signals.connect(self.ui.profileSelector, "currentNodeChanged(vtkMRMLNode*)", self._profile_chosen)

    def _refresh_buttons(self, profile: SegmentationProfile | None) -> None:
        ids = [entry.id for entry in profile.classes] if profile is not None else []
        for widget in self._for_profiles:
            widget.setEnabled(bool(ids))
        self.ui.removeClassButton.setEnabled(len(ids) > 1)
        self.ui.moveUpButton.setEnabled(bool(ids) and self._class_id != ids[0])
        self.ui.moveDownButton.setEnabled(bool(ids) and self._class_id != ids[-1])
        undo_text = self._editor.undo_text if self._editor is not None else None
        redo_text = self._editor.redo_text if self._editor is not None else None
        _offer(self.ui.undoButton, _("Undo: {what}"), undo_text)
        _offer(self.ui.redoButton, _("Redo: {what}"), redo_text)


def _as_json(path: str) -> str:
    return path if path.lower().endswith(".json") else f"{path}.json"


def _may_replace(path: str) -> bool:
    # the dialog asked about the name that was typed, which had no suffix yet
    question = _("{name} already exists. Do you want to replace it?").format(name=Path(path).name)
    return slicer.util.confirmYesNoDisplay(question)


def _offer(button: qt.QPushButton, tooltip: str, what: str | None) -> None:
    button.setEnabled(what is not None)
    button.setToolTip(tooltip.format(what=what or "-"))


def _fresh_name(profile: SegmentationProfile) -> str:
    name, number = _("New class"), 1
    while profile.class_named(name) is not None:
        number += 1
        name = _("New class {number}").format(number=number)
    return name
