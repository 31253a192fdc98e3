"""Small widgets that every panel uses, so that all look and behave alike."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from trame.widgets import html
from trame.widgets import vuetify3 as v

from RWTHSAMLib.core.settings.codec import Settings
from RWTHSAMLib.core.settings.setting import settings_of
from RWTHSAMLib.core.settings.typed import TextField

from ..field_words import is_of_field, of_field

Click = Any
"""A function, or a pair of a function and the JavaScript list of its arguments."""


def named(text: str) -> list[str]:
    """Raw attributes that give a widget a name for screen readers (trame drops attributes it does not know)."""
    return [f'aria-label="{text}"']


@contextmanager
def panel(value: str, number: int | None, title: str, summary: str = "") -> Generator[None, None, None]:
    """Expansion panel; `summary` is a JavaScript expression shown on the right of the title.

    Those of the drawer have a number.
    """
    with v.VExpansionPanel(value=value, elevation=0):
        with v.VExpansionPanelTitle(classes="panel-title", raw_attrs=[f'data-panel="{value}"']):
            if number is not None:
                html.Span(str(number), classes="panel-number")
            html.Span(title, classes="font-weight-medium panel-name")
            v.VSpacer()
            if summary:
                html.Span("{{ " + summary + " }}", classes="panel-summary", title=(summary,))
        with v.VExpansionPanelText():
            yield


@contextmanager
def dialog(title: str, **options: Any) -> Generator[None, None, None]:
    """Dialog with a title that is its name as well."""
    with v.VDialog(raw_attrs=named(title), **options), v.VCard():
        v.VCardTitle(title)
        yield


def tooltip(text: str, location: str = "bottom") -> None:
    """Explain the widget that this is put into; may hold ``{{ expressions }}``."""
    # made when it is needed: an empty one says nothing to whoever does not see
    with v.VTooltip(activator="parent", location=location, open_delay=400, eager=False):
        html.Span(text)


def icon_button(icon: str, text: str, click: Click, **options: Any) -> None:
    """Button that is only an icon, explained by a tooltip."""
    options = {"size": "small", "variant": "text", "density": "comfortable", **options}
    with v.VBtn(icon=True, click=click, raw_attrs=named(options.pop("label", text)), **options):
        v.VIcon(icon)
        tooltip(text)


@contextmanager
def row_choice(pressed: str, classes: str = "", name: str = "") -> Generator[None, None, None]:
    """The part of a row that takes the keyboard: pressing it is a click on the row.

    `pressed` is JavaScript: whether the row is chosen. `name` as well, where nothing is written in it.
    """
    named_by = [f':aria-label="{name}"'] if name else []
    with html.Button(
        classes=f"row-choice {classes}", raw_attrs=['type="button"', f':aria-pressed="{pressed}"', *named_by]
    ):
        yield


def button(text: str, click: Click, icon: str | None = None, **options: Any) -> None:
    """Button with a word on it."""
    options = {"size": "small", "variant": "tonal", "classes": "text-none", **options}
    if "label" in options:
        options["raw_attrs"] = named(options.pop("label"))
    v.VBtn(text, click=click, prepend_icon=icon, **options)


def stop_button(what: str, click: Click, **options: Any) -> None:
    """Button that stops one of `STOPPED`; that it was pressed is seen at once, whatever the server is at.

    `text`, where it is given, is JavaScript.
    """
    is_stopping = f"stopping === '{what}'"
    options = {"size": "small", "variant": "tonal", "classes": "text-none", **options}
    text = options.pop("text", "'Stop'")
    v.VBtn(
        f"{{{{ {is_stopping} ? 'Stopping ...' : {text} }}}}",
        click=click,
        prepend_icon="mdi-stop",
        disabled=(is_stopping,),
        raw_attrs=[_stops(what), *(named(options.pop("label")) if "label" in options else [])],
        **options,
    )


def stop_icon(what: str, text: str, click: Click) -> None:
    """As `stop_button`, without a word on it."""
    with v.VBtn(
        icon=True,
        click=click,
        size="small",
        variant="text",
        density="comfortable",
        disabled=(f"stopping === '{what}'",),
        raw_attrs=[_stops(what), *named(text)],
    ):
        v.VIcon("mdi-close")
        tooltip(text)


def _stops(what: str) -> str:
    return f'@click.capture="stopping = `{what}`"'


@dataclass(frozen=True)
class Choice:
    """One of a few things to choose from, side by side."""

    value: str
    text: str
    help_text: str
    icon: str | None = None


def choice_of(expression: str, change: Click, choices: Sequence[Choice], **options: Any) -> None:
    """Buttons side by side of which one is pressed; `change` is given its value, or is JavaScript with ``$event``."""
    options = {"variant": "outlined", "divided": True, "mandatory": True, **options}
    with v.VBtnToggle(
        model_value=(expression,),
        update_modelValue=change if isinstance(change, str) else (change, "[$event]"),
        density="compact",
        color="primary",
        classes="tool-choice",
        **options,
    ):
        for each in choices:
            icon = {"prepend_icon": each.icon} if each.icon is not None else {}
            with v.VBtn(value=each.value, size="small", classes="text-none flex-grow-1", **icon):
                html.Span(each.text)
                tooltip(each.help_text)


def setting_choice(kind: type[Settings], name: str, expression: str, change: Click) -> None:
    """The options of a setting side by side; nothing is the empty word to the page."""
    setting = settings_of(kind)[name]
    with html.Div(raw_attrs=[*named(setting.title), 'role="group"']):
        tooltip(setting.help, location="top")
        choice_of(expression, change, [Choice(_word(each.value), each.text, each.help) for each in setting.options])


def setting_check(kind: type[Settings], name: str, expression: str, change: Click, **options: Any) -> None:
    """A setting that is on or off."""
    setting = settings_of(kind)[name]
    with v.VCheckbox(
        model_value=(expression,),
        update_modelValue=(change, "[$event]"),
        label=setting.title,
        density="compact",
        hide_details=True,
        **options,
    ):
        tooltip(setting.help)


def _word(value: object) -> str:
    return "" if value is None else str(value)


def shown(field: str, expression: str) -> str:
    """JavaScript of what a field shows: what is typed until the server has answered to it, else what it says.

    `field` tells it from all others; within a ``v_for`` it has ``${expressions}``. See ``telling.js``.
    """
    return f"utils.typing.shown(`{field}`, {expression})"


def tells(field: str, action: Callable[..., Any], arguments: str, text: str = "$event") -> Click:
    """Tell the server what is in a field, which is the JavaScript `text`."""
    taking = action if is_of_field(action) else of_field("", action)
    return taking, f"(utils.typing.tells(`{field}`, {text}), {arguments})"


def typed(field: str, text: str = "$event") -> str:
    """JavaScript for where somebody types what the server is told later."""
    return f"utils.typing.typed(`{field}`, {text})"


def left(field: str) -> str:
    """JavaScript for where such a field is left."""
    return f"utils.typing.left(`{field}`)"


def number_field(label: str, expression: str, change: tuple[Callable[..., Any], str], **options: Any) -> None:
    """Field for a number that takes effect when it is left or Enter is pressed; what is refused, is gone then.

    The label tells it from all others; `name`, where it is given, stands for it in what is said of a refused value.
    """
    action, arguments = change
    options = {"type": "number", **options}
    v.VTextField(
        label=label,
        model_value=(shown(label, expression),),
        update_modelValue=typed(label),
        change=tells(label, of_field(options.pop("name", label), action), arguments, "$event.target.value"),
        blur=left(label),
        density="compact",
        variant="outlined",
        hide_details=True,
        **options,
    )


@contextmanager
def left_together(leave: Click, arguments: str = "") -> Generator[None, None, None]:
    """Fields side by side of which one may be wrong until the other is typed, as the ends of a range.

    `leave` is called with whether the focus stays within them, and with the JavaScript `arguments`.
    """
    stays = "$event.currentTarget.contains($event.relatedTarget)"
    with html.Div(classes="row", __events=["focusout"], focusout=(leave, f"[{stays}{arguments and ', ' + arguments}]")):
        yield


def checked_field(field: TextField, values: str, change: Callable[..., Any], leave: Click, **options: Any) -> None:
    """Field whose text is taken when it is valid; while it is not, it says why, until it is left.

    `values` is the JavaScript expression of an object that has ``{value, error}`` under the field's name.
    """
    value, name = f"{values}['{field.name}']", f"{values}.{field.name}"
    with v.VTextField(
        label=field.label,
        model_value=(shown(name, f"{value}.value"),),
        update_modelValue=tells(name, of_field(field.label, change), f"['{field.name}', $event]"),
        blur=(leave, f"['{field.name}']"),
        error_messages=(f"{value}.error ? [{value}.error] : []",),
        density="compact",
        variant="outlined",
        hide_details="auto",
        **options,
    ):
        tooltip(field.help)


def note(expression: str, **options: Any) -> None:
    """Small grey line of text."""
    html.Div("{{ " + expression + " }}", classes="note", **options)
