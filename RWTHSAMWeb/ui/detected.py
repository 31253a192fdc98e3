"""The table of found objects, below the views."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import widgets

_IS = "row_choice === '{}'"
_CHOICES = (
    widgets.Choice("one", "One", "A tap selects this object alone"),
    widgets.Choice(
        "more", "More", "A tap adds an object to those that are selected, or takes it out again (as Ctrl does)"
    ),
    widgets.Choice(
        "range", "Range", "A tap selects all from the object that was tapped before to this one (as Shift does)"
    ),
)


def table(actions: Actions) -> None:
    """Declare the table; it is there only while objects are."""
    with html.Div(classes="detected", v_if=("mode === 'automatic' && detected_count > 0",)):
        with html.Div(classes="detected-head"):
            _buttons(actions)
        with html.Div(classes="detected-body"), html.Table(classes="detected-table"):
            with html.Thead(), html.Tr():
                html.Th("")
                _heads(actions)
                html.Th("Class")
            with (
                html.Tbody(),
                html.Tr(
                    v_for="each in detected_rows",
                    key="each.number",
                    classes=("`${each.selected ? 'chosen' : ''} ${each.state}`",),
                    click=(
                        actions.automatic.click_row,
                        f"[each.number, $event.ctrlKey || $event.metaKey || {_IS.format('more')}, "
                        f"$event.shiftKey || {_IS.format('range')}]",
                    ),
                    dblclick=(actions.automatic.look_at, "[each.number]"),
                ),
            ):
                with html.Td(), widgets.row_choice("each.selected", name="`Object ${each.number}`"):
                    html.Span(classes="dot", style=("`background: ${each.color}`",))
                html.Td("{{ cell }}", v_for="(cell, at) in each.cells", key="at")
                html.Td("{{ each.class }}")


def _heads(actions: Actions) -> None:
    with html.Th(
        v_for="column in detected_columns",
        key="column.key",
        click=(actions.automatic.sort, "[column.key]"),
        title=("column.help",),
    ):
        with html.Button(classes="row-choice", raw_attrs=['type="button"']):
            html.Span("{{ column.title }}")
        html.Span("{{ detected_descending ? '▾' : '▴' }}", v_if=("detected_sort === column.key",), classes="sorted")


def _buttons(actions: Actions) -> None:
    html.Span("{{ detected_count }} {{ detected_count === 1 ? 'object' : 'objects' }}", classes="subtitle")
    html.Span("{{ detected_selected ? detected_selected + ' selected' : '' }}", classes="note")
    v.VSpacer()
    with html.Div(classes="for-fingers"):
        widgets.choice_of("row_choice", "row_choice = $event", _CHOICES)
    some = ("!detected_selected",)
    widgets.button("All", actions.automatic.select_all, "mdi-select-all")
    widgets.button("Accept", (actions.automatic.review, "['accepted']"), "mdi-check", disabled=some)
    widgets.button("Reject", (actions.automatic.review, "['rejected']"), "mdi-close", disabled=some)
    widgets.button("Reopen", (actions.automatic.review, "['open']"), "mdi-restore", disabled=some)
    v.VBtn(
        "Table",
        href="download/objects",
        size="small",
        variant="tonal",
        prepend_icon="mdi-download",
        classes="text-none",
        raw_attrs=["download", *widgets.named("Download objects")],
    )
    v.VPagination(
        v_if=("detected_pages > 1",),
        model_value=("detected_page",),
        update_modelValue=(actions.automatic.turn_page, "[$event]"),
        length=("detected_pages",),
        total_visible=5,
        density="compact",
        size="small",
    )
