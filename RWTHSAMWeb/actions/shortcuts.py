"""What keys do. The page sends their names; see `RWTHSAMWeb.state.page_values.KEYS` and the help."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from ..app_context import AppContext
from ..arguments import OneOf
from ..state.page_values import KEYS, SLICE_STEPS
from .classes import ClassActions
from .prompts import PromptActions
from .tools import ToolActions
from .views import ViewActions


class KeyActions:
    """Keys of the whole page, except while something is being typed."""

    def __init__(
        self,
        context: AppContext,
        prompts: PromptActions,
        tools: ToolActions,
        classes: ClassActions,
        views: ViewActions,
    ) -> None:
        self._context = context
        self._tools = tools
        self._classes = classes
        self._own: dict[str, Callable[[], object]] = {
            "P": lambda: prompts.set_tool("point"),
            "B": lambda: prompts.set_tool("box"),
            "L": lambda: prompts.set_tool("winding"),
            "H": self._help,
            "?": self._help,
            "Escape": self._escape,
            "Delete": lambda: context.session.key("Ctrl+K"),
            **{name: partial(views.step, count) for name, count in SLICE_STEPS.items()},
        }

    def press(self, name: Annotated[str, OneOf(KEYS)]) -> None:
        """Do what a key means."""
        if name in self._own:
            self._own[name]()
        elif name.isdigit():
            self._classes.select_nth(int(name) - 1)
        else:
            self._context.session.key(name)
        self._context.refresh()

    def _help(self) -> None:
        self._context.state.help_open = True

    def _escape(self) -> None:
        if self._context.host.native_tool:
            self._tools.choose("")
        else:
            self._context.session.key("Escape")
