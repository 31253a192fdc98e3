"""The module's section "Threshold a class": what of it is kept, seen on the slices first, then applied."""

from __future__ import annotations

import qt
from slicer.i18n import tr as _

from ...core.field_check import with_fields
from ...core.settings.setting import settings_of
from ...core.settings.threshold import ThresholdSettings
from ...core.settings.typed import text_fields, with_texts
from ...errors import SettingsError
from ...mrml.session.parts.threshold_refinement import UNSUBMITTED, ThresholdRefinement
from ...mrml.session.session import Session
from ..app.shared_session import SharedSession
from .session_panel import SessionPanel
from .setting_widgets import option_values, show_name, show_options

_SIDES = option_values(ThresholdSettings, "otsu")


class ThresholdPanel(SessionPanel):
    """The form ``RWTHSAMThreshold.ui`` over the session's `ClassThreshold`.

    Parameters
    ----------
    section : ctkCollapsibleButton
        Where the form is put.
    shared : SharedSession
    """

    def __init__(self, section: qt.QWidget, shared: SharedSession) -> None:
        super().__init__(section, shared, "RWTHSAMThreshold")
        ui = self.ui
        edits = (ui.greyLowerEdit, ui.greyUpperEdit, ui.rimEdit, ui.smoothEdit, ui.leastVoxelsEdit)
        fields, settings = text_fields(ThresholdSettings), settings_of(ThresholdSettings)
        show_options(settings["otsu"], ui.otsuBox, ui.thresholdOtsuLabel)
        for name, label in (
            ("grey", ui.thresholdGreyLabel),
            ("rim_mm", ui.thresholdRimLabel),
            ("smooth_mm", ui.thresholdSmoothLabel),
            ("least_voxels", ui.thresholdLeastVoxelsLabel),
        ):
            show_name(settings[name], label)
        self._edits = dict(zip(fields, edits, strict=True))
        self._listed: list[tuple[str, str]] = []
        for name, edit in self._edits.items():
            edit.toolTip = fields[name].help
            self._signals.connect(edit, "textEdited(QString)", self._on_changed)
        for each in (ui.otsuBox, ui.thresholdTargetBox, ui.thresholdOutsideBox):
            self._signals.connect(each, "currentIndexChanged(int)", self._on_changed)
        self._signals.connect(ui.showThresholdBox, "toggled(bool)", self._on_shown)
        self._signals.connect(ui.thresholdButton, "clicked(bool)", self._on_apply)
        self.refresh()

    def _show(self) -> None:
        ui, session = self.ui, self._shared.session
        self._show_classes(session)
        problem, threshold = self._problem(), session.threshold
        ui.thresholdSourceLabel.text = _("What of {source} is kept.").format(source=threshold.source_name)
        ui.showThresholdBox.checked = threshold.wanted is not None
        has_source = session.segmentation_node is not None or threshold.source == UNSUBMITTED
        ui.showThresholdBox.enabled = has_source
        ui.thresholdButton.enabled = has_source and not problem
        text = _("{count} pixels are left on the slices in view.").format(count=threshold.shown_pixels)
        ui.thresholdMessage.text = problem or (
            str(threshold.error) if threshold.error is not None else text if threshold.wanted is not None else ""
        )
        ui.thresholdMessage.setVisible(bool(ui.thresholdMessage.text))

    def refresh(self) -> None:
        """Show the session as it is now; another class is thresholded by the same rules."""
        super().refresh()
        session = self._shared.session
        wanted = session.threshold.wanted
        if wanted is not None and wanted.source != session.threshold.source:
            self._on_changed()

    def _show_classes(self, session: Session) -> None:
        listed = [(each.id, each.name) for each in session.profile.classes if each.id != session.class_id]
        if listed == self._listed:
            return
        boxes = (self.ui.thresholdTargetBox, self.ui.thresholdOutsideBox)
        chosen = [self._chosen(box) for box in boxes]
        self._listed = listed
        first = (_("the class itself"), _("nothing"))
        for box, before, text in zip(
            (self.ui.thresholdTargetBox, self.ui.thresholdOutsideBox), chosen, first, strict=True
        ):
            box.clear()
            for name in (text, *(name for _id, name in listed)):
                box.addItem(name)
            ids = [class_id for class_id, _name in listed]
            box.currentIndex = ids.index(before) + 1 if before in ids else 0

    def _chosen(self, box: qt.QComboBox) -> str | None:
        index = box.currentIndex
        return self._listed[index - 1][0] if 1 <= index <= len(self._listed) else None

    def _settings(self) -> ThresholdSettings:
        """What is typed and chosen; an empty field has its default."""
        typed = {name: edit.text for name, edit in self._edits.items() if edit.text.strip()}
        return with_texts(with_fields(ThresholdSettings(), {"otsu": _SIDES[self.ui.otsuBox.currentIndex]}), typed)

    def _problem(self) -> str:
        try:
            self._settings()
        except SettingsError as error:
            return str(error)
        return ""

    def _wanted(self, session: Session) -> ThresholdRefinement:
        outside = self._chosen(self.ui.thresholdOutsideBox)
        target = self._chosen(self.ui.thresholdTargetBox) or session.class_id
        return ThresholdRefinement(
            session.threshold.source, target, self._settings(), () if outside is None else (outside,)
        )

    def _on_changed(self) -> None:
        def show_anew(session: Session) -> None:
            if session.threshold.wanted is not None and not self._problem():
                session.threshold.consider(self._wanted(session))

        self.do(show_anew)

    def _on_shown(self, shown: bool) -> None:
        def consider(session: Session) -> None:
            session.threshold.consider(self._wanted(session) if shown else None)

        self.do(consider)

    def _on_apply(self) -> None:
        def apply(session: Session) -> None:
            session.threshold.consider(self._wanted(session))
            session.threshold.apply()

        self.do(apply)
