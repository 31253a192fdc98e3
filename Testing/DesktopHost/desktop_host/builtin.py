"""Modules that Slicer always has and whose logic is in slicer-core."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import vtk

# module name -> logic class; without a logic the module is only present
_LOGICS = {
    "Volumes": "vtkSlicerVolumesLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Terminologies": "vtkSlicerTerminologiesModuleLogic",
    "Colors": "vtkMRMLColorLogic",
    "Markups": "vtkSlicerMarkupsLogic",
    "Models": "vtkSlicerModelsLogic",
    "Transforms": "vtkSlicerTransformLogic",
    "Tables": "vtkSlicerTablesLogic",
    "Plots": "vtkSlicerPlotsLogic",
    "Texts": "vtkSlicerTextsLogic",
    "Cameras": "vtkSlicerCamerasModuleLogic",
    "Units": "vtkSlicerUnitsLogic",
    "Data": "vtkSlicerDataModuleLogic",
    "VolumeRendering": "vtkSlicerVolumeRenderingLogic",
    "CropVolume": "vtkSlicerCropVolumeLogic",
}


def add_builtin_modules(scene: Any, application_logic: Any, manager: Any) -> None:
    """Prepare a scene as the application does and announce the modules."""
    import slicer

    crosshair = slicer.vtkMRMLCrosshairNode()
    crosshair.SetCrosshairName("default")
    scene.AddNode(crosshair)
    application_logic.SetMRMLScene(scene)
    application_logic.GetColorLogic().SetMRMLScene(scene)
    application_logic.GetColorLogic().AddDefaultColorNodes()
    application_logic.SetSliceLogics(vtk.vtkCollection())
    application_logic.SetViewLogics(vtk.vtkCollection())
    for factory in (
        slicer.vtkMRMLThreeDViewDisplayableManagerFactory,
        slicer.vtkMRMLSliceViewDisplayableManagerFactory,
    ):
        factory.GetInstance().SetMRMLApplicationLogic(application_logic)
    for name, logic_name in _LOGICS.items():
        kind = getattr(slicer, logic_name, None)
        if kind is not None:
            _add(name, kind(), scene, application_logic, manager)
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    _add_application_nodes(scene)


def _add(name: str, logic: Any, scene: Any, application_logic: Any, manager: Any) -> None:
    from .widgets.modules import qSlicerLoadableModule

    share = _share_folder(name)
    if share is not None and hasattr(logic, "SetModuleShareDirectory"):
        logic.SetModuleShareDirectory(share.as_posix())
    logic.SetMRMLScene(scene)
    if hasattr(logic, "SetMRMLApplicationLogic"):
        logic.SetMRMLApplicationLogic(application_logic)
    if hasattr(application_logic, "SetModuleLogic"):
        application_logic.SetModuleLogic(name, logic)
    module = qSlicerLoadableModule()
    module.start(name, logic)
    manager.add(module, scene)


def _share_folder(name: str) -> Path | None:
    """Slicer's own terminologies and presets, which the package trame-slicer brings along."""
    spec = importlib.util.find_spec("trame_slicer")
    if spec is None or not spec.submodule_search_locations:
        return None
    resources = Path(spec.submodule_search_locations[0]) / "resources"
    return resources / "terminologies" if name == "Terminologies" else resources


def _add_application_nodes(scene: Any) -> None:
    import slicer

    selection, interaction = slicer.vtkMRMLSelectionNode(), slicer.vtkMRMLInteractionNode()
    for node in (selection, interaction):
        if scene.GetFirstNodeByClass(node.GetClassName()) is None:
            scene.AddNode(node)
