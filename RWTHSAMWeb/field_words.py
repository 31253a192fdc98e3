"""Whatever is refused says which field it was typed into, in the words of the field's label."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

_LABEL: ContextVar[str] = ContextVar("label of the field whose action is being done", default="")


def of_field(label: str, action: Callable[..., Any]) -> Callable[..., Any]:
    """The action of a field: what it refuses, also later and in tasks that it starts, is told with the label.

    What it brings about is shown before it is answered; with an empty label nothing else is different.
    """

    @functools.wraps(action)
    def typed(*values: Any) -> Any:
        return in_words_of(label, functools.partial(action, *values))

    typed.__dict__["label"] = label
    return typed


def is_of_field(action: Callable[..., Any]) -> bool:
    """Whether an action belongs to a field, with a label or without one."""
    return hasattr(action, "label")


def label_of(action: Callable[..., Any]) -> str:
    """Label of the field that an action belongs to; empty where it belongs to none."""
    return str(getattr(action, "label", ""))


def in_words_of(label: str, work: Callable[[], Any]) -> Any:
    """Do something; what it refuses is told with a label."""
    token = _LABEL.set(label)
    try:
        return work()
    finally:
        _LABEL.reset(token)


def with_label(reason: str) -> str:
    """A reason why something is refused, with the label of the field that it was typed into."""
    label = _LABEL.get()
    if not label or reason.startswith(label):
        return reason
    return f"{label}: {reason[0].lower() + reason[1:] if reason.startswith(('Expected ', 'Type ')) else reason}"
