"""Editing is the real logic of slicer-core; parameter nodes, forms, files and reloading behave as in Slicer."""

import enum
import gc
import sys
from typing import Annotated

import numpy as np
import pytest
import vtk

from desktop_host.testing.editors import add_volume, close_editor, make_editor


@pytest.fixture
def an_editor(host):
    """A segment editor with the example effect active; it stamps single voxels."""
    editor = make_editor(host, add_volume())
    editor.effect("Host example").scriptedEffect.setParameter("HalfSize", 0)
    yield editor
    close_editor(editor)


@pytest.fixture
def effect(an_editor):
    """What an effect's Python class holds as ``self.scriptedEffect``."""
    return an_editor.widget.activeEffect().self().scriptedEffect


@pytest.fixture
def a_labelmap(effect):
    """Gives a labelmap on the segmentation's grid with these voxels (i, j, k) set."""

    def make(*voxels):
        labelmap = effect.defaultModifierLabelmap()
        for voxel in voxels:
            labelmap.SetScalarComponentFromDouble(*voxel, 0, 1)
        labelmap.Modified()
        return labelmap

    return make


@pytest.fixture
def a_panel(host):
    """The example module's panel over an empty scene."""
    return host.show_module("HostExample")


# edits
def test_the_modes_add_set_and_remove_voxels(an_editor, effect, a_labelmap):
    import slicer

    modes = slicer.qSlicerSegmentEditorAbstractEffect
    effect.modifySelectedSegmentByLabelmap(a_labelmap((1, 2, 3), (4, 5, 6)), modes.ModificationModeSet)
    effect.modifySelectedSegmentByLabelmap(a_labelmap((7, 8, 9)), modes.ModificationModeAdd)
    effect.modifySelectedSegmentByLabelmap(a_labelmap((4, 5, 6)), modes.ModificationModeRemove)
    assert an_editor.voxels() == [(1, 2, 3), (7, 8, 9)]


def test_an_extent_limits_an_edit(an_editor, effect, a_labelmap):
    labelmap = a_labelmap((1, 2, 3), (4, 5, 6))
    effect.modifySelectedSegmentByLabelmap(labelmap, effect.ModificationModeAdd, [0, 3, 0, 11, 0, 9])
    assert an_editor.voxels() == [(1, 2, 3)]


def test_segments_overwrite_each_other_unless_told_otherwise(an_editor, effect, a_labelmap):
    editor = an_editor
    add = effect.ModificationModeAdd
    for overwrite, left in ((editor.node.OverwriteAllSegments, []), (editor.node.OverwriteNone, [(1, 2, 3)])):
        editor.fill(np.zeros((10, 12, 14)), "can")
        editor.fill(np.zeros((10, 12, 14)), "cell")
        editor.node.SetOverwriteMode(overwrite)
        effect.modifySegmentByLabelmap(editor.segmentation, "cell", a_labelmap((1, 2, 3)), add)
        effect.modifySegmentByLabelmap(editor.segmentation, "can", a_labelmap((1, 2, 3)), add)
        assert editor.voxels("cell") == left
        assert editor.voxels("can") == [(1, 2, 3)]


def test_the_intensity_mask_keeps_edits_out(an_editor, effect, a_labelmap):
    grey = 1 * 14 * 12 + 1 * 14 + 1
    an_editor.node.SetSourceVolumeIntensityMask(True)
    an_editor.node.SetSourceVolumeIntensityMaskRange(grey, grey)
    effect.modifySelectedSegmentByLabelmap(a_labelmap((1, 1, 1), (2, 1, 1)), effect.ModificationModeAdd)
    assert an_editor.voxels() == [(1, 1, 1)]


def test_the_area_mask_keeps_edits_out_unless_bypassed(an_editor, effect, a_labelmap):
    can = np.zeros((10, 12, 14), bool)
    can[1, 1, 1] = True
    an_editor.fill(can, "can")
    an_editor.node.SetMaskMode(an_editor.segmentation.EditAllowedInsideSingleSegment)
    an_editor.node.SetMaskSegmentID("can")
    an_editor.node.SetOverwriteMode(an_editor.node.OverwriteNone)
    for bypass, voxels in ((False, [(1, 1, 1)]), (True, [(1, 1, 1), (2, 1, 1)])):
        labelmap = a_labelmap((1, 1, 1), (2, 1, 1))
        effect.modifySelectedSegmentByLabelmap(labelmap, effect.ModificationModeAdd, bypass)
        assert an_editor.voxels() == voxels


def test_undo_and_redo_walk_over_saved_states(host, an_editor):
    for voxel in ((3, 4, 5), (6, 7, 5)):
        host.user.click_voxel("Red", an_editor.volume, voxel)
    an_editor.widget.undo()
    assert an_editor.voxels() == [(3, 4, 5)]
    an_editor.widget.undo()
    assert an_editor.voxels() == []
    an_editor.widget.redo()
    an_editor.widget.redo()
    assert an_editor.voxels() == [(3, 4, 5), (6, 7, 5)]


def test_images_of_an_effect_lie_on_the_reference_grid(an_editor, effect, a_labelmap):
    for image in (effect.referenceGeometryImage(), effect.sourceVolumeImageData(), effect.defaultModifierLabelmap()):
        assert image.GetExtent() == (0, 13, 0, 11, 0, 9)
    assert effect.sourceVolumeImageData().GetScalarComponentAsDouble(1, 1, 1, 0) == 1 * 14 * 12 + 1 * 14 + 1


def test_parameters_are_text_in_the_editor_node_with_the_effects_name(host, an_editor, effect):
    effect.setParameter("HalfSize", 2)
    assert an_editor.node.GetAttribute("Host example.HalfSize") == "2"
    assert effect.parameter("HalfSize") == "2" and effect.integerParameter("HalfSize") == 2
    before = len(host.complaints)
    assert effect.parameter("Unknown") == ""
    assert len(host.complaints) > before


def test_an_effect_shows_its_parameter_and_writes_it(host, an_editor, effect):
    box = an_editor.widget.activeEffect().self().sizeSpinBox
    effect.setParameter("HalfSize", 3)
    assert box.value == 3
    box.value = 1
    assert effect.integerParameter("HalfSize") == 1


# parameter nodes and forms
class Size(enum.Enum):
    """Two choices."""

    SMALL = 1
    LARGE = 2


@pytest.fixture
def wrapper(host):
    """A wrapped parameter node with one member of each common type."""
    import slicer
    from slicer.parameterNodeWrapper import Choice, Minimum, WithinRange, parameterNodeWrapper

    @parameterNodeWrapper
    class Parameters:
        volume: slicer.vtkMRMLScalarVolumeNode | None = None
        threshold: Annotated[float, WithinRange(0, 10)] = 2.5
        count: Annotated[int, Minimum(0)] = 3
        name: Annotated[str, Choice(["a", "b"])] = "b"
        size: Size = Size.LARGE
        on: bool = True

    Parameters.node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")
    return Parameters


def test_values_live_in_the_node(wrapper):
    first, volume = wrapper(wrapper.node), add_volume()
    first.volume, first.threshold, first.size, first.on = volume, 7.0, Size.SMALL, False
    second = wrapper(wrapper.node)
    assert second.volume is volume and wrapper.node.GetNodeReference("volume") is volume
    assert (second.threshold, second.count, second.name, second.size, second.on) == (7.0, 3, "b", Size.SMALL, False)


def test_a_value_out_of_range_is_refused(wrapper):
    parameters = wrapper(wrapper.node)
    with pytest.raises(ValueError):
        parameters.threshold = 11
    assert parameters.threshold == 2.5


def test_widgets_follow_the_node_and_the_node_the_widgets(host, wrapper):
    import ctk
    import qt

    parameters = wrapper(wrapper.node)
    slider, combo, check = ctk.ctkSliderWidget(), qt.QComboBox(), qt.QCheckBox()
    tag = parameters.connectParametersToGui({"threshold": slider, "size": combo, "on": check})
    assert (slider.minimum, slider.maximum, slider.value) == (0, 10, 2.5)
    assert combo.currentText == "LARGE" and check.checked
    slider.value, combo.currentIndex = 4.0, 0
    assert (parameters.threshold, parameters.size) == (4.0, Size.SMALL)
    parameters.on = False
    assert not check.checked
    parameters.disconnectGui(tag)
    slider.value = 9
    assert parameters.threshold == 4.0


def test_a_slider_without_bounds_and_a_combo_box_without_choices_are_refused(wrapper):
    import ctk
    import qt
    import slicer
    from slicer.parameterNodeWrapper import parameterNodeWrapper

    @parameterNodeWrapper
    class Loose:
        number: float = 1.0
        text: str = ""

    loose = Loose(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))
    with pytest.raises(RuntimeError, match="unbounded"):
        loose.connectParametersToGui({"number": ctk.ctkSliderWidget()})
    with pytest.raises(RuntimeError, match="Choice"):
        loose.connectParametersToGui({"text": qt.QComboBox()})
    with pytest.raises(Exception, match="GuiConnector"):
        loose.connectParametersToGui({"text": ctk.ctkSliderWidget()})


def test_a_form_has_its_widgets_by_name_and_hands_the_scene_on(host, a_panel):
    import slicer

    ui = a_panel.ui
    assert type(ui.inputSelector) is slicer.qMRMLNodeComboBox
    assert ui.inputSelector.mrmlScene() is slicer.mrmlScene
    with pytest.raises(AttributeError):
        _ = ui.noSuchWidget


def test_a_missing_form_is_an_error(host):
    import slicer

    with pytest.raises(RuntimeError):
        slicer.util.loadUI("/no/such/form.ui")


def test_the_example_does_its_job_through_its_panel(host, a_panel):
    volume = add_volume()
    assert not a_panel.ui.applyButton.enabled
    a_panel.ui.inputSelector.setCurrentNode(volume)
    host.user.push(a_panel.ui.applyButton)
    import slicer

    made = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(made, "cell", volume)
    assert int(mask.sum()) == int((slicer.util.arrayFromVolume(volume) >= 500).sum()) > 0


def test_the_self_test_of_a_module_runs(host):
    import slicer

    slicer.selfTests["HostExample"]()


# a node chooser, as Qt makes it
@pytest.fixture
def a_chooser(host):
    """A node combo box without None, with its entries for adding and removing nodes."""
    import slicer

    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = ["vtkMRMLTextNode"]
    box.setMRMLScene(slicer.mrmlScene)
    return box


def test_a_new_node_is_not_chosen_by_itself(host, a_chooser):
    import slicer

    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode")
    assert a_chooser.currentNode() is None


def test_a_removed_node_leaves_its_place_to_a_neighbour(host, a_chooser):
    import slicer

    one, two, three = (slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode") for _ in range(3))
    a_chooser.setCurrentNode(two)
    slicer.mrmlScene.RemoveNode(two)
    assert a_chooser.currentNode() is three
    slicer.mrmlScene.RemoveNode(three)
    assert a_chooser.currentNode() is one
    slicer.mrmlScene.RemoveNode(one)
    assert a_chooser.currentNode() is None


# files
def test_a_scripted_reader_and_writer_take_their_files(host, tmp_path):
    import slicer

    path = tmp_path / "a.host.txt"
    path.write_text("host example: one", encoding="utf-8")
    assert slicer.app.coreIOManager().fileType(str(path)) == "HostExampleFile"
    node = slicer.util.loadNodeFromFile(str(path), "HostExampleFile")
    assert node.GetText() == "host example: one"
    assert slicer.util.saveNode(node, str(tmp_path / "b.host.txt"))
    assert (tmp_path / "b.host.txt").read_text(encoding="utf-8") == "host example: one"


def test_a_foreign_file_is_left_to_others_and_its_load_fails(host, tmp_path):
    import slicer

    path = tmp_path / "a.host.txt"
    path.write_text("something else", encoding="utf-8")
    assert slicer.app.coreIOManager().fileType(str(path)) == "TextFile"
    with pytest.raises(RuntimeError):
        slicer.util.loadNodeFromFile(str(path), "HostExampleFile")


def test_a_scene_bundle_comes_back(host, tmp_path):
    import slicer

    volume, bundle = add_volume(), tmp_path / "scene.mrb"
    before = slicer.util.arrayFromVolume(volume).copy()
    assert slicer.util.saveScene(str(bundle))
    host.close_scene()
    assert slicer.mrmlScene.GetFirstNodeByName("Scan") is None
    slicer.util.loadScene(str(bundle))
    assert np.array_equal(slicer.util.arrayFromVolume(slicer.util.getNode("Scan")), before)


# life of a module


def _tags(scene):
    return [tag for tag in range(1, 4000) if scene.GetCommand(tag) is not None]


def test_reloading_a_module_leaves_no_observer_and_no_visible_widget(host, a_panel):
    import slicer

    old = a_panel
    connections = len(slicer.app.moduleManager()._pythonqt_object._pythonqt_connections)
    for _ in range(3):
        slicer.util.reloadScriptedModule("HostExample")
        host.process_events()
        host.check()
    new = slicer.modules.HostExampleWidget
    assert type(new) is sys.modules["HostExample"].HostExampleWidget is not type(old)
    assert not old.Observations and new.Observations
    assert len(slicer.app.moduleManager()._pythonqt_object._pythonqt_connections) == connections
    # Slicer hides the old panel, it does not destroy it
    shown = [child for child in new.parent.children() if child.isWidgetType() and not child.isHidden()]
    assert len(shown) == 1 == new.parent.layout().count()


def test_closing_the_scene_while_the_module_is_shown_leaves_it_usable(host, a_panel):
    a_panel.ui.inputSelector.setCurrentNode(add_volume())
    assert a_panel.ui.applyButton.enabled
    host.close_scene()
    host.check()
    assert not a_panel.ui.applyButton.enabled
    a_panel.ui.inputSelector.setCurrentNode(add_volume())
    assert a_panel.ui.applyButton.enabled


def test_an_unloaded_module_is_gone(host):
    import slicer

    from desktop_host.pythonqt.conversion import unwrap

    host.show_module("HostExample")
    panel, before = unwrap(slicer.modules.hostexample.widgetRepresentation()), len(_tags(slicer.mrmlScene))
    gone = []
    panel.destroyed.connect(lambda *_a: gone.append(True))
    path = slicer.util.modulePath("HostExample")
    host.unload_module("HostExample")
    gc.collect()
    assert gone and not hasattr(slicer.modules, "hostexample") and "HostExample" not in slicer.selfTests
    assert len(_tags(slicer.mrmlScene)) < before
    host.load_module(path)
    assert slicer.modules.hostexample.title == "Host Example"


def test_a_package_that_outlives_a_host_hands_out_no_module_of_it(tmp_path, monkeypatch):
    from desktop_host.host import Host

    (tmp_path / "lasting" / "hosted").mkdir(parents=True)
    for file in ("__init__.py", "hosted/__init__.py"):
        (tmp_path / "lasting" / file).touch()
    monkeypatch.syspath_prepend(tmp_path)
    import lasting
    import lasting.hosted

    a_host = Host()
    a_host.claim_files_of(tmp_path / "lasting" / "hosted")
    a_host._known_before = {"lasting"}
    a_host._drop_module_files()
    assert sys.modules.get("lasting") is lasting and not hasattr(lasting, "hosted")


def test_an_observer_of_the_mixin_ends_with_removal(host):
    import slicer

    class Watcher(slicer.util.VTKObservationMixin):
        def __init__(self):
            super().__init__()
            self.seen = 0

        def note(self, caller, event):
            self.seen += 1

    watcher, node = Watcher(), slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode")
    watcher.addObserver(node, vtk.vtkCommand.ModifiedEvent, watcher.note)
    node.Modified()
    watcher.removeObservers()
    node.Modified()
    assert watcher.seen == 1
