"""The module ``slicer``: names that real Slicer has, and no other."""

from __future__ import annotations

import types
from typing import Any

from .pythonqt.registry import wrapper_class
from .pythonqt.runtime import current


class ModulesModule(types.ModuleType):
    """``slicer.modules`` and ``slicer.moduleNames``: plain attributes."""


class SlicerModule(types.ModuleType):
    """Resolves VTK classes of slicer-core and Qt classes of the facts.

    Parameters
    ----------
    wheel : module
        The package ``slicer`` of the slicer-core wheel; only its ``vtk...`` names are taken.
    """

    def __init__(self, wheel: types.ModuleType) -> None:
        super().__init__("slicer", "Desktop Slicer's namespace, played by the desktop host.")
        # a package, so that slicer.util and its like are importable
        self.__path__: list[str] = []
        self.modules = ModulesModule("slicer.modules")
        self.moduleNames = ModulesModule("slicer.moduleNames")
        self.__dict__["_wheel"] = wheel

    def __getattr__(self, name: str) -> Any:
        if name.startswith("vtk"):
            found = getattr(self.__dict__["_wheel"], name, None)
            if found is not None and not name.startswith("vtkMRMLLayerDM"):
                return found
        else:
            entry = current().facts.slicer_classes.get(name)
            if entry is not None and entry.namespace == "slicer" and name not in _HIDDEN:
                return wrapper_class(name)
        raise AttributeError(f"module 'slicer' has no attribute '{name}'")


# only the instance slicer.app exists
_HIDDEN = {"qSlicerApplication", "qSlicerCoreApplication"}


class KitModule(types.ModuleType):
    """One PythonQt kit as its own module, such as ``qSlicerSegmentationsEditorEffectsPythonQt``."""

    def __getattr__(self, name: str) -> Any:
        entry = current().facts.slicer_classes.get(name)
        if entry is None or entry.kit != self.__name__:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        return wrapper_class(name)
