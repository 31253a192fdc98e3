"""The one session that module, effect and scripts share, and the timer that lets its engine answer.

Whoever works with it joins and later leaves. When the last one has left, nothing remains: no timer, no observer, no
temporary node, no inference process. What was prompted and chosen stays in the scene and comes back with the next
session.
"""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

from ..errors import RwthSamError
from ..inference.client import EngineClient, EngineSpec
from ..inference.worker_client import WorkerClient
from ..scene.session import Session
from .editor_history import EditorHistory
from .editor_link import EditorLink

_POLL_INTERVAL_MS = 30

MakeClient = Callable[[], EngineClient]


class Workplace:
    """A session with what the desktop adds to it.

    Parameters
    ----------
    scene : vtkMRMLScene
    client : EngineClient

    Attributes
    ----------
    session : Session
    editor : EditorLink
        The Segment Editor that is worked in at present.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, client: EngineClient) -> None:
        history = EditorHistory()
        self.session = Session(scene, client, timeline=history)
        self.editor = EditorLink(self.session, history)
        self.spec = EngineSpec("mobile_sam_vit_t")
        self._waiting_view: slicer.vtkMRMLSliceNode | None = None
        self._seen_stamp = 0
        self._timer = qt.QTimer()
        self._timer.setInterval(_POLL_INTERVAL_MS)
        self._timer.connect("timeout()", self.poll)
        self._timer.start()

    def poll(self) -> None:
        """Take what the engine has answered; the timer calls this."""
        self.session.poll()
        self._prepare_resting_view()

    def load_engine(self) -> None:
        """Begin to load the model that was chosen."""
        self.session.attempt(lambda: self.session.load_engine(self.spec))

    def look_at(self, slice_node: slicer.vtkMRMLSliceNode) -> None:
        """Embed what a view shows as soon as it rests, so that the first click there is answered at once."""
        self._waiting_view, self._seen_stamp = slice_node, -1

    def _prepare_resting_view(self) -> None:
        node = self._waiting_view
        if node is None or self.session.volume_node is None or self.session.status.engine.phase != "ready":
            return
        stamp, self._seen_stamp = self._seen_stamp, node.GetMTime()
        if stamp == self._seen_stamp:  # nothing moved since the last tick
            self._waiting_view = None
            if node.GetScene() is not None:
                _quietly(lambda: self.session.prepare_view(node))

    def close(self) -> None:
        """Leave nothing behind."""
        self._timer.stop()
        self._timer.disconnect("timeout()", self.poll)
        self._timer.deleteLater()
        self._waiting_view = None
        self.editor.close()
        self.session.close()


def join(owner: object) -> Workplace:
    """The shared workplace; it lasts at least until `owner` leaves."""
    global _workplace
    if _workplace is None:
        _workplace = Workplace(slicer.mrmlScene, _make_client())
    if not any(each is owner for each in _owners):
        _owners.append(owner)
    return _workplace


def leave(owner: object) -> None:
    """Stop sharing; the last one closes the workplace. Safe to call twice."""
    global _workplace
    _owners[:] = [each for each in _owners if each is not owner]
    if not _owners and _workplace is not None:
        closing, _workplace = _workplace, None
        closing.close()


def present() -> Workplace | None:
    """The shared workplace if anybody works there."""
    return _workplace


def use_client(make_client: MakeClient | None) -> None:
    """Let the next workplace compute with another engine client; None chooses a child process again."""
    global _make_client
    _make_client = make_client or WorkerClient


_owners: list[object] = []
_workplace: Workplace | None = None
_make_client: MakeClient = WorkerClient


def _quietly(action: Callable[[], None]) -> None:
    """A wish that nobody expressed in words may fail without a word."""
    try:
        action()
    except RwthSamError:
        pass
