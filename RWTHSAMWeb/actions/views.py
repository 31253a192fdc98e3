"""The views: layout, slices, what is under the pointer, and which slice the model should prepare."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Annotated

import slicer

from RWTHSAMLib.core.oblique_plane import Plane
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import GeometryError, RwthSamError
from RWTHSAMLib.inference.cache.embedding_cache import CacheSettings
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.volumes import volume_array_kji
from RWTHSAMLib.mrml.session.gestures import PointerEvent
from RWTHSAMLib.mrml.views import crosshair
from RWTHSAMLib.mrml.views.tilting import tilt

from ..app_context import AppContext
from ..arguments import MOST_PIXELS, Between, OneOf
from ..fine_views import FineViews
from ..host import LAYOUTS, SLICE_VIEWS, VOLUME_VIEW
from ..state import page_values, scan_values, small_pictures

# a choice: who looks at a slice for so long will stay
_PREPARE_AFTER_QUIET_S = 0.4
SliceView = Annotated[str, OneOf(SLICE_VIEWS)]
AnyView = Annotated[str, OneOf((*SLICE_VIEWS, VOLUME_VIEW))]
Pixels = Annotated[float, Between(0, MOST_PIXELS)]
PixelRatio = Annotated[float, Between(1, 16)]


class ViewActions:
    """Everything that happens in and around the views, besides prompts."""

    def __init__(self, context: AppContext, cache: CacheSettings) -> None:
        self._context, self._cache = context, cache
        self._moved: set[str] = set()
        self._view_in_use = SLICE_VIEWS[0]
        self._prepare_at: float | None = None
        self._pointed: PointerEvent | None = None
        self.fine = FineViews(context, self.set_slice)

    def connect(self) -> None:
        """Follow the slices and the pointer; the host must be there."""
        self._context.host.on_slice_moved(self._slice_moved)
        self._context.host.on_wheel(self._turn)

    def set_layout(self, layout: Annotated[str, OneOf(LAYOUTS)]) -> None:
        """Arrange the views in another way."""
        self._context.state.layout = layout
        self._context.host.set_layout(layout)

    def set_slice(self, view: SliceView, index: int) -> None:
        """Show a slice by its number."""
        node, geometry = self._context.host.slice_node(view), self._context.session.geometry
        if geometry is None:
            return
        key = SliceKey(geometry.slice_axis(node), index)
        key.check_inside(geometry.shape_kji)
        columns, rows = (count - 1 for count in reversed(key.shape_yx(geometry.shape_kji)))
        # through the middle of the scan: a tilted view crosses slices elsewhere
        node.JumpSliceByOffsetting(*geometry.ras_of(key.ijk_at(columns / 2, rows / 2)))

    def tilt(self, view: SliceView, sideways_deg: float, upwards_deg: float) -> None:
        """Tilt a view out of the scan's slices, or back onto them."""
        volume = self._context.session.volume_node
        if volume is not None and self._context.session.geometry is not None:
            tilt(self._context.host.slice_node(view), volume, float(sideways_deg), float(upwards_deg))

    def plane_in_use(self) -> Plane:
        """What the view in use shows, tilted or not, else the first slice along its axis."""
        shown = self._context.session.plane_shown(self.node_in_use)
        return shown if shown is not None else self.slice_in_use()

    def slice_in_use(self) -> SliceKey:
        """The slice that the view in use shows, else the first one along its axis."""
        session = self._context.session
        shown = session.workspace.require_geometry().slice_shown(self.node_in_use)
        return shown if shown is not None else session.slices_along(self.node_in_use)[0]

    def set_size(self, view: AnyView, width_px: Pixels, height_px: Pixels, pixel_ratio: PixelRatio) -> None:
        """Take over how large a view is on the page, before it hears of the mouse."""
        self._context.host.set_size(view, width_px, height_px, pixel_ratio)

    def fit_view(self, view: AnyView) -> None:
        """Fit a view to what it shows."""
        self._context.host.fit_view(view)

    def page_opened(self) -> None:
        """Fit all views once the page has told them how large they are."""
        self._context.host.fit_views_after_resize()

    def hover(self, event: PointerEvent) -> bool:
        """Remember where the pointer is, which is looked up at the next tick; with Shift, all views go there.

        True where Slicer need not do anything more.
        """
        self._pointed = event
        view = event.slice_node.GetSingletonTag()
        if view != self._view_in_use:
            self._view_in_use = view
            self.prepare_soon()
        return self._link(event)

    def _turn(self, view: str, count: int) -> bool:
        """Go on by a slice where the views show a coarser level: its slices are not those of the scan."""
        session = self._context.session
        if session.workspace.on_disk is None or session.geometry is None:
            return False
        self._view_in_use = view
        self.step(count)
        return True

    def _link(self, event: PointerEvent) -> bool:
        session, host = self._context.session, self._context.host
        ijk = session.geometry.voxel_at(event.world_ras) if event.shift and session.geometry is not None else None
        if session.geometry is None or ijk is None:
            crosshair.hide(session.scene)
            return event.shift
        crosshair.show(session.scene, session.geometry, ijk, [host.slice_node(each) for each in self._other_views()])
        return True

    def step(self, count: int) -> None:
        """Go on by some slices in the view in use, no further than to the last one."""
        if self._context.session.geometry is not None:
            wanted = self.slice_in_use().index + count
            self.set_slice(self._view_in_use, min(max(wanted, 0), self._last_slice(self._view_in_use)))

    def type_slice(self, view: SliceView, text: str) -> None:
        """Show the slice whose number was typed."""
        self._context.attempt(lambda: self._type_slice(view, text))

    def _type_slice(self, view: str, text: str) -> None:
        last = self._last_slice(view)
        if not text.strip().isdecimal() or int(text) > last:
            raise GeometryError(f"There are the slices 0 to {last}, and no slice '{text[:20]}'.")
        self.set_slice(view, int(text))

    def _last_slice(self, view: str) -> int:
        geometry = self._context.session.workspace.require_geometry()
        return geometry.shape_kji["kji".index(geometry.slice_axis(self._context.host.slice_node(view)))] - 1

    def prepare_soon(self) -> None:
        """Let the model prepare the slice in use as soon as it rests."""
        self._prepare_at = time.monotonic() + _PREPARE_AFTER_QUIET_S

    def tick(self) -> None:
        """Show what has changed since the last tick."""
        shown = self._context.state
        for view in tuple(self._moved):
            host = self._context.host
            self.fine.moved(view)
            shown[f"slice_{view}"] = scan_values.of_slice(self._context.session, host.slice_node(view))
            shown[f"scale_{view}"] = small_pictures.scale_bar(host.mm_per_pixel(view), host.width_px(view))
        if self._view_in_use in self._moved:
            self.prepare_soon()
        self._moved.clear()
        self.fine.tick()
        self._show_probe()
        is_due = self._prepare_at is not None and time.monotonic() > self._prepare_at
        if is_due and self.fine.is_ready(self._view_in_use):
            self._prepare_at = None
            self._prepare()

    def all_moved(self) -> None:
        """Look at every slice again, because the scan or its window is another."""
        self._moved.update(SLICE_VIEWS)

    @property
    def node_in_use(self) -> slicer.vtkMRMLSliceNode:
        """The slice view that the mouse was in last."""
        return self._context.host.slice_node(self._view_in_use)

    def shown(self) -> page_values.Json:
        """The part of the page's state that this answers for."""
        session, budget = self._context.session, None
        if session.model_name is not None:
            budget = session.prefetch.budget(self.node_in_use, session.model_name, self._cache)
        return {"embedding_budget": budget.text if budget is not None else ""}

    def embed_volume(self) -> None:
        """Let the model prepare all slices along the axis of the view in use."""
        session, node = self._context.session, self.node_in_use
        self._context.attempt(lambda: session.prefetch.embed_volume(node))

    def stop_embedding(self) -> None:
        """End that; what is prepared stays."""
        self._context.session.prefetch.stop()

    def _other_views(self) -> list[str]:
        return [each for each in SLICE_VIEWS if each != self._view_in_use]

    def _slice_moved(self, view: str) -> None:
        self._moved.add(view)

    def _show_probe(self) -> None:
        event, self._pointed = self._pointed, None
        session = self._context.session
        if event is None or session.volume_node is None or session.geometry is None:
            return
        ijk, segmentation = session.geometry.voxel_at(event.world_ras), session.segmentation_node
        shown = None if ijk is None else session.workspace.shown_voxel(ijk)
        names = [] if shown is None or segmentation is None else segments.names_at(segmentation, shown)
        grey = None if shown is None else volume_array_kji(session.volume_node)[shown[::-1]]
        if ijk is not None:
            grey, names = self.fine.found_at(event.slice_node, ijk, grey, names)
        view = event.slice_node.GetSingletonTag()
        self._context.state.probe = scan_values.probe_text(view, ijk, grey, event.world_ras, names)

    def _prepare(self) -> None:
        session, node = self._context.session, self.node_in_use
        with suppress(RwthSamError):  # a click on the slice will say what is wrong
            session.prefetch.prepare_view(node, [self._context.host.slice_node(each) for each in self._other_views()])
        with suppress(RwthSamError):
            self._context.state.model_sees = small_pictures.thumbnail(session.model_image(node))
        shown = scan_values.of_slice(session, node)
        self._context.state.model_sees_text = f"{self._view_in_use}, {shown['text']}"
