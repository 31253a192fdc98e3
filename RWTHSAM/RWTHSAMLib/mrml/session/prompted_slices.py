"""The prompts that are not submitted yet, and the temporary masks that follow from them.

A mask is shown for prompts, never for a moment in time: an answer that arrives for prompts which have changed since is
kept for a later undo but not shown.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import numpy as np
import slicer

from ...core.image import SliceImage
from ...core.mask import Mask, Segmentation
from ...core.oblique_plane import Plane
from ...core.prompts import BoxPrompt, Prompts
from ...errors import Cancelled, RwthSamError
from ...worker.client import EngineClient, Reply, SegmentRequest
from ..previews.mask import Preview
from ..previews.prompts import PromptMarkups
from .requests import next_request_id

_REMEMBERED_ANSWERS = 32
"""A choice: what undo and redo go to and fro between, some MB."""

ImageOf = Callable[[Plane], SliceImage]
BeginReading = Callable[[Plane], "Future[np.ndarray] | None"]


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
    begin_reading : callable
        Has a slice read that is not there yet; None where nobody need wait for it.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        volume_node: slicer.vtkMRMLVolumeNode,
        client: EngineClient,
        image_of: ImageOf,
        begin_reading: BeginReading = lambda _: None,
    ) -> None:
        self._client = client
        self._image_of, self._begin_reading = image_of, begin_reading
        self._reading: dict[Plane, Future[np.ndarray]] = {}
        self._prompts: dict[Plane, Prompts] = {}
        self._answers: OrderedDict[tuple[Plane, Prompts], Segmentation] = OrderedDict()
        self._asked: dict[int, tuple[Plane, Prompts]] = {}
        self._pictures: dict[Plane, SliceImage] = {}
        self._is_closed = self._is_hidden = False
        self._preview = Preview(scene, volume_node)
        self._markups = PromptMarkups(scene, volume_node)
        self.selected: tuple[Plane, int] | None = None
        self.error: RwthSamError | None = None
        self._waits = False

    @property
    def prompts(self) -> dict[Plane, Prompts]:
        """Prompts by slice, in the order in which the slices were first prompted; a copy."""
        return dict(self._prompts)

    @property
    def preview_node(self) -> slicer.vtkMRMLSegmentationNode | None:
        """The hidden segmentation that shows the masks, or None while there is nothing to show."""
        return self._preview.node

    def prompts_on(self, plane: Plane) -> Prompts:
        """Prompts of a slice, possibly none."""
        return self._prompts.get(plane, Prompts())

    def segmentation_on(self, plane: Plane) -> Segmentation | None:
        """The model's answer to a slice's present prompts, or None while it is awaited."""
        return self._answers.get((plane, self.prompts_on(plane)))

    def masks(self) -> dict[Plane, Mask]:
        """Temporary masks that are not empty, in pixels of their slices."""
        answers = {key: self.segmentation_on(key) for key in self._prompts}
        return {key: each.best.mask for key, each in answers.items() if each and not each.best.mask.is_empty}

    @property
    def awaited(self) -> tuple[Plane, ...]:
        """Slices whose present prompts have no mask yet although they ask for one; none while the model waits."""
        return () if self._waits else self._unanswered

    @property
    def gathered(self) -> tuple[Plane, ...]:
        """Slices whose prompts are kept for later because the model waits."""
        return self._unanswered if self._waits else ()

    @property
    def _unanswered(self) -> tuple[Plane, ...]:
        return tuple(
            key for key, each in self._prompts.items() if each.can_segment and (key, each) not in self._answers
        )

    def wait(self, waits: bool) -> None:
        """Let the model wait while prompts are gathered, or compute the masks of all that were."""
        self._waits = waits
        if waits:
            self._withdraw_all()
        for plane in list(self._prompts):
            self._follow(plane)

    def set_prompts(self, plane: Plane, prompts: Prompts) -> None:
        """Replace a slice's prompts; its mask follows when the engine answers. Nothing comes back once closed."""
        if self._is_closed:
            return
        self.error = None
        if len(prompts):
            self._prompts[plane] = prompts
        else:
            self._prompts.pop(plane, None)
            self._pictures.pop(plane, None)
        if self.selected is not None and self.selected[1] >= len(self.prompts_on(self.selected[0])):
            self.selected = None
        self._follow(plane)
        if not self._prompts:
            self._preview.clear()
        self._show_prompts()

    def select(self, selected: tuple[Plane, int] | None) -> None:
        """Let one prompt stand out, or none."""
        self.selected = selected
        self._show_prompts()

    def draw_box(self, plane: Plane, box: BoxPrompt) -> None:
        """Show a box that is still being drawn."""
        self._markups.show_box(plane, box)

    def draw_stroke(self, plane: Plane, path_xy: Sequence[tuple[int, int]]) -> None:
        """Show a line that is still being drawn."""
        self._markups.show_drawing(plane, path_xy)

    def redraw(self) -> None:
        """Show the prompts as they are, for example after a drawn box was abandoned."""
        self._show_prompts()

    def ask_again(self, forget: bool) -> None:
        """Ask for every mask that is missing; `forget` also those that are there (new model, new window)."""
        self.error = None
        if forget:
            self._answers.clear()
            self._withdraw_all()
            self._preview.clear()
        for plane in list(self._prompts):
            self._follow(plane)

    def take(self, replies: Sequence[Reply]) -> bool:
        """Use what the engine answered; True if anything that is shown has changed."""
        changes = [self._take(reply) for reply in replies]  # all of them, not only up to the first change
        return any([*changes, *self._go_on_with_what_is_read()])

    def has_stale_masks(self) -> bool:
        """Whether a slice with a mask looks otherwise than when the model was asked."""
        return any(
            plane in self._pictures and not np.array_equal(self._pictures[plane].pixels, self._image_of(plane).pixels)
            for plane in self.masks()
        )

    def hide(self) -> None:
        """Show nothing and await nothing until `show_again`; prompts stay, and may change."""
        self._is_hidden = True
        self._withdraw_all()
        self._preview.clear()
        self._markups.clear()

    def show_again(self) -> None:
        """Show everything where the volume lies now, and ask for the masks that are missing."""
        self._is_hidden = False
        self._preview.clear()
        self._markups.clear()
        for plane in list(self._prompts):
            self._show(plane)
            if plane in self._unanswered and plane not in [key for key, _ in self._asked.values()]:
                self._follow(plane)
        self._show_prompts()

    def clear(self) -> None:
        """Drop every prompt and mask."""
        self._prompts.clear()
        self._pictures.clear()
        self.selected, self.error = None, None
        self._preview.clear()
        self._markups.clear()

    def close(self) -> None:
        """Withdraw every request and leave no node behind."""
        self._withdraw_all()
        self.clear()
        self._is_closed = True

    def _take(self, reply: Reply) -> bool:
        asked = self._asked.pop(reply.request_id, None)
        if asked is None or isinstance(reply.error, Cancelled):
            return False
        plane, prompts = asked
        if reply.segmentation is not None:
            self._remember(plane, prompts, reply.segmentation)
        if prompts != self.prompts_on(plane):
            return False
        self.error = reply.error
        self._show(plane)
        return True

    def _go_on_with_what_is_read(self) -> list[bool]:
        """Ask for the masks on slices that have been read meanwhile; whether anything that is shown has changed."""
        changes = []
        for plane in [plane for plane, reading in self._reading.items() if reading.done()]:
            reading = self._reading.pop(plane)
            error = None if reading.cancelled() else reading.exception()
            if isinstance(error, RwthSamError):
                self.error = error
            elif error is not None:
                raise error
            else:
                self._follow(plane)
            changes.append(error is not None)
        return changes

    def _remember(self, plane: Plane, prompts: Prompts, segmentation: Segmentation) -> None:
        self._answers[plane, prompts] = segmentation
        self._answers.move_to_end((plane, prompts))
        current = {(key, each) for key, each in self._prompts.items()}
        for old in [each for each in self._answers if each not in current][:-_REMEMBERED_ANSWERS]:
            del self._answers[old]

    def _follow(self, plane: Plane) -> None:
        if self._is_hidden:
            return
        prompts = self.prompts_on(plane)
        if self._waits or not prompts.can_segment or (plane, prompts) in self._answers:
            self._show(plane)
        elif self._client.status.phase in ("loading", "ready") or self._client.status.can_restart:
            self._withdraw(plane)
            if (reading := self._begin_reading(plane)) is not None:
                self._reading[plane] = reading
                return
            request_id = next_request_id()
            self._asked[request_id] = (plane, prompts)
            self._pictures[plane] = self._image_of(plane)
            self._client.send(SegmentRequest(request_id, self._pictures[plane], prompts))

    def _withdraw(self, plane: Plane) -> None:
        """Cancel what was asked for a slice: its prompts have changed."""
        self._reading.pop(plane, None)
        for request_id in [each for each, (key, _) in self._asked.items() if key == plane]:
            self._client.cancel(request_id)

    def _withdraw_all(self) -> None:
        for request_id in self._asked:
            self._client.cancel(request_id)
        self._asked.clear()
        self._reading.clear()

    def _show_prompts(self) -> None:
        if not self._is_hidden:
            self._markups.show(self._prompts, self.selected)

    def _show(self, plane: Plane) -> None:
        answer = self.segmentation_on(plane) if self.prompts_on(plane).can_segment else None
        self._preview.show(plane, answer.best.mask if answer else None)
