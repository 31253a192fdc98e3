"""Scripted effects run unchanged: the example's, and those of anybody else that an environment variable points to.

``DESKTOP_HOST_FOREIGN_EFFECTS`` names a folder with effects of other extensions: each ``SegmentEditorEffect.py`` there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from desktop_host import HostLimit
from desktop_host.testing.editors import add_volume, close_editor, make_editor

_FOREIGN = os.environ.get("DESKTOP_HOST_FOREIGN_EFFECTS")
FOREIGN = sorted(Path(_FOREIGN).rglob("SegmentEditorEffect.py")) if _FOREIGN else []


@pytest.fixture
def filled(an_editor):
    """The editor with a block in ``cell`` and another in ``can``."""
    block = np.zeros((10, 12, 14), bool)
    block[3:7, 3:8, 4:10] = True
    an_editor.fill(block, "cell")
    an_editor.fill(np.roll(block, 4, axis=0) & ~block, "can")
    return an_editor


def adaptor():
    """An empty adaptor, as a module makes it."""
    import qSlicerSegmentationsEditorEffectsPythonQt as effects

    return effects.qSlicerSegmentEditorScriptedEffect(None)


@pytest.fixture
def a_factory(host):
    """The factory of effects, which forgets afterwards what the test registered."""
    from desktop_host.widgets.effect_factory import qSlicerSegmentEditorEffectFactory

    factory = qSlicerSegmentEditorEffectFactory.instance()
    before = factory.registeredEffects()
    yield factory
    factory._effects[:] = before


# the example's effect
def test_a_registered_effect_is_cloned_into_every_editor(an_editor):
    other = make_editor(an_editor.host, an_editor.volume)
    first, second = an_editor.effect("Host example"), other.effect("Host example")
    assert first is not second and type(first) is type(second)
    assert "Host example" in an_editor.widget.availableEffectNames()
    close_editor(other)


def test_the_adaptor_answers_with_what_the_class_says(an_editor):
    effect = an_editor.effect("Host example").scriptedEffect
    assert effect.name == effect.title == "Host example" and effect.perSegment
    assert effect.active() and effect.parameterSetNode() is an_editor.node
    assert effect.className() == "qSlicerSegmentEditorScriptedEffect"


def test_a_second_effect_of_the_same_name_is_refused(host, an_editor):
    import qSlicerSegmentationsEditorEffectsPythonQt as effects
    import SegmentEditorHostExampleLib as library

    before = len(host.complaints)
    twin = adaptor()
    source = Path(library.__file__).with_name("SegmentEditorEffect.py").as_posix()
    twin.setPythonSource(source)
    assert effects.qSlicerSegmentEditorEffectFactory.instance().registerEffect(twin) is False
    assert "already been registered" in host.complaints[before]


def test_a_destroyed_editor_cleans_its_effects_up_and_hears_no_more(host, a_factory):
    editor = make_editor(host, add_volume())
    cleaned = []
    editor.effect("Host example").cleanup = lambda: cleaned.append(True)
    close_editor(editor)
    assert cleaned == [True]
    registered_again(a_factory)
    host.check()


def registered_again(factory):
    """Register the example's effect under another name."""
    import SegmentEditorHostExampleLib as library

    twin = adaptor()
    twin.setPythonSource(Path(library.__file__).with_name("SegmentEditorEffect.py").as_posix())
    twin.name = "Twin"
    assert twin.self().register() is True or "Twin" in [effect.name() for effect in factory.registeredEffects()]


def test_hiding_a_selector_hides_its_label(an_editor):
    an_editor.widget.segmentationNodeSelectorVisible = False
    hidden = {label.text: label.isHidden() for label in an_editor.widget.findChildren("QLabel")}
    assert hidden["Segmentation:"] and not hidden["Source volume:"]


def test_a_stroke_of_the_effect_can_be_undone_by_the_editor(host, an_editor):
    an_editor.effect("Host example")
    host.user.click_voxel("Green", an_editor.volume, (5, 5, 5))
    assert len(an_editor.voxels()) == 27
    host.user.click_voxel("Green", an_editor.volume, (5, 5, 5), keys="ctrl")
    assert an_editor.voxels() == []
    an_editor.widget.undo()
    assert len(an_editor.voxels()) == 27


def test_a_class_is_found_by_the_folder_of_its_file(host, tmp_path):
    folder = tmp_path / "SegmentEditorOneOffLib"
    folder.mkdir()
    source = folder / "SegmentEditorOneOffEffect.py"
    source.write_text(
        "from SegmentEditorEffects import *\n"
        "class SegmentEditorOneOffEffect(AbstractScriptedSegmentEditorEffect):\n"
        "    def __init__(self, scriptedEffect):\n"
        "        scriptedEffect.name = 'One off'\n"
        "        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)\n",
        encoding="utf-8",
    )
    one_off = adaptor()
    assert one_off.setPythonSource(source.as_posix()) is True
    assert type(one_off.self()).__module__ == "SegmentEditorOneOffLib"
    assert sys.modules["slicer"].SegmentEditorOneOffLib is one_off.self()


def test_a_source_without_the_class_is_refused(host, tmp_path):
    (tmp_path / "Empty.py").write_text("", encoding="utf-8")
    before = len(host.complaints)
    assert adaptor().setPythonSource((tmp_path / "Empty.py").as_posix()) is False
    assert "EmptyEffect" in host.complaints[before]


def test_paint_and_erase_edit_beside_it(host, an_editor):
    for name, wanted in (("Paint", True), ("Erase", False)):
        an_editor.effect(name).setCommonParameter("BrushAbsoluteDiameter", 3.0)
        host.user.click_voxel("Red", an_editor.volume, (6, 6, 5))
        mask = an_editor.mask()
        assert bool(mask[5, 6, 6]) is wanted and not mask[4].any()


# other people's effects
@pytest.mark.skipif(not FOREIGN, reason="DESKTOP_HOST_FOREIGN_EFFECTS names no folder with other extensions' effects")
@pytest.mark.parametrize("source", FOREIGN, ids=lambda path: path.parent.name)
def test_an_effect_of_another_extension_runs(host, filled, a_factory, source):
    try:
        foreign = adaptor()
        loaded = foreign.setPythonSource(source.as_posix())
        host.check()
        foreign.self().register()
        host.check()
        filled.effect(foreign.name)
        host.user.click_voxel("Red", filled.volume, (6, 5, 5))
        host.user.drag("Red", *(host.user.ras_of(filled.volume, (i, 5, 5)) for i in (5, 8)))
    except HostLimit as limit:
        host.errors.clear()
        pytest.skip(str(limit))
    except NameError as missing:
        host.errors.clear()
        if "SegmentEditor" not in str(missing):
            raise
        pytest.skip(f"derives from an effect of Slicer itself: {missing}")
    assert loaded and filled.widget.activeEffect().name == foreign.name


def test_a_closed_scene_gives_an_effect_its_defaults_again(host, an_editor):
    an_editor.node.SetSingletonTag("Test")
    an_editor.effect("Host example").scriptedEffect.setParameter("HalfSize", 4)
    host.close_scene()
    assert an_editor.node.GetAttribute("Host example.HalfSize") == "1"
    assert an_editor.node.GetAttribute("BrushAbsoluteDiameter") == "3"
