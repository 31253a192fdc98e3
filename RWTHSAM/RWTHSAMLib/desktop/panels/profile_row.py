"""The module's row "Profile": new ones from files, and the way to the module that edits them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import qt
import slicer
from slicer.i18n import tr as _

from ...core.profile import SegmentationProfile, read_profile
from ...errors import RwthSamError
from ...mrml.nodes.profile_node import PROFILE_ATTRIBUTE, PROFILE_NODE_CLASS, add_profile_node
from ..app.connections import Connections
from ..app.shared_session import SharedSession

EDITOR_MODULE = "RWTHSAMProfiles"
_SUPPLIED = Path(__file__).resolve().parents[3] / "Resources" / "Profiles"


class ProfileRow:
    """Widgets ``profile...``, ``newProfileButton`` and ``editProfileButton`` of the module's form.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name; the selector has no scene yet.
    shared : SharedSession
    """

    def __init__(self, ui: SimpleNamespace, shared: SharedSession) -> None:
        self.ui, self._shared = ui, shared
        self._failure = ""
        self._signals = Connections()
        ui.profileSelector.addAttribute(PROFILE_NODE_CLASS, PROFILE_ATTRIBUTE)
        self._fill_menu()
        self._signals.connect(ui.editProfileButton, "clicked(bool)", self._on_edit)
        self.refresh()

    def close(self) -> None:
        """End every connection."""
        self._signals.close()

    def refresh(self) -> None:
        """Show whether the chosen profile can be used."""
        text = self._failure or self._shared.classes.problem
        self.ui.profileMessage.text = text
        self.ui.profileMessage.setVisible(bool(text))
        self.ui.editProfileButton.enabled = hasattr(slicer.modules, EDITOR_MODULE.lower())

    def _fill_menu(self) -> None:
        # the menu belongs to the button: it dies with it
        self._menu = qt.QMenu(self.ui.newProfileButton)
        for path in sorted(_SUPPLIED.glob("*.json")):
            action = self._menu.addAction(read_profile(path).name)
            self._signals.connect(action, "triggered()", partial(self._add_from, path))
        self._menu.addSeparator()
        self._signals.connect(self._menu.addAction(_("From a file...")), "triggered()", self._on_open)
        self._signals.connect(self._menu.addAction(_("From the segments")), "triggered()", self._on_copy)
        self.ui.newProfileButton.setMenu(self._menu)

    def _add_from(self, path: Path) -> None:
        self._add(lambda: read_profile(path))

    def _on_open(self) -> None:
        filters = _("Segmentation profile (*.json)")
        path = qt.QFileDialog.getOpenFileName(self.ui.newProfileButton, _("Open profile"), "", filters)
        if path:
            self._add_from(Path(path))

    def _on_copy(self) -> None:
        self._add(lambda: self._shared.session.profile)

    def _add(self, make: Callable[[], SegmentationProfile]) -> None:
        self._failure = ""
        try:
            self.ui.profileSelector.setCurrentNode(add_profile_node(slicer.mrmlScene, make()))
        except RwthSamError as error:
            self._failure = str(error)
        self.refresh()

    def _on_edit(self) -> None:
        if self.ui.profileSelector.currentNode() is None:
            self._on_copy()
        node = self.ui.profileSelector.currentNode()
        slicer.util.selectModule(EDITOR_MODULE)
        getattr(slicer.modules, EDITOR_MODULE.lower()).widgetRepresentation().setEditedNode(node)
