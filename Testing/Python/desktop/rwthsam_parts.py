"""The module RWTHSAM as the tests use it: what a person does in panel and views, and what is then in the scene."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pictures
import slicer as wheel  # noqa: F401  (the library's scene floor is imported with it, before any host starts)
from desktop_host.pythonqt.conversion import unwrap
from desktop_host.testing.editors import rotated_ijk_to_ras
from desktop_host.user import modifiers
from desktop_host.widgets.render_view import drawing_held
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import RwthSamError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.nodes.volumes import add_volume
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.volumes.volume_data import VolumeData

REPOSITORY = Path(__file__).resolve().parents[3]
VIEWS = ("Red", "Yellow", "Green")
SHAPE_KJI = (20, 24, 28)
MIDDLE_IJK = (14, 12, 10)
_PATIENCE_S = 300.0

GRIDS = {"upright": np.diag([0.5, 0.5, 0.5, 1.0]), "rotated": rotated_ijk_to_ras()}
__all__ = ["BoxPrompt", "PointPrompt", "RwthSamError", "Session", "SliceKey", "Module", "moved", "neighbourhood"]


class Module:
    """The module, entered, with its panel.

    Parameters
    ----------
    host : desktop_host.host.Host
    widget : RWTHSAMWidget
    """

    def __init__(self, host, widget) -> None:
        self.host, self.widget = host, widget

    # what there is

    @property
    def ui(self):
        """Widgets of the module's form by name."""
        return self.widget.ui

    @property
    def session(self):
        """The shared session."""
        return self.widget.logic.session

    @property
    def status(self):
        """Its status."""
        return self.session.status

    @property
    def editor(self):
        """The embedded segment editor."""
        return self.ui.segmentEditor

    @property
    def options(self):
        """Widgets of the effect's options by name."""
        return self.editor.effectByName("SAM").self()._panel.ui

    @property
    def class_names(self) -> list[str]:
        """What the effect offers to submit to."""
        box = unwrap(self.options.classBox)
        return [box.itemText(row) for row in range(box.count())]

    @property
    def segment_names(self) -> list[str]:
        """Names of the segments in their order."""
        segmentation = self.session.segmentation_node.GetSegmentation()
        return [segmentation.GetSegment(each).GetName() for each in segmentation.GetSegmentIDs()]

    def mask(self, class_id: str | None = None) -> np.ndarray:
        """Voxels of a class, of the chosen one by default: bool (k, j, i)."""
        session = self.session
        return segments.mask_of_class_kji(session.segmentation_node, class_id or session.class_id, session.volume_node)

    def slice_of(self, view: str, ijk) -> SliceKey:
        """The slice that a view shows through a voxel."""
        volume = self.session.volume_node
        node = self.host.user.view(view).mrmlSliceNode()
        return VolumeGeometry.of(volume).slice_at(node, self.host.user.ras_of(volume, ijk))

    # what a person does

    def settle(self, ticks: int = 4) -> None:
        """Let Qt and the shared session's timer work, draw the views, and raise what a callback printed."""
        with drawing_held():
            for _ in range(ticks):
                self.host.process_events()
                self.widget.logic.sharedSession.poll()
        self.host.process_events()
        self.host.check()

    def wait(self) -> None:
        """Until the model has answered."""
        end = time.monotonic() + _PATIENCE_S
        with drawing_held():
            self.settle()
            while self.status.level == "busy" and time.monotonic() < end:
                self.settle(1)
                time.sleep(0.01)
        self.host.process_events()
        assert self.status.level != "busy", self.status.text

    def choose(self, volume) -> None:
        """Choose a volume in the selector and look at it."""
        with drawing_held():
            self.host.show_volume(volume)
            self.ui.inputVolumeSelector.setCurrentNode(volume)
            self.settle()
            for name in VIEWS:
                self.host.user.view(name).sliceLogic().FitSliceToAll()
        self.settle()

    def new_profile(self, title: str) -> None:
        """Choose an entry of the menu behind New."""
        menu = unwrap(self.ui.newProfileButton.menu())
        next(action for action in menu.actions() if action.text() == title).trigger()
        self.settle()

    def click(self, view: str, ijk, button: str = "left", keys: str = "") -> None:
        """Click at a voxel."""
        self.host.user.click_voxel(view, self.session.volume_node, ijk, button, keys)
        self.settle()

    def drag(self, view: str, start_ijk, end_ijk, button: str = "left", keys: str = "") -> None:
        """Drag from voxel to voxel."""
        user, volume = self.host.user, self.session.volume_node
        user.show_slice_of(view, volume, start_ijk)
        user.drag(view, user.ras_of(volume, start_ijk), user.ras_of(volume, end_ijk), button, keys)
        self.settle()

    def press(self, key: str, view: str = "Red") -> None:
        """A key while a view has the focus."""
        self.host.user.press(key, view=view)
        self.settle()

    def push(self, button) -> None:
        """Click a button as a person can: not while it is disabled."""
        self.host.user.push(button)
        self.settle()

    def select_row(self, row: int) -> None:
        """Click a prompt in the list."""
        prompts = unwrap(self.options.promptList)
        prompts.scrollToItem(prompts.item(row))
        place = prompts.visualItemRect(prompts.item(row)).center()
        QTest.mouseClick(prompts.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        self.settle()

    def use_tool(self, name: str) -> None:
        """Choose an effect of the embedded segment editor; '' for none."""
        self.editor.setActiveEffectByName(name)
        self.settle()

    def type_into(self, field, text: str) -> None:
        """Replace a field's text and end with Return."""
        self.host.user.type_into(field, text)
        QTest.keyClick(unwrap(field), Qt.Key.Key_Return)
        self.settle()


def noise_volume(grid: str = "upright", name: str = "Scan"):
    """Small volume of noise on one of `GRIDS`, in the scene."""
    import slicer

    grey = np.random.default_rng(5).integers(0, 4000, SHAPE_KJI).astype(np.uint16)
    return add_volume(slicer.mrmlScene, VolumeData(grey, GRIDS[grid], name, True))


def hold_picture(host, path: Path, name: str, widget=None) -> None:
    """Hold a picture of the documentation to the controls that are there now, see `pictures.hold`."""
    shown = unwrap(widget) if widget is not None else host.main_window
    # a picture of a part shows all of it, wherever it is scrolled to
    found = [
        each
        for kind in (QAbstractButton, QLabel)
        for each in shown.findChildren(kind)
        if each.isVisible() and (not shown.isWindow() or _is_in_sight(each))
    ]
    buttons = [each.text() for each in found if isinstance(each, QAbstractButton)]
    labels = [each.text() for each in found if isinstance(each, QLabel) and each.text().endswith(":")]
    names = [each.partition(": ")[0] if each.startswith("Model: ") else each for each in buttons + labels]
    pictures.hold(path, [each for each in names if each], name)


def _is_in_sight(widget) -> bool:
    """Whether it is not scrolled away."""
    return not widget.visibleRegion().isEmpty()


class Automatic:
    """The module's section "Automatic masks", as a person uses it.

    Parameters
    ----------
    module : Module
    """

    def __init__(self, module: Module) -> None:
        self.module = module

    @property
    def ui(self):
        """Widgets of the section by name."""
        return self.module.widget.panel.automatic.ui

    @property
    def masks(self):
        """The session's automatic masks."""
        return self.module.session.automatic

    @property
    def fields(self):
        """Fields of SAM's settings by name."""
        return self.module.widget.panel.automatic._settings.fields

    @property
    def view(self):
        """The table (host side)."""
        return unwrap(self.ui.detectedTable)

    def column(self, title: str) -> list[str]:
        """Texts of a column, row by row."""
        model = self.view.model()
        titles = [model.headerData(each, Qt.Orientation.Horizontal) for each in range(model.columnCount())]
        return [model.index(row, titles.index(title)).data() for row in range(model.rowCount())]

    @property
    def selected(self) -> list[str]:
        """Numbers of the selected rows, from top to bottom."""
        numbers = self.column("No.")
        return [numbers[row] for row in sorted(each.row() for each in self.view.selectionModel().selectedRows())]

    def number_of(self, voxel_count: int) -> str:
        """Number of the object with so many voxels."""
        return next(str(each.object.number) for each in self.masks.detected if each.object.voxel_count == voxel_count)

    def state_of(self, voxel_count: int) -> str:
        """What was done with the object with so many voxels."""
        return next(each.state for each in self.masks.detected if each.object.voxel_count == voxel_count)

    def choose_mode(self) -> None:
        """Choose Automatic."""
        self.module.push(self.module.ui.automaticModeButton)

    def run(self) -> None:
        """Look through all slices of the view in use."""
        self.push(self.ui.allSlicesButton)
        self.push(self.ui.startButton)
        self.module.wait()

    def push(self, button) -> None:
        """Click a button at its left end: a check box or radio button has its sign there."""
        target = unwrap(button)
        assert target.isEnabled() and target.isVisible(), target.text()
        QTest.mouseClick(
            target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(10, target.height() // 2)
        )
        self.module.settle()

    def click_row(self, voxel_count: int, keys: str = "", double: bool = False) -> None:
        """Click the row of the object with so many voxels."""
        self.click_row_number(self.number_of(voxel_count), keys, double)

    def click_row_number(self, number: str, keys: str = "", double: bool = False) -> None:
        """Click the row of an object."""
        view, row = self.view, self.column("No.").index(number)
        view.scrollTo(view.model().index(row, 0))
        place = view.visualRect(view.model().index(row, 0)).center()
        # what a window system sends for a double click: a click first
        for click in (QTest.mouseClick, QTest.mouseDClick) if double else (QTest.mouseClick,):
            click(view.viewport(), Qt.MouseButton.LeftButton, modifiers(keys), place)
        self.module.settle()

    def open(self, *groups) -> None:
        """Open collapsed parts of the section."""
        for each in groups:
            each.collapsed = False
        self.module.settle()

    def enter_view(self, name: str) -> None:
        """Move the mouse into a view."""
        canvas = self.module.host.user.view(name).sliceView().canvas
        middle = QPointF(canvas.rect().center())
        QApplication.sendEvent(canvas, QEnterEvent(middle, middle, QPointF(canvas.mapToGlobal(middle))))
        self.module.settle()

    def click_heading(self, title: str) -> None:
        """Click the heading of a column."""
        header = self.view.horizontalHeader()
        model = self.view.model()
        titles = [model.headerData(each, Qt.Orientation.Horizontal) for each in range(model.columnCount())]
        self.view.scrollTo(model.index(0, titles.index(title)))
        place = QPoint(header.sectionViewportPosition(titles.index(title)) + 8, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, modifiers(""), place)
        self.module.settle()

    def type(self, field, text: str) -> None:
        """Replace a field's text without ending."""
        target = unwrap(field)
        assert target.isEnabled()
        target.clear()
        if text:
            QTest.keyClicks(target, text)
        else:
            QTest.keyClicks(target, "0")
            QTest.keyClick(target, Qt.Key.Key_Backspace)
        self.module.settle()


BLOCK, ROD, SPECK = 8 * 8 * 10, 20 * 3 * 8, 4
"""Voxels of the objects of `objects_volume`."""
BLOCK_IJK, ROD_IJK, SPECK_IJK = (9, 8, 8), (22, 16, 8), (5, 21, 8)


def objects_volume(grid: str = "upright", name: str = "Scan"):
    """A block, a rod through all slices along k and a speck on slice 8, bright in the dark."""
    import slicer

    grey = np.zeros(SHAPE_KJI, np.uint8)
    grey[4:12, 4:12, 4:14], grey[:, 15:18, 18:26], grey[8, 20:22, 4:6] = 200, 240, 180
    return add_volume(slicer.mrmlScene, VolumeData(grey, GRIDS[grid], name, True))


def moved(ijk, axis: str, x: int = 0, y: int = 0):
    """A voxel beside another one within a slice along an axis, by pixels of that slice."""
    key = SliceKey(axis, ijk["ijk".index(axis)])
    own_x, own_y = key.xy(ijk)
    return key.ijk(own_x + x, own_y + y)


def neighbourhood(ijk, axis: str, size: int = 1) -> np.ndarray:
    """The pixels that the known engine answers for one positive point: bool (k, j, i)."""
    mask = np.zeros(SHAPE_KJI, bool)
    i, j, k = (
        slice(n - (0 if each == axis else size), n + (0 if each == axis else size) + 1)
        for n, each in zip(ijk, "ijk", strict=True)
    )
    mask[k, j, i] = True
    return mask


def temporary_nodes(scene) -> list[str]:
    """Names of the session's temporary nodes."""
    from RWTHSAMLib.mrml.nodes.temporary_nodes import OWNER_ATTRIBUTE

    every = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return [node.GetName() for node in every if node.GetAttribute(OWNER_ATTRIBUTE)]


def library_shared_session():
    """The shared session module of the running host."""
    return sys.modules["RWTHSAMLib.desktop.app.shared_session"]


def library_autosave():
    """The module of the running host that keeps unsaved work."""
    return sys.modules["RWTHSAMLib.desktop.app.autosave"]


def push(module: Module, widget) -> None:
    """Click a button in its middle, a check box where its sign is."""
    target = unwrap(widget)
    assert target.isEnabled() and target.isVisible()
    is_box = target.metaObject().className() == "QCheckBox"
    place = QPoint(8, target.height() // 2) if is_box else target.rect().center()
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=place)
    module.settle()
