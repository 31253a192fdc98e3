"""Panel 4: prompts and the masks that follow from them; below all panels, where those go."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import automatic, overwriting, propagation, widgets

_ICON = (
    "{ positive: 'mdi-plus-circle', negative: 'mdi-minus-circle', box: 'mdi-vector-square', "
    "winding: 'mdi-layers-plus', 'not winding': 'mdi-layers-minus' }[each.kind]"
)
_COLOUR = (
    "{ positive: 'success', negative: 'error', box: 'info', winding: 'success', 'not winding': 'error' }[each.kind]"
)


def panel(actions: Actions) -> None:
    """Declare the panel."""
    with widgets.panel("prompts", 4, "Segment", "mode === 'click' ? slice_text : ''"):
        _mode(actions)
        with html.Div(v_if=("mode === 'automatic'",), classes="mode"):
            automatic.section(actions)
        with html.Div(v_else=True, classes="mode"):
            _clicks(actions)


def foot(actions: Actions) -> None:
    """Declare what stays in sight whatever is unfolded: candidates, submit, undo, clear."""
    with html.Div(v_if=("has_scan",), classes="work-foot"):
        # what comes and goes stands above Submit: a button that was just pressed stays where it is
        widgets.note("why_not_submit", v_if=("why_not_submit",), id="why-not-submit")
        with html.Div(v_if=("mode === 'automatic'",), classes="mode"):
            automatic.submit(actions)
        with html.Div(v_else=True, classes="mode"):
            _candidates(actions)
            _submit(actions)
            overwriting.choice(actions)


def _mode(actions: Actions) -> None:
    choices = (
        widgets.Choice("click", "Click", "Points and boxes say what an object is", "mdi-cursor-default-click-outline"),
        widgets.Choice("automatic", "Automatic", "Objects are found without clicks, and you choose", "mdi-auto-fix"),
    )
    widgets.choice_of("mode", actions.automatic.set_mode, choices, variant="tonal", divided=False)


def _clicks(actions: Actions) -> None:
    _tool(actions)
    _windings(actions)
    _detail(actions)
    _gathering(actions)
    _beginning()
    with html.Div(classes="prompt-list"):
        _prompt_row(actions)
    with html.Div(classes="row", v_if=("prompts.length === 0",)):
        widgets.button(
            "Refine the class on this slice",
            actions.prompts.refine,
            "mdi-auto-fix",
            disabled=("!(engine_phase === 'ready' && has_scan)",),
        )
    widgets.note("'Submit replaces this part of the class.'", v_if=("replaces",))
    widgets.note(
        "'Prompts on ' + prompted_slices + ' slices: all masks are submitted together.'",
        v_if=("prompted_slices > 1",),
    )
    propagation.section(actions)


def _beginning() -> None:
    """What to begin with: a part that works at once, and the way to those that one click does not give."""
    with html.Div(classes="note", v_if=("prompts.length === 0",)):
        html.Div("Click on the object in a slice view.")
        with html.Div(v_if=("!has_history",), classes="mt-1"):
            html.Div(
                "Begin with a part that stands out from all around it, such as the core of a cell: one click shows it. "
                "Thin walls and foils: submit the whole that they belong to, then keep its bright grey values."
            )
            widgets.button(
                "Threshold a class",
                "panels = [...new Set([...(panels || []), 'native'])]; native_open = ['threshold']",
                "mdi-contrast-box",
                classes="text-none mt-1",
                label="Go to threshold a class",
            )


def _tool(actions: Actions) -> None:
    choices = (
        widgets.Choice("point", "Point", "What the left button draws  (P)", "mdi-target"),
        widgets.Choice("box", "Box", "What the left button draws  (B)", "mdi-vector-square"),
        widgets.Choice(
            "winding",
            "Winding",
            "Draw along a winding or another thin layer, whose grey values tell it  (L)",
            "mdi-layers",
        ),
    )
    widgets.choice_of("native_tool ? '' : tool", actions.prompts.set_tool, choices, mandatory=False)


def _windings(actions: Actions) -> None:
    with html.Div(v_if=("tool === 'winding' && !native_tool",), classes="mode"):
        html.Div("Drag along a winding; Ctrl + drag takes one away.", classes="note")
        widgets.number_field(
            "Winding distance (pixels), empty: measured",
            "winding_distance",
            (actions.prompts.set_winding_distance, "[$event.target.value]"),
            placeholder=("winding_measured",),
            persistent_placeholder=True,
            type="text",
        )
        with html.Div(classes="row"):
            for text, outwards, icon in (
                ("Next inwards (I)", "false", "mdi-arrow-collapse"),
                ("Next outwards (O)", "true", "mdi-arrow-expand"),
            ):
                widgets.button(
                    text, (actions.prompts.next_winding, f"[{outwards}]"), icon, disabled=("!winding_repeats",)
                )


def _detail(actions: Actions) -> None:
    choices = (
        widgets.Choice("auto", "Auto", "Large slices around the prompts, others whole"),
        widgets.Choice("whole", "Whole slice", "The model sees all of the slice, reduced to 1024 pixels"),
        widgets.Choice("tile", "Around", "The model sees the part around the prompts in full detail"),
    )
    with html.Div(v_if=("has_large_slices",)):
        html.Span("Large slices", classes="subtitle")
        widgets.choice_of("detail", actions.prompts.set_detail, choices)


def _gathering(actions: Actions) -> None:
    with html.Div(classes="row"):
        with v.VBtn(
            click=actions.prompts.toggle_wait,
            size="small",
            variant=("waits ? 'flat' : 'tonal'",),
            color=("waits ? 'primary' : undefined",),
            prepend_icon=("waits ? 'mdi-play' : 'mdi-pause'",),
            classes="text-none flex-grow-1",
        ):
            html.Span("{{ waits ? 'Compute the masks (W)' : 'Gather prompts first (W)' }}")
            widgets.tooltip("The model waits while prompts are placed, and then computes all masks in one run")
        with v.VBtn(
            "Take away",
            click="takes_away = !takes_away",
            prepend_icon="mdi-minus-circle-outline",
            disabled=("tool === 'box' || !!native_tool",),
            variant=("takes_away ? 'flat' : 'tonal'",),
            color=("takes_away ? 'error' : undefined",),
            size="small",
            classes="text-none",
            raw_attrs=[':aria-pressed="takes_away"'],
        ):
            widgets.tooltip("What is clicked on is not meant, as with Ctrl; no key is needed")


def _candidates(actions: Actions) -> None:
    with html.Div(classes="subtitle-row", v_if=("candidates.length > 1",)):
        html.Span("Which one was meant?", classes="subtitle")
        v.VSpacer()
        html.Span("C: next", classes="note")
    with (
        v.VBtnToggle(
            v_if=("candidates.length > 1",),
            model_value=("candidate",),
            update_modelValue=(actions.prompts.choose_candidate, "[$event]"),
            mandatory=True,
            density="compact",
            variant="outlined",
            divided=True,
            color="success",
            classes="tool-choice",
        ),
        v.VBtn(
            v_for="(score, number) in candidates",
            key="number",
            value=("number",),
            size="small",
            classes="text-none flex-grow-1",
        ),
    ):
        html.Span("{{ number + 1 }}", classes="font-weight-bold mr-1")
        html.Span("{{ score }}", classes="note")
        widgets.tooltip("How good the model itself takes this mask to be, from 0 to 1")


def _prompt_row(actions: Actions) -> None:
    with html.Div(
        v_for="each in prompts",
        key="each.position",
        classes=("`prompt-row ${each.selected ? 'chosen' : ''}`",),
        click=(actions.prompts.select, "[each.position]"),
    ):
        with widgets.row_choice("each.selected", "prompt-choice"):
            v.VIcon(icon=(_ICON,), color=(_COLOUR,), size=16)
            html.Span("{{ each.kind }}", classes="prompt-kind")
            html.Span("{{ each.text }}", classes="note")
        with v.VBtn(
            icon=True,
            size="x-small",
            variant="text",
            raw_attrs=widgets.named("Delete prompt"),
            __events=[("click_stop", "click.stop")],
            click_stop=(actions.prompts.delete, "[each.position]"),
        ):
            v.VIcon("mdi-close")


def _submit(actions: Actions) -> None:
    with v.VBtn(
        block=True,
        click=actions.prompts.submit,
        disabled=("!can_submit",),
        color=("can_submit ? 'success' : undefined",),
        variant="flat",
        classes="text-none submit",
        raw_attrs=widgets.named("Submit"),
    ):
        html.Span("Submit to", classes="mr-2")
        html.Span(classes="dot", style=("`background: ${class_color}`",))
        html.Span("{{ class_name }}", classes="text-truncate font-weight-bold")
        v.VIcon("mdi-lock", v_if=("class_locked",), size=14, classes="ml-1")
    with html.Div(classes="row"):
        _icon("mdi-undo", "Undo", actions.prompts.undo, "!undo_text")
        _icon("mdi-redo", "Redo", actions.prompts.redo, "!redo_text")
        widgets.button("Delete all", actions.prompts.clear, disabled=("!can_clear",), classes="text-none px-2")
        widgets.button(
            "Through the volume",
            "panels = [...new Set([...(panels || []), 'prompts'])]; click_open = ['propagation']; "
            "utils.rwthsam.show('propagation')",
            "mdi-layers-triple-outline",
            disabled=("!mask_pixels && !prop_there",),
            classes="text-none flex-grow-1",
        )


def _icon(icon: str, name: str, click: widgets.Click, disabled: str) -> None:
    options = {"variant": "tonal", "density": "default", "size": "x-small", "rounded": True}
    widgets.icon_button(icon, name, click, disabled=(disabled,), **options)
