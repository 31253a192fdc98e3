"""What a person can do on the page, by panel. Widgets call these methods; arguments come as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from ..app_context import AppContext
from ..kept_choices import AllChoices, StateChoices
from ..options import WebOptions
from .automatic import AutomaticActions
from .classes import ClassActions
from .look import LookActions
from .model import ModelActions
from .project import ProjectActions
from .prompts import PromptActions
from .propagation import PropagationActions
from .rendering import RenderingActions
from .result import ResultActions
from .rules import RuleActions
from .scan import ScanActions
from .segmentation import SegmentationActions
from .shortcuts import KeyActions
from .threshold import ThresholdActions
from .tools import ToolActions
from .views import ViewActions


@dataclass(frozen=True)
class Actions:
    """All of them."""

    project: ProjectActions
    scan: ScanActions
    segmentation: SegmentationActions
    model: ModelActions
    classes: ClassActions
    prompts: PromptActions
    automatic: AutomaticActions
    rules: RuleActions
    propagation: PropagationActions
    tools: ToolActions
    threshold: ThresholdActions
    result: ResultActions
    rendering: RenderingActions
    views: ViewActions
    keys: KeyActions
    look: LookActions


def make_actions(context: AppContext, options: WebOptions) -> Actions:
    """Actions that share one context."""
    views = ViewActions(context, options.cache)
    segmentation = SegmentationActions(context, options.segmentation)
    automatic, threshold = AutomaticActions(context, views), ThresholdActions(context)
    prompts, tools, classes = (
        PromptActions(context, views),
        ToolActions(context),
        ClassActions(context, options.profile),
    )
    of_page = StateChoices(context.state, views.set_layout)
    choices = AllChoices([of_page, automatic, threshold, tools])
    project = ProjectActions(context, options.project, segmentation, choices)
    return Actions(
        project=project,
        scan=ScanActions(context, options, project, segmentation, views),
        segmentation=segmentation,
        model=ModelActions(context, options),
        classes=classes,
        prompts=prompts,
        automatic=automatic,
        rules=RuleActions(context),
        propagation=PropagationActions(context, views),
        tools=tools,
        threshold=threshold,
        result=ResultActions(context, automatic),
        rendering=RenderingActions(context),
        views=views,
        keys=KeyActions(context, prompts, tools, classes, views),
        look=LookActions(context),
    )
