"""How the page looks: light and dark, the colours of both, and the menu that chooses."""

from __future__ import annotations

from trame.widgets import vuetify3 as v

from ..actions import Actions
from ..page_choices import THEMES
from .widgets import named, tooltip

_LEGIBLE = {"disabled-opacity": 0.62, "medium-emphasis-opacity": 0.78, "high-emphasis-opacity": 0.95}
_DARK = {
    "dark": True,
    "colors": {
        "background": "#101316",
        "surface": "#191d22",
        "surface-bright": "#242a31",
        "primary": "#6fa8dc",
        "secondary": "#8a96a3",
        "success": "#3ddc68",
        "warning": "#f0b849",
        "error": "#ef6b62",
        "info": "#6fa8dc",
        **{f"on-{each}": "#101316" for each in ("primary", "success", "warning", "error", "info")},
    },
    "variables": _LEGIBLE,
}
_LIGHT = {
    "dark": False,
    "colors": {
        "background": "#f3f5f8",
        "surface": "#ffffff",
        "surface-bright": "#e8edf2",
        "primary": "#1a5a99",
        "secondary": "#55616d",
        "success": "#1a7a3a",
        "warning": "#805200",
        "error": "#b3261e",
        "info": "#1a5a99",
    },
    "variables": _LEGIBLE,
}
CONFIG = {"theme": {"defaultTheme": "system", "themes": {"light": _LIGHT, "dark": _DARK}}}
"""Of Vuetify, which follows the system by itself."""
SHOWN = "theme === 'system' ? undefined : theme"
"""JavaScript: which of the two, undefined where the system decides."""
_TEXTS = {"system": "As the system", "light": "Light", "dark": "Dark"}
_ICONS = {"system": "mdi-theme-light-dark", "light": "mdi-white-balance-sunny", "dark": "mdi-weather-night"}


def menu(actions: Actions) -> None:
    """Declare the button that opens the three choices."""
    with v.VBtn(icon=True, size="small", variant="text", density="comfortable", raw_attrs=named("Look of the page")):
        v.VIcon("mdi-theme-light-dark")
        tooltip("Look of the page")
        with v.VMenu(activator="parent", close_on_content_click=False), v.VList(density="compact"):
            for each in THEMES:
                v.VListItem(
                    title=_TEXTS[each],
                    prepend_icon=_ICONS[each],
                    active=(f"theme === '{each}'",),
                    click=(actions.look.set_theme, f"['{each}']"),
                )
            v.VDivider()
            v.VListItem(
                title="Messages stay until they are closed",
                prepend_icon=("notices_stay ? 'mdi-checkbox-marked' : 'mdi-checkbox-blank-outline'",),
                click=(actions.look.let_notices_stay, "[!notices_stay]"),
            )
