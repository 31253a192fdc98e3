"""Starts the stand-in for desktop Slicer in this process and ends it again."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from .builtin import add_builtin_modules
from .facts import Facts
from .pythonqt import runtime
from .pythonqt.wrapper import Wrapper
from .settings import HostSettings
from .user import User

_LAYER = Path(__file__).resolve().parent / "python_layer"
_KITS = (
    "qSlicerSegmentationsEditorEffectsPythonQt",
    "qSlicerSegmentationsModuleWidgetsPythonQt",
    "qMRMLWidgetsPythonQt",
    "qSlicerBaseQTCorePythonQt",
    "qSlicerBaseQTGUIPythonQt",
)


class Host:
    """A running stand-in.

    Only one can run in a process at a time; the modules ``slicer``, ``qt``, ``ctk`` and their like stand in
    ``sys.modules`` from ``start`` to ``stop``.
    """

    def __init__(self, settings: HostSettings | None = None) -> None:
        self.settings = settings or HostSettings()
        self.application: Any = None
        self.scene: Any = None
        self.main_window: Any = None
        self._before: dict[str, ModuleType | None] = {}
        self._folder: Any = None
        self._module_folders: set[Path] = set()
        self._on_path: list[str] = []
        self._known_before: set[str] = set()
        self.runtime: runtime.Runtime | None = None

    # life
    def start(self) -> Host:
        """Play the start of Slicer up to ``startupCompleted`` (not sent yet: see `complete_startup`)."""
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _keep_constants()
        self._known_before = set(sys.modules)
        wheel = importlib.import_module("slicer")
        self.runtime = runtime.start(Facts(self.settings.line), Wrapper)
        self._install_modules(wheel)
        self._make_application()
        self._make_scene()
        self._play_launcher()
        return self

    def _play_launcher(self) -> None:
        """Slicer's interpreter is PythonSlicer: a launcher whose child is the real one, and outlives it."""
        self._executable = sys.executable
        if os.name == "nt":
            return
        launcher = Path(self.application.slicerHome()) / "PythonSlicer"
        launcher.write_text(f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n', encoding="utf-8")
        launcher.chmod(0o755)
        sys.executable = str(launcher)

    def complete_startup(self) -> None:
        """Send ``startupCompleted()``: modules register effects and sample data then."""
        self.application.startupCompleted.emit()
        self.process_events()

    def stop(self) -> None:
        """Unload the modules, close the scene and give ``sys.modules`` back."""
        sys.executable = self._executable
        manager = self.application.moduleManager()
        for name in list(manager.modulesNames()):
            manager.unload(name)
        self.scene.Clear(1)
        self._hierarchy.close()
        if self.main_window is not None:
            self.main_window.close()
            # slicer.util.mainWindow() of a later host looks through all windows
            self.main_window.deleteLater()
            self.main_window = self.application.main_window = None
        self.process_events()
        self.application.forget_connections()
        for name, before in self._before.items():
            sys.modules.pop(name, None)
            if before is not None:
                sys.modules[name] = before
        for name in [n for n in sys.modules if n.split(".")[0] in ("slicer", "SegmentEditorEffects")]:
            if name not in self._before and n_is_hosts(name):
                del sys.modules[name]
        self._drop_module_files()
        if self._folder is not None:
            self._folder.cleanup()

    def _drop_module_files(self) -> None:
        """Forget what came from the folders of loaded modules: it holds this host's ``slicer``."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name in self._known_before or not file:
                continue
            if any(folder in Path(file).resolve().parents for folder in self._module_folders):
                _forget(name)
        for folder in self._on_path:
            if folder in sys.path:
                sys.path.remove(folder)

    def __enter__(self) -> Host:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    # parts
    def _put(self, name: str, module: ModuleType) -> ModuleType:
        self._before.setdefault(name, sys.modules.get(name))
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
        return module

    def _install_modules(self, wheel: ModuleType) -> None:
        from .pythonqt.qt_module import NamespaceModule, QtModule
        from .slicer_module import KitModule, SlicerModule

        for name in [n for n in sys.modules if n.startswith("slicer.")]:
            self._before.setdefault(name, sys.modules.pop(name))
        slicer = SlicerModule(wheel)
        self._put("slicer", slicer)
        self._put("qt", QtModule("qt"))
        self._put("ctk", NamespaceModule("ctk", "ctk"))
        for kit in _KITS:
            self._put(kit, KitModule(kit))
        self._put_vtk_kits(wheel)
        sys.modules["slicer.modules"] = slicer.modules
        self._before.setdefault("slicer.modules", None)
        self._register_implementations()

    def _put_vtk_kits(self, wheel: ModuleType) -> None:
        """VTK kits under the names that they have in Slicer."""
        import slicer_core

        for kit in [n for n in dir(slicer_core) if isinstance(getattr(slicer_core, n), ModuleType)]:
            module = getattr(slicer_core, kit)
            self._put(f"{kit}Python", module)
            if kit in ("vtkITK", "vtkTeem"):
                self._put(kit, module)
        mrml = ModuleType("mrml")
        mrml.__dict__.update({name: getattr(wheel, name) for name in dir(wheel) if name.startswith("vtkMRML")})
        self._put("mrml", mrml)

    def _register_implementations(self) -> None:
        for name in (
            *("ctk_buttons", "ctk_numbers", "ctk_ranges", "ctk_choices", "mrml_widgets", "node_combo_box", "segments"),
            *(
                "slice_views",
                "threed_views",
                "terminology",
                "application",
                "layout_manager",
                "modules",
                "file_io",
                "segment_editor",
                "effect_factory",
            ),
        ):
            importlib.import_module(f"{__package__}.widgets.{name}")
        for name in ("abstract_effect", "scripted_effect", "paint_effect"):
            importlib.import_module(f"{__package__}.effects.{name}")
        from .ui_loader import QUiLoader
        from .widgets.base import IMPLEMENTATIONS

        assert self.runtime is not None
        self.runtime.implementations.update(IMPLEMENTATIONS, QUiLoader=QUiLoader)

    def _make_application(self) -> None:
        from PySide6.QtWidgets import QApplication

        from .widgets.application import qSlicerApplication, quiet_vtk

        if self.settings.user_folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="desktop-host-")
        folder = self.settings.user_folder or Path(self._folder.name)
        running = QApplication.instance()
        if running is not None and not isinstance(running, qSlicerApplication):
            raise RuntimeError("a QApplication already runs in this process: start the desktop host before it")
        self.application = running or qSlicerApplication(["Slicer"])
        self.application.configure(folder, self.settings.line, self.settings.testing)
        quiet_vtk()

    def _make_scene(self) -> None:
        import slicer

        from .effects.paint_effect import qSlicerSegmentEditorEraseEffect, qSlicerSegmentEditorPaintEffect
        from .pythonqt.conversion import to_python
        from .widgets.effect_factory import qSlicerSegmentEditorEffectFactory
        from .widgets.file_io import qSlicerIOManager
        from .widgets.modules import qSlicerModuleManager
        from .widgets.subject_hierarchy import SubjectHierarchyPlugins

        self.scene = slicer.mrmlScene = slicer.vtkMRMLScene()
        self.application_logic = slicer.vtkSlicerApplicationLogic()
        self._add_data_io()
        modules, io = qSlicerModuleManager(), qSlicerIOManager()
        io.setMRMLScene(self.scene)
        slicer.app = to_python(self.application)
        # the application keeps its wrapper as Slicer keeps slicer.app
        self.application._pythonqt_keep = slicer.app
        self.application.connect_parts(self.scene, self.application_logic, io, None, modules)
        add_builtin_modules(self.scene, self.application_logic, modules)
        self._hierarchy = SubjectHierarchyPlugins(self.scene)
        qSlicerSegmentEditorEffectFactory.forget()
        for effect in (qSlicerSegmentEditorPaintEffect(), qSlicerSegmentEditorEraseEffect()):
            qSlicerSegmentEditorEffectFactory.instance().registerEffect(effect)
        self._load_python_layer()
        if self.settings.main_window:
            self._make_window()

    def _add_data_io(self) -> None:
        """What reads and writes files of scene bundles; without a cache folder none is read."""
        import slicer

        logic = slicer.vtkMRMLRemoteIOLogic()
        logic.GetCacheManager().SetRemoteCacheDirectory(self.application.cachePath())
        logic.SetMRMLScene(self.scene)
        logic.AddDataIOToScene()
        self._remote_io = logic

    def _make_window(self) -> None:
        from .window import MainWindow

        application = self.application
        self.main_window = MainWindow(self.scene, self.application_logic, self.settings.window_size)
        application.connect_parts(
            self.scene,
            self.application_logic,
            application.coreIOManager(),
            self.main_window.layout_manager,
            application.moduleManager(),
        )
        self.main_window.show()
        # shortcuts work in the active window only
        self.main_window.activateWindow()
        application.main_window = self.main_window
        self.process_events()

    def _load_python_layer(self) -> None:
        import qt
        import slicer

        wheel_util = Path(self._before["slicer"].__file__).parent / "util.py"  # type: ignore[union-attr, arg-type]
        self._load("slicer.util", wheel_util)
        real = self.settings.slicer_python
        base = real / "slicer" if real is not None else _LAYER
        self._load("slicer.i18n", base / "i18n.py")
        self._load("slicer.parameterNodeWrapper", base / "parameterNodeWrapper" / "__init__.py")
        self._load("slicer.ScriptedLoadableModule", base / "ScriptedLoadableModule.py")
        if self.settings.has_packaging:
            from .python_layer import packaging

            self._put("slicer.packaging", packaging)
        effects = self.settings.slicer_effects or _LAYER
        self._load("SegmentEditorEffects", effects / "SegmentEditorEffects" / "__init__.py")
        self._load("SampleData", _LAYER / "SampleData.py")
        if importlib.util.find_spec("SimpleITK") is not None:
            self._load("sitkUtils", _LAYER / "sitkUtils.py")
        slicer.selfTests = {}
        qt.QTimer.singleShot = staticmethod(_single_shot)

    def _load(self, name: str, path: Path) -> ModuleType:
        folders = [str(path.parent)] if path.name == "__init__.py" else None
        spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=folders)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        self._put(name, module)
        spec.loader.exec_module(module)
        return module

    # use
    @property
    def user(self) -> User:
        """Hands on mouse and keyboard."""
        return User(self)

    @property
    def errors(self) -> list[BaseException]:
        """Exceptions that left a callback; real Slicer prints them only."""
        assert self.runtime is not None
        return self.runtime.errors

    @property
    def complaints(self) -> list[str]:
        """Lines that Slicer or PythonQt would write to stderr."""
        assert self.runtime is not None
        return self.runtime.complaints

    def check(self) -> None:
        """Raise the first exception that a callback printed."""
        if self.errors:
            first = self.errors[0]
            self.errors.clear()
            raise first

    def process_events(self) -> None:
        """Let Qt work, deferred deletions included."""
        from PySide6.QtCore import QCoreApplication, QEvent

        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def load_module(self, folder_or_file: Path) -> Any:
        """Load a scripted module from its ``.py`` file or from the folder of that name.

        Returns
        -------
        object
            The module object (``slicer.modules.<name>``).
        """
        path = Path(folder_or_file)
        source = path if path.suffix == ".py" else path / f"{path.name}.py"
        self.claim_files_of(source.parent)
        if str(source.parent) not in sys.path:
            sys.path.insert(0, str(source.parent))
            self._on_path.append(str(source.parent))
        module = self.application.moduleManager().load_scripted(source, self.scene)
        if module is None:
            self.check()
            raise RuntimeError(f"module {source.stem} could not be loaded: {self.complaints[-1:]}")
        return module._pythonqt_keep

    def claim_files_of(self, folder: Path) -> None:
        """Forget at the end what is imported from a folder, as if a module of this host lay there."""
        self._module_folders.add(folder.resolve())

    def unload_module(self, name: str) -> None:
        """As at the end of the application or before a reload of its C++ side."""
        self.application.moduleManager().unload(name)
        self.process_events()

    def show_module(self, name: str) -> Any:
        """Select a module as the user does.

        Returns
        -------
        object
            The Python widget (``XWidget`` instance), with ``.ui`` and ``.logic`` as the module made them.
        """
        if self.main_window is not None:
            self.main_window.select(name)
        else:
            self.application.moduleManager().module(name).widgetRepresentation().enter()
        self.process_events()
        self.check()
        return getattr(sys.modules["slicer"].modules, f"{name}Widget", None)

    def show_volume(self, node: Any) -> None:
        """Volume in the background of all slice views, fitted."""
        import slicer

        slicer.util.setSliceViewerLayers(background=node, fit=True)
        self.process_events()

    def close_scene(self) -> None:
        """As File > Close Scene; singletons and views stay."""
        self.scene.Clear(0)
        self.process_events()

    def screenshot(self, path: Path, widget: Any = None) -> Path:
        """Picture of the main window, or of one widget (wrapped or not)."""
        from .pythonqt.conversion import unwrap

        self.process_events()
        target = unwrap(widget) if widget is not None else self.main_window
        target.grab().save(str(path))
        return path


def _keep_constants() -> None:
    """Keep None, True and False alive.

    PySide6 6.12 returns them without taking a reference, because they are immortal from Python 3.12 on; before, the
    interpreter would end after some ten thousand calls.
    """
    if sys.version_info >= (3, 12):
        return
    for constant in (None, True, False):
        count = ctypes.c_ssize_t.from_address(id(constant))
        count.value = max(count.value, 1 << 40)


def _forget(name: str) -> None:
    """Let the next import of a module run its file again."""
    module = sys.modules.pop(name)
    package, _, attribute = name.rpartition(".")
    # "from package import name" asks the package before sys.modules
    if getattr(sys.modules.get(package), attribute, None) is module:
        delattr(sys.modules[package], attribute)


def n_is_hosts(name: str) -> bool:
    """Whether a module entry belongs to a host that ends."""
    return name.startswith(("slicer.", "SegmentEditorEffects"))


def _single_shot(msec: int, receiver: Any, member: str | None = None) -> None:
    """What Slicer puts in place of ``QTimer.singleShot``: a timer owned by the module manager."""
    import qt
    import slicer

    timer = qt.QTimer(slicer.app.moduleManager())
    timer.setSingleShot(True)
    if callable(receiver):
        timer.connect("timeout()", receiver)
    else:
        timer.connect("timeout()", receiver, member)
    timer.start(msec)
