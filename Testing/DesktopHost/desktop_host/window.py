"""The main window: module panel at the left, views at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QDockWidget, QHBoxLayout, QLabel, QScrollArea, QToolBar, QWidget

from .widgets.application import qSlicerMainWindow
from .widgets.layout_manager import qSlicerLayoutManager

_PANEL_WIDTH = 480


class MainWindow(qSlicerMainWindow):
    """Chooses modules and shows views, as Slicer's window does."""

    def __init__(self, scene: Any, application_logic: Any, size: tuple[int, int]) -> None:
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        self.setWindowTitle("3D Slicer (desktop host)")
        self.layout_manager = qSlicerLayoutManager(self)
        self.layout_manager.start(scene, application_logic)
        central = QWidget(self)
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.layout_manager.viewport)
        self.setCentralWidget(central)
        self._make_selector()
        self._make_panel()
        self.statusBar()
        self.resize(*size)
        self.current_module = ""
        self.layout_manager.setLayout(3)

    def _make_selector(self) -> None:
        bar = QToolBar("Modules", self)
        bar.setObjectName("ModuleSelectorToolBar")
        bar.addWidget(QLabel(" Modules: "))
        self._selector = QComboBox()
        self._selector.setMinimumWidth(220)
        self._selector.activated.connect(lambda _i: self.select(self._selector.currentData()))
        bar.addWidget(self._selector)
        self.addToolBar(bar)

    def _make_panel(self) -> None:
        self._panel = QDockWidget("3D Slicer", self)
        self._panel.setObjectName("PanelDockWidget")
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._panel.setWidget(self._scroll)
        self._panel.setMinimumWidth(_PANEL_WIDTH)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self._panel)

    def select(self, name: str) -> None:
        """Leave the module shown and enter another; an empty name shows none."""
        manager = QApplication.instance().moduleManager()  # type: ignore[union-attr]
        self._refresh_selector(manager)
        before = manager.module(self.current_module) if self.current_module else None
        if before is not None and before._widget is not None:
            before._widget.exit()
        shown = self._scroll.takeWidget()
        if shown is not None:
            shown.hide()
            shown.setParent(None)
        self.current_module = name
        module = manager.module(name) if name else None
        widget = module.widgetRepresentation() if module is not None else None
        if widget is None:
            return
        self._selector.setCurrentIndex(self._selector.findData(name))
        self._scroll.setWidget(widget)
        widget.show()
        if hasattr(widget, "enter"):
            widget.enter()

    def _refresh_selector(self, manager: Any) -> None:
        self._selector.clear()
        for name in manager.modulesNames():
            module = manager.module(name)
            hidden = getattr(module, "isHidden", lambda: False)()
            if not hidden:
                self._selector.addItem(module.title() or name, name)
