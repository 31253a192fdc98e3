"""The module's section "3D view": the classes as a volume, and what of it is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import qt

from ...core.field_check import with_fields
from ...core.settings.rendering import RenderingSettings, SegmentLook
from ...core.settings.setting import settings_of
from ...mrml.previews.rendering_volume import seen_segments
from ..app.shared_session import SharedSession
from .picture_buttons import PictureButtons
from .session_panel import SessionPanel
from .setting_widgets import option_values, show_check, show_number, show_options

_CHOICES = ("color_by", "cut", "cut_axis", "most_voxels")
_VALUES = {name: option_values(RenderingSettings, name) for name in _CHOICES}
_SLIDERS = ("grey_opacity", "edge_opacity", "rest_opacity")

Change = Callable[[RenderingSettings], RenderingSettings]


class RenderingPanel(SessionPanel):
    """The form ``RWTHSAMRendering.ui`` over the session's rendering.

    Parameters
    ----------
    section : ctkCollapsibleButton
        Where the form is put.
    shared : SharedSession
    """

    def __init__(self, section: qt.QWidget, shared: SharedSession) -> None:
        super().__init__(section, shared, "RWTHSAMRendering")
        self._listed: list[tuple[str, str]] = []
        sliders = (self.ui.greyOpacitySlider, self.ui.edgeOpacitySlider, self.ui.restOpacitySlider)
        self._sliders = dict(zip(_SLIDERS, sliders, strict=True))
        self._show_settings()
        self._connect()
        self._pictures = PictureButtons(self.ui, shared, self.do, self._signals.connect)
        self.refresh()

    def _show_settings(self) -> None:
        """Labels, help, limits and options of the widgets."""
        ui, settings, looks = self.ui, settings_of(RenderingSettings), settings_of(SegmentLook)
        self._boxes = dict(zip(_CHOICES, (ui.colorByBox, ui.cutBox, ui.cutAxisBox, ui.detailBox), strict=True))
        for name, label in zip(_CHOICES, (ui.colorByLabel, ui.cutLabel, None, ui.detailLabel), strict=True):
            show_options(settings[name], self._boxes[name], label)
        labels = (ui.greyOpacityLabel, ui.edgeOpacityLabel, ui.restOpacityLabel)
        for name, label in zip(_SLIDERS, labels, strict=True):
            show_number(settings[name], self._sliders[name], label)
        show_check(settings["shown"], ui.shownBox)
        show_check(settings["crop_ijk"], ui.cropBox)
        show_check(looks["visible"], ui.classVisibleBox)
        show_number(looks["opacity"], ui.classOpacitySlider)

    def close(self) -> None:
        """End every connection, and a turn under way."""
        super().close()
        self._pictures.close()

    def _show(self) -> None:
        self._pictures.refresh()
        self._show_choices(self._shared.session.rendering.settings)
        self._show_classes()
        self._show_work()

    def _show_choices(self, choices: RenderingSettings) -> None:
        ui = self.ui
        ui.shownBox.checked = choices.shown
        for name, box in self._boxes.items():
            value = getattr(choices, name)
            box.currentIndex = _VALUES[name].index(value) if value in _VALUES[name] else -1
        for name, slider in self._sliders.items():
            slider.value = getattr(choices, name)
        ui.cutAxisBox.enabled = choices.shown and choices.cut != "none"
        ui.cropBox.checked = choices.crop_ijk is not None
        for each in (*self._sliders.values(), ui.colorByBox, ui.cutBox, ui.cropBox, ui.detailBox):
            each.enabled = choices.shown
        ui.shownBox.enabled = self._shared.session.volume_node is not None

    def _show_classes(self) -> None:
        ui, session = self.ui, self._shared.session
        seen = seen_segments(session.segmentation_node, session.rendering.settings)
        segmentation = session.segmentation_node.GetSegmentation() if session.segmentation_node is not None else None
        listed = [(each, segmentation.GetSegment(each).GetName()) for each in seen] if segmentation is not None else []
        if listed != self._listed:
            chosen = self._segment_id()
            self._listed = listed
            ui.classBox.clear()
            for _segment_id, name in listed:
                ui.classBox.addItem(name)
            ids = [each for each, _ in listed]
            ui.classBox.currentIndex = ids.index(chosen) if chosen in ids else 0 if ids else -1
        look = session.rendering.settings.look_of(self._segment_id())
        ui.classVisibleBox.checked = look.visible
        ui.classOpacitySlider.value = look.opacity
        for each in (ui.classBox, ui.classVisibleBox, ui.classOpacitySlider):
            each.enabled = session.rendering.settings.shown and bool(listed)

    def _show_work(self) -> None:
        rendering = self._shared.session.rendering
        progress, notice = rendering.progress, rendering.notice
        progress = progress if self._pictures.share is None else self._pictures.share
        self.ui.renderingProgressBar.setVisible(progress is not None)
        self.ui.renderingProgressBar.value = round(100 * (progress or 0))
        self.ui.renderingNotice.setVisible(bool(notice))
        self.ui.renderingNotice.text = notice

    def _connect(self) -> None:
        ui, connect = self.ui, self._signals.connect
        connect(ui.shownBox, "toggled(bool)", self._on_shown)
        connect(ui.colorByBox, "currentIndexChanged(int)", self._on_color_by)
        connect(ui.greyOpacitySlider, "valueChanged(double)", self._on_grey)
        connect(ui.edgeOpacitySlider, "valueChanged(double)", self._on_edge)
        connect(ui.restOpacitySlider, "valueChanged(double)", self._on_rest)
        connect(ui.classBox, "currentIndexChanged(int)", self._on_class)
        connect(ui.classVisibleBox, "toggled(bool)", self._on_class_visible)
        connect(ui.classOpacitySlider, "valueChanged(double)", self._on_class_opacity)
        connect(ui.cutBox, "currentIndexChanged(int)", self._on_cut)
        connect(ui.cutAxisBox, "currentIndexChanged(int)", self._on_cut_axis)
        connect(ui.cropBox, "toggled(bool)", self._on_crop)
        connect(ui.detailBox, "currentIndexChanged(int)", self._on_detail)

    def _choose(self, change: Change) -> None:
        self.do(lambda session: session.rendering.set_settings(change(session.rendering.settings)))

    def _choose_option(self, name: str, index: int) -> None:
        if index >= 0:
            self._choose(lambda choices: with_fields(choices, {name: _VALUES[name][index]}))

    def _segment_id(self) -> str:
        index = self.ui.classBox.currentIndex
        return self._listed[index][0] if 0 <= index < len(self._listed) else ""

    def _look(self, change: Callable[[SegmentLook], SegmentLook]) -> None:
        segment_id = self._segment_id()
        if segment_id:
            self._choose(lambda choices: choices.with_look(segment_id, change(choices.look_of(segment_id))))

    def _on_shown(self, shown: bool) -> None:
        self._choose(lambda choices: replace(choices, shown=shown))

    def _on_color_by(self, index: int) -> None:
        self._choose_option("color_by", index)

    def _on_grey(self, opacity: float) -> None:
        self._choose(lambda choices: replace(choices, grey_opacity=opacity))

    def _on_edge(self, opacity: float) -> None:
        self._choose(lambda choices: replace(choices, edge_opacity=opacity))

    def _on_rest(self, opacity: float) -> None:
        self._choose(lambda choices: replace(choices, rest_opacity=opacity))

    def _on_class(self, _index: int) -> None:
        if not self._is_showing:
            self.refresh()

    def _on_class_visible(self, visible: bool) -> None:
        self._look(lambda look: replace(look, visible=visible))

    def _on_class_opacity(self, opacity: float) -> None:
        self._look(lambda look: replace(look, opacity=opacity))

    def _on_cut(self, index: int) -> None:
        self._cut_what_faces_the_camera()
        self._choose_option("cut", index)

    def _on_cut_axis(self, index: int) -> None:
        self._cut_what_faces_the_camera()
        self._choose_option("cut_axis", index)

    def _cut_what_faces_the_camera(self) -> None:
        session = self._shared.session
        camera = session.scene.GetFirstNodeByClass("vtkMRMLCameraNode")
        if camera is not None and session.geometry is not None and not self._is_showing:
            sides = session.rendering.sides_towards(camera.GetPosition())
            self._choose(lambda choices: replace(choices, cut_low=sides))

    def _on_crop(self, cropped: bool) -> None:
        rendering = self._shared.session.rendering
        self._choose(lambda choices: replace(choices, crop_ijk=rendering.whole_extent if cropped else None))
        if not self._is_showing:
            rendering.show_box(cropped)

    def _on_detail(self, index: int) -> None:
        self._choose_option("most_voxels", index)
