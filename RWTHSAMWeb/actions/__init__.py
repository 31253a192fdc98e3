"""What a person can do on the page, by panel. Widgets call these methods; arguments come as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from ..desk import Desk
from ..options import WebOptions
from .automatic import AutomaticActions
from .classes import ClassActions
from .keys import KeyActions
from .model import ModelActions
from .narrowing import NarrowingActions
from .prompts import PromptActions
from .propagation import PropagationActions
from .rendering import RenderingActions
from .result import ResultActions
from .rules import RuleActions
from .scan import ScanActions
from .tools import ToolActions
from .views import ViewActions


@dataclass(frozen=True)
class Actions:
    """All of them."""

    scan: ScanActions
    model: ModelActions
    classes: ClassActions
    prompts: PromptActions
    automatic: AutomaticActions
    rules: RuleActions
    propagation: PropagationActions
    tools: ToolActions
    narrowing: NarrowingActions
    result: ResultActions
    rendering: RenderingActions
    views: ViewActions
    keys: KeyActions


def make_actions(desk: Desk, options: WebOptions) -> Actions:
    """Actions that share one desk."""
    views = ViewActions(desk, options.cache)
    prompts, tools, classes = PromptActions(desk, views), ToolActions(desk), ClassActions(desk, options.profile)
    return Actions(
        scan=ScanActions(desk, options.volume),
        model=ModelActions(desk, options),
        classes=classes,
        prompts=prompts,
        automatic=AutomaticActions(desk, views),
        rules=RuleActions(desk),
        propagation=PropagationActions(desk, views),
        tools=tools,
        narrowing=NarrowingActions(desk),
        result=ResultActions(desk),
        rendering=RenderingActions(desk),
        views=views,
        keys=KeyActions(desk, prompts, tools, classes),
    )
