"""How the page itself looks."""

from __future__ import annotations

from typing import Annotated

from RWTHSAMLib.core.system.user_folder import data_folder

from ..app_context import AppContext
from ..arguments import OneOf
from ..page_choices import THEMES, PageChoices
from ..state import page_values


class LookActions:
    """What a person chooses about the page and not about the work."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._choices = PageChoices(data_folder() / "page.json")

    def begin(self) -> page_values.Json:
        """What was chosen last."""
        return {"theme": self._choices.theme, "notices_stay": self._choices.notices_stay}

    def set_theme(self, theme: Annotated[str, OneOf(THEMES)]) -> None:
        """Show the page in light or dark, or as the system has it."""
        self._context.state.theme = theme
        self._choices.keep(theme=theme)

    def let_notices_stay(self, stay: bool) -> None:
        """Let messages stay until they are closed, or go by themselves."""
        self._context.state.notices_stay = stay
        self._choices.keep(notices_stay=stay)
