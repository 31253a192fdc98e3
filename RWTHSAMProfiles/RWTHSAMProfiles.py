"""Slicer module RWTHSAMProfiles: the classes that a kind of scan is segmented into, as profiles."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import qt
import slicer
import vtk
from RWTHSAMProfilesLib import profile_files
from RWTHSAMProfilesLib.profile_page import ProfilePage
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

import RWTHSAMLib
from RWTHSAMLib.core.profile import SegmentationProfile, profile_of_names, read_profile
from RWTHSAMLib.errors import RwthSamError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.profile_from_segmentation import AppliedProfile, apply_profile, profile_from_segmentation
from RWTHSAMLib.mrml.nodes.profile_node import (
    PROFILE_NODE_CLASS,
    add_profile_node,
    is_profile_node,
    profile_nodes,
    profile_of,
    set_profile_of,
)
from RWTHSAMLib.mrml.nodes.profile_storage import load_profile_node, path_of, save_profile_node


class RWTHSAMProfiles(ScriptedLoadableModule):
    """What the application knows of the module before it is opened."""

    def __init__(self, parent: slicer.qSlicerScriptedLoadableModule) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("RWTHSAM Profiles")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["RWTHSAM", "Segmentations", "Terminologies"]
        self.parent.contributors = ["RWTHSAM developers (RWTHSAM project)"]
        self.parent.helpText = _(
            "Make and edit segmentation profiles: the classes of a kind of scan with their colors, and the window and "
            "the model that suit it. A profile is data of the scene, and a JSON file that opens like any other data."
        )
        self.parent.acknowledgementText = ""
        self.parent.associatedNodeTypes = [PROFILE_NODE_CLASS]


class RWTHSAMProfilesWidget(ScriptedLoadableModuleWidget):
    """The module's panel; what it does is in `ProfilePage`."""

    def __init__(self, parent: qt.QWidget | None = None) -> None:
        self.page: ProfilePage | None = None
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def setup(self) -> None:
        """Build the panel."""
        ScriptedLoadableModuleWidget.setup(self)
        self.logic = RWTHSAMProfilesLogic()
        form = slicer.util.loadUI(self.resourcePath("UI/RWTHSAMProfiles.ui"))
        self.layout.addWidget(form)
        self.layout.addStretch(1)
        self.ui = slicer.util.childWidgetVariables(form)
        # the selectors meet the scene last, when they know which nodes they are for
        self.page = ProfilePage(self.ui, self.logic)
        form.setMRMLScene(slicer.mrmlScene)
        self.page.choose_any()

    def enter(self) -> None:
        """The module is shown."""
        if self.page is not None:
            self.page.enter()

    def exit(self) -> None:
        """Another module is shown."""
        if self.page is not None:
            self.page.exit()

    def cleanup(self) -> None:
        """End every connection and observer."""
        if self.page is not None:
            self.page.close()
            self.page = None

    def nodeEditable(self, node: slicer.vtkMRMLNode) -> float:
        """How well this module edits a node: of text nodes, profiles alone."""
        return 0.8 if is_profile_node(node) else 0.0

    def setEditedNode(self, node: slicer.vtkMRMLNode, role: str = "", context: str = "") -> bool:
        """Show a profile that was chosen elsewhere, as in the Data module."""
        if self.page is None or not is_profile_node(node):
            return False
        self.page.select_profile(node)
        return True


class RWTHSAMProfilesLogic(ScriptedLoadableModuleLogic):
    """Everything the panel can do, for scripts; needs no window.

    Examples
    --------
    ::

        logic = slicer.util.getModuleLogic("RWTHSAMProfiles")
        node = logic.openProfile("/scans/cylindrical.json")
        logic.setProfile(node, logic.profile(node).renaming("core", "Mandrel"))
        segmentation = logic.createSegmentation(node, slicer.util.getNode("Scan"))
    """

    def addProfile(self, profile: SegmentationProfile) -> slicer.vtkMRMLTextNode:
        """New node of the scene with a profile."""
        return add_profile_node(slicer.mrmlScene, profile)

    def profileNodes(self) -> tuple[slicer.vtkMRMLTextNode, ...]:
        """All profiles of the scene."""
        return profile_nodes(slicer.mrmlScene)

    def profile(self, node: slicer.vtkMRMLTextNode) -> SegmentationProfile:
        """The profile of a node; raises `ProfileError` where that is damaged."""
        return profile_of(node)

    def setProfile(self, node: slicer.vtkMRMLTextNode, profile: SegmentationProfile) -> None:
        """Put another profile into a node."""
        set_profile_of(node, profile)

    def openProfile(self, path: str) -> slicer.vtkMRMLTextNode:
        """New node with the profile of a file; raises `ProfileError` if it is no valid one."""
        return load_profile_node(slicer.mrmlScene, Path(path))

    def saveProfile(self, node: slicer.vtkMRMLTextNode, path: str) -> None:
        """Write the profile of a node; raises `InputError` if that is impossible."""
        save_profile_node(node, Path(path))

    def pathOf(self, node: slicer.vtkMRMLTextNode) -> str | None:
        """The file that a profile was opened from or saved to last."""
        path = path_of(node)
        return str(path) if path is not None else None

    def templates(self) -> dict[str, Callable[[], SegmentationProfile]]:
        """What a new profile can begin as: the profiles that come with the extension, and an empty one."""
        supplied = sorted(Path(RWTHSAMLib.__file__).parents[1].glob("Resources/Profiles/*.json"))
        found = {read_profile(path).name: functools.partial(read_profile, path) for path in supplied}
        return {**found, _("Empty profile"): lambda: profile_of_names(_("New profile"), [_("New class")])}

    def profileFromSegmentation(self, segmentationNode: slicer.vtkMRMLSegmentationNode) -> slicer.vtkMRMLTextNode:
        """New node with one class per segment; raises `ProfileError` if there is no segment."""
        return self.addProfile(profile_from_segmentation(segmentationNode))

    def createSegmentation(
        self, profileNode: slicer.vtkMRMLTextNode, volumeNode: slicer.vtkMRMLVolumeNode
    ) -> slicer.vtkMRMLSegmentationNode:
        """New segmentation on the voxel grid of a scan with an empty segment per class."""
        return segments.create_segmentation(slicer.mrmlScene, volumeNode, profile_of(profileNode))

    def applyProfile(
        self, profileNode: slicer.vtkMRMLTextNode, segmentationNode: slicer.vtkMRMLSegmentationNode
    ) -> AppliedProfile:
        """Give a segmentation the names, colors and locks of a profile; no voxel changes its segment."""
        return apply_profile(segmentationNode, profile_of(profileNode))


class RWTHSAMProfilesFileReader:
    """Opens profiles through Add Data, drag and drop, and `slicer.util.loadNodeFromFile`."""

    def __init__(self, parent: slicer.qSlicerScriptedFileReader) -> None:
        self.parent = parent

    def description(self) -> str:
        """What dialogs call such files."""
        return _("Segmentation profile")

    def fileType(self) -> str:
        """What scripts call such files."""
        return profile_files.FILE_TYPE

    def extensions(self) -> list[str]:
        """Files that a dialog offers."""
        return [profile_files.NAME_FILTER]

    def canLoadFile(self, path: str) -> bool:
        """Whether a file is, or may be, a profile."""
        return profile_files.confidence_of(path) > 0

    def canLoadFileConfidence(self, path: str) -> float:
        """How surely a file is a profile; 0 for foreign JSON."""
        return profile_files.confidence_of(path)

    def load(self, properties: dict[str, str]) -> bool:
        """Add the profile of ``properties["fileName"]`` to the scene; say why where that fails."""
        try:
            node = load_profile_node(slicer.mrmlScene, Path(properties["fileName"]), properties.get("name"))
        except RwthSamError as error:
            self.parent.userMessages().AddMessage(vtk.vtkCommand.ErrorEvent, str(error))
            return False
        self.parent.loadedNodes = [node.GetID()]
        return True


class RWTHSAMProfilesFileWriter:
    """Writes profiles for the application's Save dialog, Export, and `slicer.util.saveNode`."""

    def __init__(self, parent: slicer.qSlicerScriptedFileWriter) -> None:
        self.parent = parent
        self._asked_about: slicer.vtkMRMLNode | None = None

    def description(self) -> str:
        """What dialogs call such files."""
        return _("Segmentation profile")

    def fileType(self) -> str:
        """What scripts call such files."""
        return profile_files.FILE_TYPE

    def extensions(self, node: slicer.vtkMRMLNode) -> list[str]:
        """Files that a dialog offers for a node."""
        # an export works on a copy in a scene that nobody hands to a scripted writer; it asks this right before
        self._asked_about = node
        return [profile_files.NAME_FILTER]

    def canWriteObject(self, node: slicer.vtkMRMLNode) -> bool:
        """Whether a node is a profile."""
        return is_profile_node(node)

    def canWriteObjectConfidence(self, node: slicer.vtkMRMLNode) -> float:
        """More than the text writer claims for a profile, nothing for other text nodes."""
        return 0.9 if is_profile_node(node) else 0.0

    def write(self, properties: dict[str, str]) -> bool:
        """Write the node ``properties["nodeID"]`` to ``properties["fileName"]``; say why where that fails."""
        node = self._node(properties["nodeID"])
        try:
            save_profile_node(node, Path(properties["fileName"]))
        except RwthSamError as error:
            self.parent.userMessages().AddMessage(vtk.vtkCommand.ErrorEvent, str(error))
            return False
        self.parent.writtenNodes = [node.GetID()]
        return True

    def _node(self, node_id: str) -> slicer.vtkMRMLNode:
        asked, self._asked_about = self._asked_about, None
        return asked if asked is not None and asked.GetID() == node_id else slicer.mrmlScene.GetNodeByID(node_id)


class RWTHSAMProfilesTest(ScriptedLoadableModuleTest):
    """Runs in the application: Reload and Test, or the module's automated test, which calls each method by its name."""

    def setUp(self) -> None:
        """Begin with an empty scene."""
        slicer.mrmlScene.Clear()

    def test_a_profile_survives_its_file(self) -> None:
        """Save, load, compare."""
        logic = RWTHSAMProfilesLogic()
        node = logic.addProfile(profile_of_names("Cell", ["Can", "Jelly roll"]).locking("can"))
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "profile.json")
            self.assertTrue(slicer.util.saveNode(node, path))
            again = slicer.util.loadNodeFromFile(path, profile_files.FILE_TYPE)
        self.assertEqual(logic.profile(again).classes, logic.profile(node).classes)

    def test_a_damaged_file_adds_no_node(self) -> None:
        """A file without classes is refused, the scene as before."""
        count = slicer.mrmlScene.GetNumberOfNodes()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "damaged.json"
            path.write_text('{"format": "rwthsam-profile", "version": 2, "name": "Cell", "classes": []}', "utf-8")
            with self.assertRaises(RuntimeError):
                slicer.util.loadNodeFromFile(str(path), profile_files.FILE_TYPE)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_a_profile_becomes_segments_and_back(self) -> None:
        """Segments of a profile, renamed by it, and a profile of them."""
        logic = RWTHSAMProfilesLogic()
        volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Scan")
        image = vtk.vtkImageData()
        image.SetDimensions(4, 4, 4)
        image.AllocateScalars(vtk.VTK_SHORT, 1)
        volume.SetAndObserveImageData(image)
        node = logic.addProfile(profile_of_names("Cell", ["Can", "Core"]))
        segmentation = logic.createSegmentation(node, volume)
        logic.setProfile(node, logic.profile(node).renaming("core", "Mandrel"))
        self.assertEqual(logic.applyProfile(node, segmentation).renamed, (("Core", "Mandrel"),))
        self.assertEqual(
            logic.profile(logic.profileFromSegmentation(segmentation)).classes, logic.profile(node).classes
        )
