"""What a submit does to other classes: chosen beside every button that submits."""

from __future__ import annotations

from trame.widgets import vuetify3 as v

from ..actions import Actions

_MODES = [
    {"value": "none", "title": "keep their voxels"},
    {"value": "all", "title": "lose the voxels"},
    {"value": "chosen", "title": "keep them, but for some"},
]
_LOOK = {"density": "compact", "variant": "outlined", "hide_details": True}


def choice(actions: Actions) -> None:
    """Declare the choice."""
    v.VSelect(
        label="Other classes",
        items=(str(_MODES),),
        model_value=("overwrite_mode",),
        update_modelValue=(actions.prompts.set_overwrite_mode, "[$event]"),
        **_LOOK,
    )
    v.VSelect(
        v_if=("overwrite_mode === 'chosen'",),
        label="Classes that lose voxels",
        items=("classes",),
        item_title="name",
        item_value="id",
        multiple=True,
        model_value=("overwrite_classes",),
        update_modelValue=(actions.prompts.set_overwrite_classes, "[$event]"),
        **_LOOK,
    )
