"""A call that desktop Slicer refuses is refused by the host in the same way."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QLineEdit

from desktop_host.testing.fixtures import LINE


@pytest.fixture
def qt(host):
    """Slicer's module ``qt``."""
    return sys.modules["qt"]


@pytest.fixture
def ctk(host):
    """Slicer's module ``ctk``."""
    return sys.modules["ctk"]


@pytest.fixture
def slicer(host):
    """Slicer's own namespace."""
    return sys.modules["slicer"]


# members
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("qMRMLNodeComboBox", "setNodeTypes"),
        ("qMRMLNodeComboBox", "setNoneEnabled"),
        ("ctkSliderWidget", "setMinimum"),
        ("ctkSliderWidget", "setRange"),
        ("ctkSliderWidget", "setSingleStep"),
        ("ctkDoubleSpinBox", "setRange"),
        ("ctkCollapsibleButton", "setCollapsed"),
        ("ctkPathLineEdit", "setFilters"),
    ],
)
def test_a_setter_that_is_no_slot_is_missing(slicer, ctk, owner, name):
    widget = getattr(ctk if owner.startswith("ctk") else slicer, owner)()
    with pytest.raises(AttributeError, match=f"{owner} has no attribute named '{name}'"):
        getattr(widget, name)


def test_the_main_window_is_not_reached_through_the_application(slicer):
    with pytest.raises(AttributeError, match="mainWindow"):
        _ = slicer.app.mainWindow
    assert slicer.util.mainWindow().className() == "qSlicerMainWindow"


def test_the_name_of_an_effect_is_a_property_without_setter(slicer):
    import qSlicerSegmentationsEditorEffectsPythonQt as effects

    effect = effects.qSlicerSegmentEditorScriptedEffect(None)
    effect.name = "Mine"
    with pytest.raises(AttributeError, match="setName"):
        _ = effect.setName
    assert effect.name == "Mine"


@pytest.mark.parametrize(
    ("kind", "name"),
    [("QSpinBox", "value"), ("QPushButton", "text"), ("QWidget", "visible"), ("QCheckBox", "checked")]
    + [("QComboBox", "currentIndex"), ("QLineEdit", "text"), ("QWidget", "width"), ("QComboBox", "count")],
)
def test_a_property_hides_the_method_of_its_name(qt, kind, name):
    value = getattr(getattr(qt, kind)(), name)
    with pytest.raises(TypeError, match="not callable"):
        value()


def test_a_method_without_a_property_of_its_name_stays_a_method(qt):
    assert qt.QCheckBox().isChecked() is False
    assert qt.QLabel("x").isHidden() is True


def test_name_is_the_object_name(qt):
    button = qt.QPushButton()
    button.name = "go"
    assert button.objectName == "go"


# calls
def test_a_wrong_number_of_arguments_is_refused(qt):
    with pytest.raises(ValueError, match="wrong number of arguments"):
        qt.QLabel("x").setText()
    with pytest.raises(ValueError, match="matching overload"):
        qt.QPushButton().resize(1, 2, 3)


def test_a_wrong_type_of_argument_is_refused(qt):
    with pytest.raises(ValueError, match="wrong arguments"):
        qt.QSpinBox().setMaximum("many")


def test_keyword_arguments_are_refused(qt):
    with pytest.raises(ValueError, match="does not support kwargs"):
        qt.QLabel().setText(text="x")
    with pytest.raises(ValueError, match="does not support kwargs"):
        qt.QLabel(text="x")


def test_tuples_do_not_become_points_sizes_or_colours(qt):
    with pytest.raises(ValueError):
        qt.QWidget().move((1, 2))
    with pytest.raises(ValueError):
        qt.QPixmap(8, 8).fill("#ff0000")


def test_a_deleted_object_is_refused(qt):
    label = qt.QLabel("x")
    label.delete()
    with pytest.raises(ValueError, match="destroyed"):
        label.setText("y")


# writing
def test_a_new_attribute_on_a_wrapper_is_refused(qt, slicer):
    for widget in (qt.QPushButton(), slicer.qMRMLNodeComboBox()):
        with pytest.raises(AttributeError, match="creating new attributes on C.. objects is not allowed"):
            widget.myOwnNote = 1


def test_a_python_class_takes_new_attributes(qt):
    class Frame(qt.QFrame):
        pass

    frame = Frame()
    frame.myOwnNote = 1
    assert frame.myOwnNote == 1


def test_a_read_only_property_is_refused(qt):
    with pytest.raises(AttributeError, match="not writable"):
        qt.QComboBox().count = 3


def test_a_property_refuses_a_value_of_another_type(qt):
    with pytest.raises(AttributeError, match="does not accept"):
        qt.QSpinBox().maximum = "many"


def test_a_slot_a_signal_and_an_enum_cannot_be_overwritten(qt):
    button = qt.QPushButton()
    for name in ("click", "clicked", "RenderFlag"):
        with pytest.raises(AttributeError, match="can not be overwritten"):
            setattr(button, name, None)


# values
def test_lists_come_back_as_tuples(qt, slicer):
    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    assert box.nodeTypes == ("vtkMRMLScalarVolumeNode",)
    assert type(qt.QWidget().children()) is tuple
    assert type(slicer.app.moduleManager().modulesNames()) is tuple


def test_enums_are_ints_but_not_pythons_enums(qt):
    import enum

    assert isinstance(qt.Qt.LeftButton, int) and not isinstance(qt.Qt.LeftButton, enum.Enum)
    assert qt.Qt.LeftButton | qt.Qt.RightButton == 3
    assert qt.QSizePolicy.Policy(7) == qt.QSizePolicy.Expanding


def test_a_file_dialog_answers_with_the_path_alone(host, qt, tmp_path):
    target = tmp_path / "a.json"
    target.write_text("{}")
    options = qt.QFileDialog.DontUseNativeDialog

    def answer(dialog):
        dialog.findChild(QLineEdit).setText(str(target))
        dialog.accept()

    with host.user.answering(answer):
        found = qt.QFileDialog.getOpenFileName(None, "Open", str(tmp_path), "*.json", None, options)
    assert found == str(target)


# signals
def test_an_unknown_signal_prints_and_returns_false(host, qt):
    before = len(host.complaints)
    assert qt.QPushButton().connect("pressedHard(bool)", print) is False
    assert "pressedHard" in host.complaints[before]


def test_a_signal_with_other_arguments_is_unknown(host, qt):
    assert qt.QComboBox().connect("currentIndexChanged(QString)", print) is False
    assert qt.QComboBox().connect("currentIndexChanged(int)", print) is True


def test_a_callable_gets_as_many_arguments_as_it_takes(qt):
    got = []
    box = qt.QSpinBox()
    box.connect("valueChanged(int)", lambda: got.append("none"))
    box.connect("valueChanged(int)", lambda value: got.append(value))
    box.valueChanged.connect(lambda value=7: got.append(value))
    box.value = 3
    assert got == ["none", 3, 3]


def test_an_exception_in_a_slot_is_printed_and_does_not_stop_the_caller(host, qt):
    button = qt.QPushButton()
    button.connect("clicked()", lambda: 1 / 0)
    button.click()
    with pytest.raises(ZeroDivisionError):
        host.check()


def test_disconnect_ends_a_connection(qt):
    got = []
    button = qt.QPushButton()
    receiver = got.append
    button.connect("clicked(bool)", receiver)
    assert button.disconnect("clicked(bool)", receiver) is True
    button.click()
    assert got == []


# classes
def test_an_abstract_class_cannot_be_made(slicer):
    with pytest.raises(ValueError, match="No constructors available for qSlicerSegmentEditorAbstractEffect"):
        slicer.qSlicerSegmentEditorAbstractEffect()
    assert slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeRemoveAll == 3


def test_a_widget_is_made_without_or_with_a_parent_only(slicer):
    with pytest.raises(ValueError):
        slicer.qMRMLNodeComboBox(None, 1)


def test_isinstance_needs_inherits(qt):
    button = qt.QPushButton()
    assert not isinstance(button, qt.QWidget)
    assert button.inherits("QWidget") and button.className() == "QPushButton"


@pytest.mark.parametrize("name", ["QSvgWidget", "QSqlDatabase", "QTest", "QRegExp", "QDesktopWidget"])
def test_qt_holds_only_classes_of_slicers_qt(qt, name):
    with pytest.raises(AttributeError, match=name):
        getattr(qt, name)


@pytest.mark.parametrize(
    "name",
    ["arrayFromVolume", "errorDisplay", "exit", "sys", "module", "MRMLCore", "qSlicerApplication", "util2"]
    + ["qSlicerCoreApplication", "ctkSliderWidget", "vtkNoSuchClass", "loadVolume", "vtkMRMLLayerDMScriptedPipeline"],
)
def test_slicer_holds_only_names_of_real_slicer(slicer, name):
    with pytest.raises(AttributeError, match=name):
        getattr(slicer, name)


def test_a_member_of_a_later_line_is_missing_in_an_earlier_one():
    from desktop_host.facts import Facts

    slots = Facts("5.6").slicer_classes["qSlicerTerminologyNavigatorWidget"].slots
    assert "setAnatomicRegionSectionVisible(bool)" in slots
    assert "setRegionSectionVisible(bool)" not in slots


@pytest.mark.skipif(LINE not in ("5.12", "5.13"), reason="slicer.packaging came with 5.12")
def test_packaging_installs_nothing_while_testing(slicer):
    from slicer import packaging

    assert packaging.pip_check("pytest>=1")
    packaging.pip_ensure(["no-such-distribution-of-this-name>=1"])
    assert not packaging.pip_check("no-such-distribution-of-this-name>=1")


def test_what_the_host_lacks_is_named_as_its_own_limit(host, slicer):
    from desktop_host import HostLimit

    with pytest.raises(HostLimit, match="desktop host"):
        slicer.qSlicerExtensionsManagerWidget()
