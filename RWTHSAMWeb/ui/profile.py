"""Panel 3: the classes."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from ..field_words import of_field
from ..state.page_values import LABELS
from . import widgets

_OPACITY = "class_looks[class_id]?.opacity ?? 1"


def panel(actions: Actions) -> None:
    """Declare the panel."""
    add = of_field(LABELS["class_new_name"], actions.classes.add)
    with widgets.panel("profile", 3, "Profile", "profile_name"):
        with html.Div(classes="class-list"):
            _class_row(actions)
        _looks(actions)
        _chosen_class(actions)
        v.VTextField(
            v_model=("class_new_name",),
            label=LABELS["class_new_name"],
            density="compact",
            variant="outlined",
            hide_details=True,
            classes="mt-2",
            append_inner_icon="mdi-plus",
            __events=[("click_append", "click:appendInner"), ("enter", "keydown.enter")],
            click_append=add,
            enter=add,
        )
        with html.Div(classes="row"):
            widgets.button("Open", "utils.rwthsam.pick('profile', '.json', false)", "mdi-folder-open-outline")
            widgets.button("Download", None, "mdi-download", href="download/profile", download=True)
            widgets.button("Default", "default_open = true", "mdi-restore")
        with html.Div(classes="row"):
            v.VTextField(
                v_model=("profile_path",),
                label=LABELS["profile_path"],
                density="compact",
                variant="outlined",
                hide_details=True,
            )
            widgets.icon_button(
                "mdi-folder-open-outline",
                "Read this file",
                of_field(LABELS["profile_path"], actions.classes.open_path),
                disabled=("!profile_path",),
            )
            widgets.icon_button(
                "mdi-content-save-outline",
                "Write this file",
                of_field(LABELS["profile_path"], actions.classes.save_path),
                disabled=("!profile_path",),
            )


def default_dialog(actions: Actions) -> None:
    """Ask before the classes that come with RWTHSAM take the place of those that are there."""
    with widgets.dialog("Use the default classes?", v_model=("default_open",), max_width=460):
        v.VCardText("They take the place of the profile '{{ profile_name }}'. Undo brings it back.")
        with v.VCardActions():
            v.VSpacer()
            widgets.button("Cancel", "default_open = false", variant="text")
            widgets.button(
                "Use default classes",
                (actions.classes.use_default, "[]"),
                color="primary",
                variant="flat",
                raw_attrs=['@click.capture="default_open = false"'],
            )


def _chosen_class(actions: Actions) -> None:
    with html.Div(classes="row"):
        for text, icon, step in (("Up", "mdi-arrow-up", -1), ("Down", "mdi-arrow-down", 1)):
            moved = (actions.classes.move, f"[class_id, {step}]")
            widgets.button(text, moved, icon, label=f"Move class {text.lower()}")
        widgets.button(
            "Delete",
            (actions.classes.delete, "[class_id]"),
            "mdi-delete-outline",
            label="Delete class",
            disabled=("classes.length < 2 || class_locked",),
        )


def _class_row(actions: Actions) -> None:
    name = "class_name.${each.id}"
    with html.Div(
        v_for="each in classes",
        key="each.id",
        classes=("`class-row ${each.id === class_id ? 'chosen' : ''}`",),
        click=(actions.classes.select, "[each.id]"),
    ):
        html.Span("{{ each.key }}", classes="class-key")
        _swatch(actions)
        with (
            html.Div(classes="class-text", v_if=("class_editing !== each.id",)),
            widgets.row_choice("each.id === class_id", "w-100"),
        ):
            html.Span("{{ each.name }}", classes="class-name text-truncate d-block")
            html.Span("{{ class_looks[each.id]?.size }}", classes="note text-truncate d-block")
        html.Input(
            v_else=True,
            classes="class-input",
            value=(widgets.shown(name, "each.name"),),
            raw_attrs=[
                "@click.stop",
                '@vue:mounted="(made) => { made.el.focus(); made.el.select(); }"',
                f'@input="{widgets.typed(name, "$event.target.value")}"',
                '@keydown.enter="$event.target.blur()"',
                f'@keydown.escape="$event.target.value = each.name; {widgets.left(name)}; class_editing = ``"',
            ],
            change=widgets.tells(
                name,
                of_field("Name of the class", actions.classes.rename),
                "[each.id, $event.target.value]",
                "$event.target.value",
            ),
            blur=f"{widgets.left(name)}; class_editing = ''",
        )
        _eye(actions)
        with v.VBtn(
            icon=True,
            size="x-small",
            variant="text",
            classes="row-button",
            raw_attrs=['@click.stop="class_editing = each.id"', *widgets.named("Rename")],
        ):
            v.VIcon("mdi-pencil-outline")
            widgets.tooltip("Rename")
        with v.VBtn(
            icon=True,
            size="x-small",
            variant="text",
            classes=("each.locked ? 'row-button locked' : 'row-button'",),
            raw_attrs=widgets.named("Lock"),
            __events=[("click_stop", "click.stop")],
            click_stop=(actions.classes.lock, "[each.id, !each.locked]"),
        ):
            v.VIcon(icon=("each.locked ? 'mdi-lock' : 'mdi-lock-open-variant-outline'",))
            widgets.tooltip(
                "{{ each.locked ? 'Unlock: may be changed again' : 'Lock: nothing may change its voxels' }}"
            )


def _eye(actions: Actions) -> None:
    with v.VBtn(
        icon=True,
        size="x-small",
        variant="text",
        classes="row-button",
        raw_attrs=[':aria-label="`Show or hide ${each.name}`"', ':aria-pressed="class_looks[each.id]?.visible"'],
        __events=[("click_stop", "click.stop")],
        click_stop=(actions.classes.set_visible, "[each.id, !class_looks[each.id]?.visible]"),
    ):
        v.VIcon(icon=("class_looks[each.id]?.visible === false ? 'mdi-eye-off-outline' : 'mdi-eye-outline'",))
        widgets.tooltip("Show or hide the class in all views")


def _looks(actions: Actions) -> None:
    """How opaque the chosen class is, and how all masks are drawn on the slices."""
    slider = {"min": 0, "max": 1, "step": 0.05, "hide_details": True, "density": "compact"}
    slider |= {"track_size": 2, "thumb_size": 12, "color": "primary"}
    for text, name, field, expression, change in (
        ("{{ class_name }}", "Opacity of the class", "opacity.${class_id}", _OPACITY, "[class_id, $event]"),
        ("All masks", "Fill of all masks", "mask_fill", "mask_fill", "[$event]"),
    ):
        action = actions.classes.set_fill if expression == "mask_fill" else actions.classes.set_opacity
        with html.Div(classes="row look-row"):
            html.Span(text, classes="note slider-name text-truncate")
            v.VSlider(
                model_value=(widgets.shown(field, expression),),
                update_modelValue=widgets.tells(field, action, change),
                raw_attrs=widgets.named(name),
                **slider,
            )
            if expression == "mask_fill":
                v.VCheckbox(
                    model_value=("mask_outlines",),
                    update_modelValue=(actions.classes.set_outlines, "[$event]"),
                    label="Outlines only",
                    density="compact",
                    hide_details=True,
                )


def _swatch(actions: Actions) -> None:
    html.Input(
        type="color",
        classes="swatch",
        value=("each.color",),
        change=(actions.classes.recolour, "[each.id, $event.target.value]"),
        title="Choose another colour",
        raw_attrs=["@click.stop", ':aria-label="`Colour of ${each.name}`"'],
    )
