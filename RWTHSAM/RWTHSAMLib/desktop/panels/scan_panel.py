"""The module's section "Scan" below the selectors: window, voxel size, and preparing all slices."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from slicer.i18n import tr as _

from ...core.window import Window
from ...errors import ImageError
from ...mrml.nodes import volumes
from ...mrml.session.session import Session
from ..app.connections import Connections
from ..app.shared_session import SharedSession


class ScanPanel:
    """Widgets ``window...``, ``voxel...`` and ``prepare...`` of the module's form.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    shared : SharedSession
    """

    def __init__(self, ui: SimpleNamespace, shared: SharedSession) -> None:
        self.ui, self._shared = ui, shared
        self._signals = Connections()
        connect = self._signals.connect
        connect(ui.windowLowerEdit, "editingFinished()", self._on_window)
        connect(ui.windowUpperEdit, "editingFinished()", self._on_window)
        connect(ui.proposeWindowButton, "clicked(bool)", self._on_propose)
        connect(ui.takeWindowButton, "clicked(bool)", self._on_take)
        self._voxel_edits = (ui.voxelIEdit, ui.voxelJEdit, ui.voxelKEdit)
        for each in self._voxel_edits:
            connect(each, "editingFinished()", self._on_voxel_size)
        connect(ui.believeVoxelSizeButton, "clicked(bool)", self._on_believe)
        for each in (ui.voxelSizeOfFileButton, ui.toldVoxelSizeOfFileButton):
            connect(each, "clicked(bool)", self._on_size_of_file)
        connect(ui.prepareButton, "clicked(bool)", self._on_prepare)
        connect(ui.stopPreparingButton, "clicked(bool)", self._on_stop)
        self._signals.listen(shared.session.on_change, self.refresh)
        self.refresh()

    def close(self) -> None:
        """End every connection."""
        self._signals.close()

    def refresh(self) -> None:
        """Show the session as it is now."""
        session, ui = self._shared.session, self.ui
        window, status = session.window, session.status
        for each in (ui.windowLowerEdit, ui.windowUpperEdit, ui.proposeWindowButton, ui.takeWindowButton):
            each.enabled = session.volume_node is not None
        self._show_window(window)
        self._show_voxel_size()
        progress = status.embedding
        ui.prepareButton.toolTip = self._budget()
        ui.prepareButton.enabled = (
            session.volume_node is not None and status.engine.phase == "ready" and progress is None
        )
        ui.stopPreparingButton.enabled = progress is not None
        ui.prepareProgressBar.setVisible(progress is not None)
        if progress is not None:
            ui.prepareProgressBar.maximum = progress.total
            ui.prepareProgressBar.value = progress.done

    def _budget(self) -> str:
        """What preparing all slices of the view in use takes."""
        told = _("Embed every slice along the axis of the view in use, so that no click on it has to wait.")
        return f"{told} {self._shared.budget_text()}".strip()

    def _show_window(self, window: Window | None) -> None:
        for field, value in (
            (self.ui.windowLowerEdit, window.lower if window else None),
            (self.ui.windowUpperEdit, window.upper if window else None),
        ):
            if not field.hasFocus():  # somebody may be typing
                field.text = "" if value is None else f"{value:.10g}"

    def _show_voxel_size(self, is_left: bool = False) -> None:
        session, ui = self._shared.session, self.ui
        for field, text in zip(self._voxel_edits, _size_texts(session), strict=True):
            field.enabled = session.volume_node is not None
            if is_left or not field.hasFocus():  # somebody may be typing
                field.text = text
        told, question = session.voxel_size.told, session.voxel_size.question
        ui.voxelQuestionLabel.text, ui.voxelToldLabel.text = question, told
        ui.voxelQuestionFrame.setVisible(bool(question))
        ui.voxelToldFrame.setVisible(bool(told) and not question)
        ui.voxelSizeOfFileButton.setVisible(bool(told))
        ui.believeVoxelSizeButton.text = _("Keep") if told else _("It is right")

    def _do(self, action: Callable[[], None]) -> None:
        self._shared.session.attempt(action)

    def _on_window(self) -> None:
        session = self._shared.session
        texts = (self.ui.windowLowerEdit.text, self.ui.windowUpperEdit.text)
        if session.window is None or texts == tuple(f"{each:.10g}" for each in _ends(session.window)):
            return
        self._do(lambda: session.set_window(_window_of(*texts)))
        self._show_window(session.window)

    def _on_voxel_size(self) -> None:
        session = self._shared.session
        texts = tuple(each.text for each in self._voxel_edits)
        if session.volume_node is not None and texts != _size_texts(session):
            self._do(lambda: session.voxel_size.set(_size_of(texts)))
            self._show_voxel_size(is_left=True)

    def _on_believe(self) -> None:
        self._do(self._shared.session.voxel_size.believe)

    def _on_size_of_file(self) -> None:
        self._do(self._shared.session.voxel_size.go_back_to_file)

    def _on_propose(self) -> None:
        session = self._shared.session
        self._do(lambda: session.set_window(session.propose_window()))

    def _on_take(self) -> None:
        session = self._shared.session

        def take() -> None:
            window = volumes.shown_window(session.volume_node)
            if window is None:
                raise ImageError(_("Color images have no window."))
            session.set_window(window)

        self._do(take)

    def _on_prepare(self) -> None:
        session, node = self._shared.session, self._shared.view_in_use()
        if node is not None:
            self._do(lambda: session.prefetch.embed_volume(node))

    def _on_stop(self) -> None:
        self._shared.session.prefetch.stop()


def _ends(window: Window) -> tuple[float, float]:
    return window.lower, window.upper


def _size_texts(session: Session) -> tuple[str, ...]:
    sizes = session.voxel_size.spacing_mm_ijk if session.volume_node is not None else None
    return ("", "", "") if sizes is None else tuple(f"{each:.5g}" for each in sizes)


def _size_of(texts: tuple[str, ...]) -> tuple[float, ...]:
    try:
        return tuple(float(each.replace(",", ".")) for each in texts)
    except ValueError as error:
        raise ImageError(_("A voxel size is three numbers in mm, along i, j and k.")) from error


def _window_of(lower: str, upper: str) -> Window:
    try:
        return Window(*(float(text.replace(",", ".")) for text in (lower, upper)))
    except ValueError as error:
        raise ImageError(_("A window is two numbers, the grey values shown as black and as white.")) from error
