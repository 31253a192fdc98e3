"""The prompts that are not submitted yet, and the temporary masks that follow from them.

A mask is shown for prompts, never for a moment in time: an answer that arrives for prompts which have changed since is
kept for a later undo but not shown.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import slicer

from ..errors import Cancelled, RwthSamError
from ..image import SliceImage
from ..inference.client import EngineClient, Reply, SegmentRequest
from ..mask import Mask, Segmentation
from ..prompts import BoxPrompt, Prompts
from ..slices import SliceKey
from .preview import Preview
from .prompt_markups import PromptMarkups
from .requests import next_request_id

_REMEMBERED_ANSWERS = 32

ImageOf = Callable[[SliceKey], SliceImage]


class PromptedSlices:
    """Prompts and temporary masks of one volume, shown in the scene.

    Parameters
    ----------
    scene : vtkMRMLScene
    volume_node : vtkMRMLVolumeNode
    client : EngineClient
        Asked for masks; its replies come back through `take`.
    image_of : callable
        The picture of a slice as the model shall see it.
    """

    def __init__(
        self, scene: slicer.vtkMRMLScene, volume_node: slicer.vtkMRMLVolumeNode, client: EngineClient, image_of: ImageOf
    ) -> None:
        self._client = client
        self._image_of = image_of
        self._prompts: dict[SliceKey, Prompts] = {}
        self._answers: OrderedDict[tuple[SliceKey, Prompts], Segmentation] = OrderedDict()
        self._asked: dict[int, tuple[SliceKey, Prompts]] = {}
        self._preview = Preview(scene, volume_node)
        self._markups = PromptMarkups(scene, volume_node)
        self.selected: tuple[SliceKey, int] | None = None
        self.error: RwthSamError | None = None

    @property
    def prompts(self) -> dict[SliceKey, Prompts]:
        """Prompts by slice, in the order in which the slices were first prompted; a copy."""
        return dict(self._prompts)

    @property
    def preview_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation that shows the masks, or None while there is nothing to show."""
        return self._preview.node

    def prompts_on(self, slice_key: SliceKey) -> Prompts:
        """Prompts of a slice, possibly none."""
        return self._prompts.get(slice_key, Prompts())

    def segmentation_on(self, slice_key: SliceKey) -> Segmentation | None:
        """The model's answer to a slice's present prompts, or None while it is awaited."""
        return self._answers.get((slice_key, self.prompts_on(slice_key)))

    def masks(self) -> dict[SliceKey, Mask]:
        """Temporary masks that are not empty, by slice."""
        answers = {key: self.segmentation_on(key) for key in self._prompts}
        return {key: each.best.mask for key, each in answers.items() if each and not each.best.mask.is_empty}

    @property
    def awaited(self) -> tuple[SliceKey, ...]:
        """Slices whose present prompts have no mask yet although they ask for one."""
        return tuple(
            key for key, each in self._prompts.items() if each.can_segment and (key, each) not in self._answers
        )

    def set_prompts(self, slice_key: SliceKey, prompts: Prompts) -> None:
        """Replace a slice's prompts; its mask follows when the engine answers."""
        self.error = None
        if len(prompts):
            self._prompts[slice_key] = prompts
        else:
            self._prompts.pop(slice_key, None)
        if self.selected is not None and self.selected[1] >= len(self.prompts_on(self.selected[0])):
            self.selected = None
        self._follow(slice_key)
        if not self._prompts:
            self._preview.clear()
        self._markups.show(self._prompts, self.selected)

    def select(self, selected: tuple[SliceKey, int] | None) -> None:
        """Let one prompt stand out, or none."""
        self.selected = selected
        self._markups.show(self._prompts, selected)

    def draw_box(self, slice_key: SliceKey, box: BoxPrompt) -> None:
        """Show a box that is still being drawn."""
        self._markups.show_box(slice_key, box)

    def redraw(self) -> None:
        """Show the prompts as they are, for example after a drawn box was abandoned."""
        self._markups.show(self._prompts, self.selected)

    def ask_again(self, forget: bool) -> None:
        """Ask for every mask that is missing; `forget` also those that are there (new model, new window)."""
        if forget:
            self._answers.clear()
            self._withdraw_all()
        for slice_key in list(self._prompts):
            self._follow(slice_key)

    def take(self, replies: list[Reply]) -> bool:
        """Use what the engine answered; True if anything that is shown has changed."""
        changes = [self._take(reply) for reply in replies]  # all of them, not only up to the first change
        return any(changes)

    def clear(self) -> None:
        """Drop every prompt and mask."""
        self._prompts.clear()
        self.selected, self.error = None, None
        self._preview.clear()
        self._markups.clear()

    def close(self) -> None:
        """Withdraw every request and leave no node behind."""
        self._withdraw_all()
        self.clear()

    def _take(self, reply: Reply) -> bool:
        asked = self._asked.pop(reply.request_id, None)
        if asked is None or isinstance(reply.error, Cancelled):
            return False
        slice_key, prompts = asked
        if reply.segmentation is not None:
            self._remember(slice_key, prompts, reply.segmentation)
        if prompts != self.prompts_on(slice_key):
            return False
        self.error = reply.error
        self._show(slice_key)
        return True

    def _remember(self, slice_key: SliceKey, prompts: Prompts, segmentation: Segmentation) -> None:
        self._answers[slice_key, prompts] = segmentation
        self._answers.move_to_end((slice_key, prompts))
        current = {(key, each) for key, each in self._prompts.items()}
        for old in [each for each in self._answers if each not in current][:-_REMEMBERED_ANSWERS]:
            del self._answers[old]

    def _follow(self, slice_key: SliceKey) -> None:
        prompts = self.prompts_on(slice_key)
        if not prompts.can_segment or (slice_key, prompts) in self._answers:
            self._show(slice_key)
        elif self._client.status.phase in ("loading", "ready"):
            self._withdraw(slice_key)
            request_id = next_request_id()
            self._asked[request_id] = (slice_key, prompts)
            self._client.send(SegmentRequest(request_id, self._image_of(slice_key), prompts))

    def _withdraw(self, slice_key: SliceKey) -> None:
        """Cancel what was asked for a slice: its prompts have changed."""
        for request_id in [each for each, (key, _) in self._asked.items() if key == slice_key]:
            self._client.cancel(request_id)

    def _withdraw_all(self) -> None:
        for request_id in self._asked:
            self._client.cancel(request_id)
        self._asked.clear()

    def _show(self, slice_key: SliceKey) -> None:
        answer = self.segmentation_on(slice_key) if self.prompts_on(slice_key).can_segment else None
        self._preview.show(slice_key, answer.best.mask if answer else None)
