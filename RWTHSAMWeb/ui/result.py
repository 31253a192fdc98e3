"""Panel 6: what to take away."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import widgets


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("result", 6, "Result"):
        _download("Segmentation", ".seg.nrrd", "download/segmentation", "!has_scan", "mdi-layers-outline")
        _download("Prompt history", ".json", "download/prompts", "!has_history", "mdi-history")
        _download("Profile", ".json", "download/profile", "false", "mdi-format-list-bulleted")


def _download(text: str, suffix: str, address: str, disabled: str, icon: str) -> None:
    with v.VBtn(
        block=True,
        href=address,
        disabled=(disabled,),
        prepend_icon=icon,
        size="small",
        variant="tonal",
        classes="text-none justify-start mb-1",
        raw_attrs=["download", *widgets.named(f"Download {text.lower()}")],
    ):
        html.Span(text)
        html.Span(suffix, classes="note ml-2")
