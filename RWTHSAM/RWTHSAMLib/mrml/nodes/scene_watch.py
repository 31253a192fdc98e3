"""Notices that nodes have left a scene, deleted or with the scene closed, and that a saved scene has come in."""

from __future__ import annotations

from collections.abc import Callable

import slicer

from .weak_reaction import WeakReaction


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
    The scene refers to the methods weakly, as `weak_reaction` explains.
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
        self._tags = [scene.AddObserver(event, WeakReaction(react)) for event, react in reactions.items()]

    def close(self) -> None:
        """Stop watching; safe to call twice."""
        for tag in self._tags:
            self._scene.RemoveObserver(tag)
        self._tags.clear()
