"""Notices that nodes have left a scene, deleted or with the scene closed, and that a saved scene has come in."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod

import slicer


class SceneWatch:
    """Calls back when a scene loses nodes or gains saved ones.

    Parameters
    ----------
    scene : vtkMRMLScene
    nodes_gone : bound method
        Called without arguments after nodes were removed; finds out itself what it misses.
    scene_opened : bound method
        Called without arguments after a saved scene was read.

    Notes
    -----
    The scene refers to the methods weakly: a cycle through a scene's observers would be taken apart by the garbage
    collector in any order, and a scene that dies calls its observers once more.
    """

    def __init__(
        self, scene: slicer.vtkMRMLScene, nodes_gone: Callable[[], None], scene_opened: Callable[[], None]
    ) -> None:
        self._scene = scene
        reactions = {
            slicer.vtkMRMLScene.NodeRemovedEvent: nodes_gone,
            slicer.vtkMRMLScene.EndCloseEvent: nodes_gone,
            slicer.vtkMRMLScene.EndImportEvent: scene_opened,
        }
        self._tags = [scene.AddObserver(event, _without_arguments(react)) for event, react in reactions.items()]

    def close(self) -> None:
        """Stop watching; safe to call twice."""
        for tag in self._tags:
            self._scene.RemoveObserver(tag)
        self._tags.clear()


def _without_arguments(react: Callable[[], None]) -> Callable[[slicer.vtkMRMLScene, str], None]:
    method = WeakMethod(react)

    def call(_caller: slicer.vtkMRMLScene, _event: str) -> None:
        alive = method()
        if alive is not None:
            alive()

    return call
