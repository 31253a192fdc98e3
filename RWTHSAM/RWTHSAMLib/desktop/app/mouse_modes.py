"""Slicer's mouse modes: prompts are placed in the usual one alone, all others are the tools of somebody else.

While markups are placed, window and level are adjusted, or a module has a mode of its own, mouse and keys of a view
belong to that. The effect stays chosen meanwhile and goes on when the mode ends.
"""

from __future__ import annotations

import slicer


def is_usual_in(view_node: slicer.vtkMRMLAbstractViewNode) -> bool:
    """Whether a view is in the mode View/Transform; views may have modes of their own."""
    return is_usual(view_node.GetInteractionNode())


def is_usual(interaction_node: slicer.vtkMRMLInteractionNode | None) -> bool:
    """Whether a mouse mode is View/Transform; without an interaction node there is no other."""
    if interaction_node is None:
        return True
    mode: int = interaction_node.GetCurrentInteractionMode()
    return mode == int(slicer.vtkMRMLInteractionNode.ViewTransform)


def is_usual_everywhere() -> bool:
    """Whether the application's mode, which the tool bar shows, is View/Transform."""
    return is_usual(slicer.app.applicationLogic().GetInteractionNode())
