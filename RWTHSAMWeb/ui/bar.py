"""The bar at the top: what is open, how the views lie, undo, redo, help."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import theme
from .widgets import icon_button, named, tooltip

_LAYOUT_ICONS = {
    "primary": "mdi-page-layout-sidebar-right",
    "four": "mdi-view-grid-outline",
    "volume": "mdi-cube-outline",
}
_LAYOUT_TEXTS = {"primary": "One large view", "four": "Four equal views", "volume": "3D view only"}


def bar(actions: Actions) -> None:
    """Declare the bar."""
    with v.VAppBar(height=46, flat=True, classes="top-bar"):
        v.VIcon("mdi-battery-heart-variant", classes="ml-4 mr-2", color="primary", size=22)
        html.H1("RWTHSAM", classes="brand")
        html.Span("{{ scan_name }}", classes="scan-name text-truncate")
        v.VSpacer()
        icon_button(
            "mdi-undo",
            "{{ undo_text ? 'Undo: ' + undo_text + '  (Ctrl+Z)' : 'Nothing to undo' }}",
            actions.prompts.undo,
            label="Undo",
            disabled=("!undo_text",),
        )
        icon_button(
            "mdi-redo",
            "{{ redo_text ? 'Redo: ' + redo_text + '  (Ctrl+Y)' : 'Nothing to redo' }}",
            actions.prompts.redo,
            label="Redo",
            disabled=("!redo_text",),
        )
        v.VDivider(vertical=True, classes="mx-2 my-3")
        _layout_choice(actions)
        v.VDivider(vertical=True, classes="mx-2 my-3")
        theme.menu(actions)
        icon_button("mdi-keyboard-outline", "Mouse and keys  (?)", "help_open = true", label="Help", classes="mr-2")


def _layout_choice(actions: Actions) -> None:
    with v.VBtnToggle(
        model_value=("layout",),
        update_modelValue=(actions.views.set_layout, "[$event]"),
        mandatory=True,
        density="compact",
        variant="text",
        classes="layout-choice",
    ):
        for name, icon in _LAYOUT_ICONS.items():
            with v.VBtn(value=name, size="small", icon=True, raw_attrs=named(_LAYOUT_TEXTS[name])):
                v.VIcon(icon)
                tooltip(_LAYOUT_TEXTS[name])
