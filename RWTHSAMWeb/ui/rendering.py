"""Panel 7: the 3D view."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import widgets

_SLIDER = {
    "hide_details": True,
    "density": "compact",
    "track_size": 2,
    "thumb_size": 12,
    "color": "primary",
}
_OPACITIES = (
    ("grey_opacity", "Grey values", "How opaque dense voxels of a class are; air stays clear"),
    ("edge_opacity", "Edges", "How opaque the surfaces of the classes are"),
    ("rest_opacity", "Outside", "How opaque dense voxels are that belong to no class"),
)
_DETAILS = (
    ("fast", "Fast", "At most 4 million voxels"),
    ("balanced", "Balanced", "At most 16 million voxels"),
    ("fine", "Fine", "At most 64 million voxels: slow without a graphics card"),
)
_CUTS = (
    ("none", "Whole", "Nothing is cut away"),
    ("half", "Half", "One half along the axis is cut away"),
    ("quarter", "Quarter", "One quarter round the axis is cut away"),
)
_AXES = (("i", "i", "The i axis of the scan"), ("j", "j", "The j axis"), ("k", "k", "The k axis: along the slices"))
_COLOURS = (("class", "By class", "The colours of the classes"), ("instance", "By instance", "Each connected part"))


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("view3d", 7, "3D view", "render_shown ? 'volume' : surfaces ? 'surfaces' : 'off'"):
        _switches(actions)
        with html.Div(classes="mode", v_if=("render_shown",)):
            v.VProgressLinear(
                model_value=("render_percent",), v_if=("render_percent >= 0",), color="primary", height=4, rounded=True
            )
            _choice(actions.rendering.color_by, "render_color_by", _COLOURS)
            for name, text, help_text in _OPACITIES:
                _slider(
                    text, help_text, f"render_opacity.{name}", (actions.rendering.set_opacity, f"['{name}', $event]")
                )
            _classes(actions)
            _cut(actions)
            _crop(actions)
            _detail(actions)
        _pictures(actions)


def _switches(actions: Actions) -> None:
    for expression, change, text in (
        ("surfaces", actions.rendering.set_surfaces, "Surfaces of the classes"),
        ("render_shown", actions.rendering.show, "Volume: see into the classes"),
    ):
        v.VCheckbox(
            model_value=(expression,),
            update_modelValue=(change, "[$event]"),
            label=text,
            density="compact",
            hide_details=True,
            disabled=("!has_scan",),
        )


def _choice(change: widgets.Click, expression: str, choices: tuple[tuple[str, str, str], ...]) -> None:
    with v.VBtnToggle(
        model_value=(expression,),
        update_modelValue=(change, "[$event]"),
        mandatory=True,
        density="compact",
        variant="outlined",
        divided=True,
        color="primary",
        classes="tool-choice",
    ):
        for value, text, help_text in choices:
            with v.VBtn(value=value, size="small", classes="text-none flex-grow-1"):
                html.Span(text)
                widgets.tooltip(help_text)


def _slider(text: str, help_text: str, expression: str, change: widgets.Click) -> None:
    with html.Div(classes="row"):
        with html.Span(text, classes="note slider-name"):
            widgets.tooltip(help_text)
        v.VSlider(
            model_value=(expression,),
            update_modelValue=change,
            min=0,
            max=1,
            step=0.01,
            raw_attrs=widgets.named(f"Opacity: {text.lower()}"),
            **_SLIDER,
        )


def _classes(actions: Actions) -> None:
    with html.Div(v_for="each in render_segments", key="each.id", classes="row"):
        with v.VBtn(
            icon=True,
            size="x-small",
            variant="text",
            click=(actions.rendering.set_visible, "[each.id]"),
            raw_attrs=[':aria-label="`Show or hide ${each.name}`"'],
        ):
            v.VIcon(icon=("each.visible ? 'mdi-eye-outline' : 'mdi-eye-off-outline'",))
            widgets.tooltip("Show or hide {{ each.name }}")
        html.Span(classes="dot", style=("`background: ${each.color}`",))
        html.Span("{{ each.name }}", classes="note slider-name text-truncate")
        v.VSlider(
            model_value=("each.opacity",),
            update_modelValue=(actions.rendering.set_segment_opacity, "[each.id, $event]"),
            disabled=("!each.visible",),
            min=0,
            max=1,
            step=0.01,
            raw_attrs=[':aria-label="`Opacity of ${each.name}`"'],
            **_SLIDER,
        )


def _cut(actions: Actions) -> None:
    html.Span("Cut open", classes="subtitle")
    _choice(actions.rendering.set_cut, "render_cut", _CUTS)
    with html.Div(v_if=("render_cut !== 'none'",)):
        _choice(actions.rendering.set_cut_axis, "render_cut_axis", _AXES)


def _crop(actions: Actions) -> None:
    v.VCheckbox(
        model_value=("render_cropped",),
        update_modelValue=(actions.rendering.set_cropped, "[$event]"),
        label="Show a part only",
        density="compact",
        hide_details=True,
    )
    with html.Div(v_if=("render_cropped",)):
        for axis in "ijk":
            with html.Div(classes="row"):
                html.Span(axis, classes="note")
                v.VRangeSlider(
                    model_value=(f"render_crop.{axis}",),
                    update_modelValue=(actions.rendering.set_crop_range, f"['{axis}', $event]"),
                    min=0,
                    max=(f"render_last.{axis}",),
                    step=1,
                    thumb_label=True,
                    raw_attrs=widgets.named(f"Part along {axis}"),
                    **_SLIDER,
                )


def _detail(actions: Actions) -> None:
    html.Span("Detail", classes="subtitle")
    _choice(actions.rendering.set_detail, "render_detail", _DETAILS)
    html.Div("{{ render_notice }}", classes="note", v_if=("render_notice",))


def _pictures(actions: Actions) -> None:
    with html.Div(classes="row"):
        with v.VBtn(
            "Picture",
            href="download/picture",
            size="small",
            variant="tonal",
            prepend_icon="mdi-camera-outline",
            classes="text-none",
            raw_attrs=["download", *widgets.named("Download picture of the 3D view")],
        ):
            widgets.tooltip("The 3D view as a PNG file")
        widgets.button(
            "Turntable", actions.rendering.start_turn, "mdi-rotate-3d-variant", v_if=("render_turn_percent < 0",)
        )
        widgets.button(
            "Stop at {{ render_turn_percent }} %",
            actions.rendering.stop_turn,
            "mdi-stop",
            v_if=("render_turn_percent >= 0",),
            label="Stop the turntable",
        )
        v.VBtn(
            "GIF",
            href="download/turn",
            v_if=("render_turn_ready",),
            size="small",
            variant="tonal",
            prepend_icon="mdi-download",
            classes="text-none",
            raw_attrs=["download", *widgets.named("Download turntable")],
        )
