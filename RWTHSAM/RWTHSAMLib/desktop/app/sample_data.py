"""Sample data: phantoms of battery cells, made on this computer from a recipe of one word.

Slicer's Sample Data module wants an address for every sample, and scripts get it from there. The address of a phantom
is its recipe, a file of this extension with a reader of its own: nothing is fetched from anywhere.
"""

from __future__ import annotations

from pathlib import Path

import slicer
from slicer.i18n import tr as _

from ...errors import InputError
from ...mrml.nodes.profile_node import add_profile_node, profile_nodes
from ...mrml.nodes.volumes import add_volume
from ...volumes.phantom.cell import PHANTOMS, Kind

CATEGORY = "RWTHSAM"
FILE_TYPE = "RWTHSAMPhantom"
SUFFIX = ".rwthsam-phantom"
SAMPLES: dict[str, Kind] = {"RWTHSAMCylindricalCell": "cylindrical", "RWTHSAMPouchCell": "pouch"}
_RESOURCES = Path(__file__).resolve().parents[3] / "Resources"
_LONGEST_RECIPE_BYTES = 100


def register() -> None:
    """Offer the phantoms in the module Sample Data, if that is there. Safe to call again."""
    try:
        import SampleData
    except ImportError:
        return
    logic = SampleData.SampleDataLogic
    if hasattr(logic, "registerCustomSampleDataCategory"):  # from Slicer 5.12
        logic.registerCustomSampleDataCategory(CATEGORY, _("RWTHSAM: battery cells"))
    for name in SAMPLES:
        picture, recipe = _RESOURCES / "Icons" / f"{name}.png", recipe_of(name)
        logic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=name,
            uris=recipe.as_uri(),
            fileNames=recipe.name,
            nodeNames=name,
            loadFileTypes=FILE_TYPE,
            thumbnailFileName=str(picture) if picture.is_file() else None,
        )


def recipe_of(sample_name: str) -> Path:
    """The file that says which phantom a sample is."""
    return _RESOURCES / "SampleData" / f"{sample_name}{SUFFIX}"


def is_recipe(path: str | Path) -> bool:
    """Whether a file is called a recipe."""
    return Path(path).name.lower().endswith(SUFFIX)


def kind_in(path: str | Path) -> Kind:
    """The phantom that a recipe names.

    Raises
    ------
    InputError
        If the file cannot be read or names none.
    """
    try:
        with Path(path).open("rb") as file:
            word = file.read(_LONGEST_RECIPE_BYTES).decode("utf-8", "replace").strip()
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}.") from error
    for kind in PHANTOMS:
        if word == kind:
            return kind
    raise InputError(f"'{path}' names no phantom: expected {' or '.join(PHANTOMS)}, found '{word}'.")


def add_phantom(kind: Kind, name: str | None = None) -> slicer.vtkMRMLScalarVolumeNode:
    """Add a phantom's scan and the profile of its classes to the scene."""
    with slicer.util.WaitCursor():
        phantom = PHANTOMS[kind](progress=lambda _done, _total: slicer.app.processEvents())
    node = add_volume(slicer.mrmlScene, phantom.volume(name))
    if not any(each.GetName() == phantom.profile.name for each in profile_nodes(slicer.mrmlScene)):
        add_profile_node(slicer.mrmlScene, phantom.profile)
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node
