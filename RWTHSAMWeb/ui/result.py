"""Panel 6: what to take away."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.core.settings.measurement import MeasureSettings
from RWTHSAMLib.core.settings.setting import settings_of

from ..actions import Actions
from . import widgets


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("result", 6, "Result"):
        _download("Segmentation", ".seg.nrrd", "download/segmentation", "!has_scan", "mdi-layers-outline")
        _download("Prompt history", ".json", "download/prompts", "!has_history", "mdi-history")
        _download("Profile", ".json", "download/profile", "false", "mdi-format-list-bulleted")
        _download("Job", ".yaml", "download/job", "!has_scan", "mdi-playlist-play")
        _download("Report", ".html", "download/report", "!has_scan || !!busy_text", "mdi-file-chart-outline")
        _download("Measurements", ".csv", "download/measurements", "!has_scan || !!busy_text", "mdi-ruler")
        _least(actions)
        _choice("Labelmap", {"NRRD": "nrrd", "NIfTI": "nifti", "TIFF": "tiff"}, "mdi-cube-outline")
        _choice("Surfaces", {"STL": "stl", "OBJ": "obj", "glTF": "glb"}, "mdi-vector-triangle")


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


def _least(actions: Actions) -> None:
    """Which parts have a row in the measurements."""
    least = settings_of(MeasureSettings)["least_voxels"]
    with html.Div(classes="mb-2"):
        widgets.tooltip(least.help)
        change = (actions.result.set_least_voxels, "[$event.target.value]")
        widgets.number_field("Measurements: " + least.label, "least_voxels", change, min=1)


def _choice(text: str, kinds: dict[str, str], icon: str) -> None:
    """A line with a button for each format."""
    with html.Div(classes="d-flex align-center mb-1"):
        v.VIcon(icon, size="small", classes="mr-2 ml-1 text-medium-emphasis")
        html.Span(text, classes="text-body-2")
        v.VSpacer()
        for name, kind in kinds.items():
            v.VBtn(
                name,
                href=f"download/{kind}",
                disabled=("!has_scan || !!busy_text",),
                size="small",
                variant="tonal",
                classes="text-none ml-1",
                raw_attrs=["download", *widgets.named(f"Download {text.lower()} as {name}")],
            )
