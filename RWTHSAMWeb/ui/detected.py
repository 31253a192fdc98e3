"""The table of found objects, below the views."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v

from ..actions import Actions
from . import widgets


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
                        "[each.number, $event.ctrlKey || $event.metaKey, $event.shiftKey]",
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
    html.Span("{{ detected_count }} objects", classes="subtitle")
    html.Span("{{ detected_selected ? detected_selected + ' selected' : '' }}", classes="note")
    v.VSpacer()
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
