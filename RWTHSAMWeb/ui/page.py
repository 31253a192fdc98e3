"""The whole page: bar, drawer with the panels, views, status line."""

from __future__ import annotations

from collections.abc import Callable

from trame.ui.vuetify3 import VAppLayout
from trame.widgets import client, html
from trame.widgets import vuetify3 as v
from trame_client.ui.core import AbstractLayout
from trame_server import Server

from ..actions import Actions
from . import (
    detected,
    help,
    model,
    native_tools,
    profile,
    project,
    prompts,
    rendering,
    result,
    scan,
    status_line,
    theme,
)
from .bar import bar


def build(server: Server, actions: Actions, place_views: Callable[[AbstractLayout], None]) -> AbstractLayout:
    """Declare the page; `place_views` fills its middle."""
    with VAppLayout(server, vuetify_config=theme.CONFIG, theme=(theme.SHOWN,)) as page:
        client.Style("html { overflow: hidden; }")
        bar(actions)
        with v.VNavigationDrawer(permanent=True, width=356, classes="work-drawer"):
            with v.Template(v_slot_prepend=True):
                scan.question(actions)
            _drawer(actions)
            with v.Template(v_slot_append=True):
                prompts.foot(actions)
        with v.VMain(classes="views"), html.Div(classes="views-and-table"):
            with html.Div(classes="view-area"):
                place_views(page)
            detected.table(actions)
        status_line.status_line(actions)
        help.help_dialog()
        scan.replace_dialog()
        profile.default_dialog(actions)
        project.dialogs(actions)
    return page


def _drawer(actions: Actions) -> None:
    with v.VExpansionPanels(v_model=("panels",), multiple=True, variant="accordion", flat=True, tile=True):
        project.panel(actions)
        scan.panel(actions)
        model.panel(actions)
        profile.panel(actions)
        prompts.panel(actions)
        native_tools.panel(actions)
        result.panel(actions)
        rendering.panel(actions)
