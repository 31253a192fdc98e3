"""Sample data: phantoms of battery cells, made on this computer."""

from __future__ import annotations

import functools
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from ..scene.profile_node import add_profile_node, profile_nodes
from ..scene.volumes import add_volume
from ..volume.phantom import PHANTOMS, Kind

CATEGORY = "RWTHSAM"
SAMPLES: dict[str, Kind] = {"RWTHSAMCylindricalCell": "cylindrical", "RWTHSAMPouchCell": "pouch"}
_ICONS = Path(__file__).resolve().parents[2] / "Resources" / "Icons"


def register() -> None:
    """Offer the phantoms in the module Sample Data, if that is there."""
    try:
        import SampleData
    except ImportError:
        return
    logic = SampleData.SampleDataLogic
    if hasattr(logic, "registerCustomSampleDataCategory"):  # from Slicer 5.12
        logic.registerCustomSampleDataCategory(CATEGORY, _("RWTHSAM: battery cells"))
    for name, kind in SAMPLES.items():
        picture = _ICONS / f"{name}.png"
        logic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=name,
            thumbnailFileName=str(picture) if picture.is_file() else None,
            customDownloader=functools.partial(_make, kind=kind),
        )


def add_phantom(kind: Kind) -> slicer.vtkMRMLScalarVolumeNode:
    """Add a phantom's scan and the profile of its classes to the scene."""
    with slicer.util.WaitCursor():
        phantom = PHANTOMS[kind](progress=lambda _done, _total: slicer.app.processEvents())
    node = add_volume(slicer.mrmlScene, phantom.volume())
    if not any(each.GetName() == phantom.profile.name for each in profile_nodes(slicer.mrmlScene)):
        add_profile_node(slicer.mrmlScene, phantom.profile)
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node


def _make(_source: object, kind: Kind) -> list[slicer.vtkMRMLScalarVolumeNode]:
    return [add_phantom(kind)]
