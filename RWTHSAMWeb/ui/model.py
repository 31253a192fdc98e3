"""Panel 2: the network, its weights and what it runs on."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import widgets

_STATES = "{ stopped: 'not loaded', loading: 'loading', ready: 'ready', failed: 'failed' }[engine_phase]"


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("model", 2, "Model", _STATES):
        with html.Div(classes="row"):
            _select("Model", "model_name", "model_items", "flex: 3")
            _select("Device", "device", "device_items", "flex: 2")
        widgets.note("model_text")
        with html.Div(v_if=("install_text",)):
            v.VAlert(
                text=("install_text",), type="warning", variant="tonal", density="compact", classes="my-2 text-caption"
            )
            widgets.button("Install what it needs", actions.model.install, "mdi-package-down", color="primary")
        with html.Div(v_if=("!weights_found",)):
            v.VAlert(
                text=("weights_text",), type="warning", variant="tonal", density="compact", classes="my-2 text-caption"
            )
            widgets.note(
                "'The button below fetches them from their official address. Without a network: put the file into the '"
                "+ 'folder named by RWTHSAM_WEIGHTS, or start with --weights FILE.'",
                v_if=("fetch_text",),
            )
        with html.Div(v_if=("fetch_percent >= 0",), classes="row"):
            v.VProgressLinear(model_value=("fetch_percent",), height=6, rounded=True, classes="flex-grow-1")
            html.Span("{{ fetch_percent }} %", classes="note")
            widgets.stop_icon("weights", "Stop fetching", actions.model.cancel_fetch)
        with html.Div(classes="row", v_else=True):
            widgets.button(
                "{{ fetch_text }}",
                actions.model.fetch,
                "mdi-download",
                color="primary",
                v_if=("!weights_found && fetch_text",),
            )
            widgets.button(
                "{{ engine_doubt ? 'Start anew' : engine_phase === 'ready' ? 'Load again' : 'Load model' }}",
                actions.model.load,
                "mdi-chip",
                v_if=("weights_found && !install_text",),
                disabled=("engine_phase === 'loading' && !engine_doubt",),
            )
        with html.Div(classes="engine-line"):
            v.VIcon(
                icon=(
                    "{ stopped: 'mdi-circle-outline', loading: 'mdi-dots-circle', ready: 'mdi-check-circle', "
                    "failed: 'mdi-alert-circle' }[engine_phase]",
                ),
                color=("{ ready: 'success', failed: 'error', loading: 'primary' }[engine_phase] || 'secondary'",),
                size=16,
            )
            html.Span("{{ engine_text }}", classes="note")
        _prefetch(actions)


def _prefetch(actions: Actions) -> None:
    """Prepare every slice before the first click."""
    with html.Div(v_if=("embedding_percent >= 0",), classes="row"):
        v.VProgressLinear(model_value=("embedding_percent",), height=6, rounded=True, classes="flex-grow-1")
        html.Span("{{ embedding_text }}", classes="note")
        widgets.stop_icon("slices", "Stop preparing slices", actions.views.stop_embedding)
    with html.Div(v_else=True, classes="row"):
        widgets.button(
            "Prepare all slices",
            actions.views.embed_volume,
            "mdi-fast-forward-outline",
            disabled=("engine_phase !== 'ready' || !has_scan",),
        )
        with html.Span():
            widgets.tooltip("Every slice of the view in use, so that no click on it has to wait")
    widgets.note("embedding_budget", v_if=("embedding_budget && embedding_percent < 0",))


def _select(label: str, model: str, items: str, style: str) -> None:
    v.VSelect(
        label=label,
        v_model=(model,),
        items=(items,),
        density="compact",
        variant="outlined",
        hide_details=True,
        style=style,
    )
