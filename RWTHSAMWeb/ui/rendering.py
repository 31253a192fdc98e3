"""Panel 7: the 3D view."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.core.settings.rendering import RenderingSettings, SegmentLook
from RWTHSAMLib.core.settings.setting import settings_of

from ..actions import Actions
from . import widgets

_SLIDER = {
    "hide_details": True,
    "density": "compact",
    "track_size": 2,
    "thumb_size": 12,
    "color": "primary",
}
_OPACITIES = ("grey_opacity", "edge_opacity", "rest_opacity")


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("view3d", 7, "3D view", "render_shown ? 'volume' : surfaces ? 'surfaces' : 'off'"):
        _switches(actions)
        _cut(actions)  # always there: what follows would push it out of sight on a small screen
        with html.Div(classes="mode", v_if=("render_shown",)):
            v.VProgressLinear(
                model_value=("render_percent",), v_if=("render_percent >= 0",), color="primary", height=4, rounded=True
            )
            _choice("color_by", "render_color_by", actions.rendering.color_by)
            for name in _OPACITIES:
                _slider(name, actions)
            _classes(actions)
            _crop(actions)
            _detail(actions)
        _pictures(actions)


def _switches(actions: Actions) -> None:
    v.VCheckbox(
        model_value=("surfaces",),
        update_modelValue=(actions.rendering.set_surfaces, "[$event]"),
        label="Surfaces of the classes",
        density="compact",
        hide_details=True,
        disabled=("!has_scan",),
    )
    widgets.setting_check(RenderingSettings, "shown", "render_shown", actions.rendering.show, disabled=("!has_scan",))


def _choice(name: str, expression: str, change: widgets.Click) -> None:
    widgets.setting_choice(RenderingSettings, name, expression, change)


def _slider(name: str, actions: Actions) -> None:
    setting = settings_of(RenderingSettings)[name]
    with html.Div(classes="row"):
        with html.Span(setting.title, classes="note slider-name"):
            widgets.tooltip(setting.help)
        v.VSlider(
            model_value=(widgets.shown(f"render.{name}", f"render_opacity.{name}"),),
            update_modelValue=widgets.tells(f"render.{name}", actions.rendering.set_opacity, f"['{name}', $event]"),
            min=setting.about.lowest,
            max=setting.about.highest,
            step=0.01,
            raw_attrs=widgets.named(f"Opacity: {setting.label}"),
            **_SLIDER,
        )


def _classes(actions: Actions) -> None:
    visible, opacity = (settings_of(SegmentLook)[name] for name in ("visible", "opacity"))
    with html.Div(v_for="each in render_segments", key="each.id", classes="row"):
        with v.VBtn(
            icon=True,
            size="x-small",
            variant="text",
            click=(actions.rendering.set_visible, "[each.id]"),
            raw_attrs=[':aria-label="`Show or hide ${each.name}`"'],
        ):
            v.VIcon(icon=("each.visible ? 'mdi-eye-outline' : 'mdi-eye-off-outline'",))
            widgets.tooltip("{{ each.name }}: " + visible.help)
        html.Span(classes="dot", style=("`background: ${each.color}`",))
        with html.Span("{{ each.name }}", classes="note slider-name text-truncate"):
            widgets.tooltip(opacity.help)
        v.VSlider(
            model_value=(widgets.shown("render.${each.id}", "each.opacity"),),
            update_modelValue=widgets.tells(
                "render.${each.id}", actions.rendering.set_segment_opacity, "[each.id, $event]"
            ),
            disabled=("!each.visible",),
            min=opacity.about.lowest,
            max=opacity.about.highest,
            step=0.01,
            raw_attrs=[':aria-label="`Opacity of ${each.name}`"'],
            **_SLIDER,
        )


def _cut(actions: Actions) -> None:
    html.Span(settings_of(RenderingSettings)["cut"].title, classes="subtitle")
    _choice("cut", "render_cut", actions.rendering.set_cut)
    with html.Div(v_if=("render_shown && render_cut !== 'none'",)):
        _choice("cut_axis", "render_cut_axis", actions.rendering.set_cut_axis)


def _crop(actions: Actions) -> None:
    widgets.setting_check(RenderingSettings, "crop_ijk", "render_cropped", actions.rendering.set_cropped)
    with html.Div(v_if=("render_cropped",)):
        for axis in "ijk":
            with html.Div(classes="row"):
                html.Span(axis, classes="note")
                v.VRangeSlider(
                    model_value=(widgets.shown(f"crop.{axis}", f"render_crop.{axis}"),),
                    update_modelValue=widgets.tells(
                        f"crop.{axis}", actions.rendering.set_crop_range, f"['{axis}', $event]"
                    ),
                    min=0,
                    max=(f"render_last.{axis}",),
                    step=1,
                    thumb_label=True,
                    raw_attrs=widgets.named(f"Part along {axis}"),
                    **_SLIDER,
                )


def _detail(actions: Actions) -> None:
    html.Span(settings_of(RenderingSettings)["most_voxels"].title, classes="subtitle")
    _choice("most_voxels", "render_detail", actions.rendering.set_detail)
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
        widgets.stop_button(
            "turn",
            actions.rendering.stop_turn,
            text="`Stop at ${render_turn_percent} %`",
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
