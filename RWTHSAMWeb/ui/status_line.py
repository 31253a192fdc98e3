"""The line at the bottom: what is going on, on what, and what is under the pointer."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import widgets

_ICON = "{ info: 'mdi-information-outline', warning: 'mdi-alert-outline', error: 'mdi-alert-circle' }[status_level]"
_READABLE_MS = "notices_stay || notice_held ? -1 : (notice_level === 'success' ? 5000 : 12000) + 70 * notice.length"
"""Slow readers take 70 ms for a character; what went wrong is looked up once more."""
_SAID = "stopping ? 'Stopping ...' : busy_text || status_text"
_COLOUR = "{ warning: 'warning', error: 'error' }[status_level] || 'secondary'"


def status_line(actions: Actions) -> None:
    """Declare the line, and the notice above it that an error opens."""
    with v.VFooter(app=True, height=30, classes="status-line"):
        v.VProgressCircular(
            v_if=("status_level === 'busy' || !!busy_text",), indeterminate=True, size=14, width=2, color="primary"
        )
        v.VIcon(v_else=True, icon=(_ICON,), color=(_COLOUR,), size=16)
        with html.Span(
            classes="status-text", id="status", title=(_SAID,), raw_attrs=['role="status"', 'aria-live="polite"']
        ):
            html.Span("{{ " + _SAID + " }}")
            with v.VMenu(activator="parent", location="top", max_width=560):  # whole, for whoever cannot hover
                v.VCard("{{ " + _SAID + " }}", classes="pa-3")
        widgets.button(
            "Undo",
            actions.prompts.undo,
            "mdi-undo",
            v_if=("said && !busy_text",),
            density="compact",
            label="Undo submit",
        )
        widgets.button(
            "Start anew", actions.model.load, "mdi-restart", v_if=("engine_doubt",), density="compact", size="small"
        )
        v.VSpacer()
        with html.Span(classes="probe"):  # where the line is short, it breaks between its parts
            html.Span("{{ part }}", v_for="(part, number) in probe.split('   ')", key="number", classes="probe-part")
        html.Span(
            "{{ engine_phase === 'ready' ? engine_device : '' }}",
            classes="device text-truncate",
            title=("engine_device",),
        )
        _messages()
    _notice()


def _notice() -> None:
    """Declare the message over the views: below what stands at their upper edge, so that it covers no control.

    Vuetify lets it stay while the mouse is on it.
    """
    with (
        v.VSnackbar(
            model_value=("!!notice",),
            update_modelValue="notice = $event ? notice : ''",
            key=("notice_number",),
            timeout=(_READABLE_MS,),
            color=("notice_level",),
            location="top left",
            classes="notice",
        ),
        html.Div(
            classes="d-flex align-start",
            __events=["focusin", "focusout"],
            focusin="notice_held = true",
            focusout="notice_held = false",
        ),
    ):
        html.Span("{{ notice }}", classes="flex-grow-1")
        widgets.icon_button("mdi-close", "Close", "notice = ''; notice_held = false", label="Close notice")


def _messages() -> None:
    """Declare the button that shows what was said before, the latest first."""
    with v.VBtn(
        icon=True,
        v_if=("messages.length",),
        size="x-small",
        variant="text",
        raw_attrs=widgets.named("Messages"),
    ):
        v.VIcon("mdi-message-text-outline")
        widgets.tooltip("Messages so far: {{ messages.length }}", location="top")
        with (
            v.VMenu(activator="parent", location="top", max_width=560),
            v.VList(density="compact", classes="messages"),
            v.VListItem(v_for="(each, number) in messages", key="number"),
        ):
            html.Span("{{ each.time }}", classes="note mr-2")
            html.Span("{{ each.text }}", classes="message-text")
