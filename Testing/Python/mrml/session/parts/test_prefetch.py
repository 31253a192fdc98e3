"""What the engine prepares while a person looks and has not clicked yet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scene_parts import SHAPE_KJI, NeighbourhoodEngine

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import InferenceError
from RWTHSAMLib.mrml.nodes.volume_geometry import VolumeGeometry
from RWTHSAMLib.mrml.session.parts.prefetch import Progress, likely_next, outwards_from
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.worker.client import EmbedRequest, EngineStatus, Reply, Request, SegmentRequest


class SlowEngine(NeighbourhoodEngine):
    """Answers one request per poll, clicks first, and keeps a list of what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.served: list[Request] = []
        self.broken = False
        self.batch = 1

    @property
    def status(self) -> EngineStatus:
        return replace(super().status, batch=self.batch)

    def poll(self) -> list[Reply]:
        if not self.waiting:
            return []
        request = max(self.waiting, key=lambda each: (isinstance(each, SegmentRequest), each.request_id))
        self.waiting.remove(request)
        self.served.append(request)
        if self.broken:
            return [Reply(request.request_id, error=InferenceError("The network broke down."))]
        return [self._answer(request)]


@pytest.fixture
def an_engine() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def a_red_view(a_view):
    return a_view("Axial", "Red")


@pytest.fixture
def a_slow_session(a_scene, a_volume, an_engine, a_red_view):
    session = Session(a_scene, an_engine)
    session.set_volume(a_volume)
    a_red_view.JumpSliceByCentering(*VolumeGeometry.of(a_volume).ras_of((6, 5, 3)))
    yield session
    session.close()


def embedded(engine: SlowEngine, session: Session) -> list[SliceKey]:
    """The slices whose pictures were embedded, in order."""
    by_digest = {
        session.image_of(SliceKey(axis, index)).digest: SliceKey(axis, index)
        for axis, count in zip("kji", SHAPE_KJI, strict=True)
        for index in range(count)
    }
    return [by_digest[each.image.digest] for each in engine.served if isinstance(each, EmbedRequest)]


def poll_until_idle(session: Session, engine: SlowEngine) -> None:
    for _ in range(200):
        session.poll()
    assert not engine.waiting


def test_neighbours_in_the_direction_of_scrolling_come_before_those_behind() -> None:
    down = likely_next(SliceKey("k", 5), SliceKey("k", 6), [], (20, 9, 9))
    assert [each.index for each in down] == [5, 4, 3, 2, 6]
    up = likely_next(SliceKey("k", 18), SliceKey("k", 17), [SliceKey("j", 1)], (20, 9, 9))
    assert up == [SliceKey("k", 18), SliceKey("k", 19), SliceKey("k", 17), SliceKey("j", 1)]


def test_a_volume_is_embedded_outwards_from_the_visible_slice() -> None:
    assert [each.index for each in outwards_from(SliceKey("k", 2), (5, 1, 1))] == [2, 1, 3, 0, 4]


def test_what_is_looked_at_is_embedded_first(a_slow_session, an_engine, a_red_view) -> None:
    a_slow_session.prefetch.prepare_view(a_red_view)
    shown = a_slow_session.slice_shown(a_red_view)
    poll_until_idle(a_slow_session, an_engine)
    order = embedded(an_engine, a_slow_session)
    assert order[0] == shown
    assert len(set(order)) == len(order) > 2


def test_the_same_slice_is_not_embedded_twice(a_slow_session, an_engine, a_red_view) -> None:
    for _ in range(2):
        a_slow_session.prefetch.prepare_view(a_red_view)
        poll_until_idle(a_slow_session, an_engine)
    order = embedded(an_engine, a_slow_session)
    assert len(set(order)) == len(order)


def made_ready_for_clicks(engine: SlowEngine) -> list[Request]:
    return [each for each in engine.served if isinstance(each, EmbedRequest) and each.for_clicks]


def test_the_slice_looked_at_is_made_ready_for_clicks(a_slow_session, an_engine, a_red_view) -> None:
    a_slow_session.prefetch.prepare_view(a_red_view)
    poll_until_idle(a_slow_session, an_engine)
    assert made_ready_for_clicks(an_engine) == an_engine.served[:1]


def test_a_slice_that_is_embedded_already_is_made_ready_when_it_is_looked_at(
    a_slow_session, an_engine, a_red_view
) -> None:
    for step in (0, 1, 0):
        a_red_view.SetSliceOffset(a_red_view.GetSliceOffset() + step * 3.0)
        a_slow_session.prefetch.prepare_view(a_red_view)
        poll_until_idle(a_slow_session, an_engine)
    looked_at = {each.image.digest for each in made_ready_for_clicks(an_engine)}
    assert len(looked_at) == len(made_ready_for_clicks(an_engine)) == 2


def test_a_whole_volume_is_embedded_with_progress(a_slow_session, an_engine, a_red_view) -> None:
    a_slow_session.prefetch.embed_volume(a_red_view)
    total = a_slow_session.status.embedding.total
    a_slow_session.poll()
    assert a_slow_session.status.embedding == Progress(1, total)
    assert "1 of" in a_slow_session.status.text
    poll_until_idle(a_slow_session, an_engine)
    assert a_slow_session.status.embedding is None
    assert len(embedded(an_engine, a_slow_session)) == total


def test_a_stopped_run_goes_on_where_it_was(a_slow_session, an_engine, a_red_view) -> None:
    a_slow_session.prefetch.embed_volume(a_red_view)
    total = a_slow_session.status.embedding.total
    a_slow_session.poll()
    a_slow_session.prefetch.stop()
    assert a_slow_session.status.embedding is None
    a_slow_session.prefetch.embed_volume(a_red_view)
    poll_until_idle(a_slow_session, an_engine)
    assert sorted(set(embedded(an_engine, a_slow_session))) == sorted(embedded(an_engine, a_slow_session))
    assert len(embedded(an_engine, a_slow_session)) == total


def test_a_click_passes_a_running_embedding(a_slow_session, an_engine, a_red_view) -> None:
    a_slow_session.prefetch.embed_volume(a_red_view)
    a_slow_session.add_point(SliceKey("k", 3), 5, 5)
    a_slow_session.poll()
    assert isinstance(an_engine.served[0], SegmentRequest)
    assert a_slow_session.status.has_mask


def test_another_window_embeds_anew_only_what_is_looked_at(a_slow_session, an_engine, a_red_view) -> None:
    a_slow_session.prefetch.prepare_view(a_red_view)
    poll_until_idle(a_slow_session, an_engine)
    before = len(an_engine.served)
    a_slow_session.set_window(Window(0, 300))
    poll_until_idle(a_slow_session, an_engine)
    assert 0 < len(an_engine.served) - before <= before


def test_a_run_that_fails_ends_and_says_why(a_slow_session, an_engine, a_red_view) -> None:
    an_engine.broken = True
    a_slow_session.prefetch.embed_volume(a_red_view)
    poll_until_idle(a_slow_session, an_engine)
    assert a_slow_session.status.embedding is None
    assert "broke down" in a_slow_session.status.text


def test_leaving_the_volume_withdraws_every_request(a_slow_session, an_engine, a_red_view) -> None:
    a_slow_session.prefetch.embed_volume(a_red_view)
    a_slow_session.set_volume(None)
    assert not an_engine.waiting


def scroll(view, slices: int) -> None:
    view.SetSliceOffset(view.GetSliceOffset() + slices * 3.0)


def embed_three_together(session: Session, engine: SlowEngine, view) -> None:
    """Begin a run on an engine that embeds three slices together, and let its queue fill."""
    engine.batch = 3
    session.prefetch.embed_volume(view)
    assert len(engine.waiting) <= 2, "the front cuts out a few slices at a time"
    while len(engine.waiting) < 6:
        before = len(engine.waiting)
        session.prefetch.go_on()
        assert before < len(engine.waiting) <= before + 2


def test_two_requests_are_under_way_where_the_engine_embeds_one_slice_at_a_time(
    a_slow_session, an_engine, a_red_view
) -> None:
    a_slow_session.prefetch.embed_volume(a_red_view)
    assert len(an_engine.waiting) == 2


def test_a_run_keeps_two_batches_under_way_where_the_engine_embeds_slices_together(
    a_slow_session, an_engine, a_red_view
) -> None:
    embed_three_together(a_slow_session, an_engine, a_red_view)
    a_slow_session.prefetch.go_on()
    assert len(an_engine.waiting) == 6
    poll_until_idle(a_slow_session, an_engine)
    assert len(embedded(an_engine, a_slow_session)) == SHAPE_KJI[0]


def test_a_slice_that_is_looked_at_waits_for_no_slices_of_a_run(a_slow_session, an_engine, a_red_view) -> None:
    embed_three_together(a_slow_session, an_engine, a_red_view)
    scroll(a_red_view, 2)
    a_slow_session.prefetch.prepare_view(a_red_view)
    (first,) = an_engine.waiting
    shown = a_slow_session.slice_shown(a_red_view)
    assert first.for_clicks and first.image.digest == a_slow_session.image_of(shown).digest
    poll_until_idle(a_slow_session, an_engine)
    assert set(embedded(an_engine, a_slow_session)) == {SliceKey("k", index) for index in range(SHAPE_KJI[0])}


def test_a_run_has_few_slices_under_way_until_the_neighbours_are_embedded(
    a_slow_session, an_engine, a_red_view
) -> None:
    an_engine.batch = 3
    a_slow_session.prefetch.prepare_view(a_red_view)
    a_slow_session.prefetch.embed_volume(a_red_view)
    neighbours = set(likely_next(a_slow_session.slice_shown(a_red_view), None, [], SHAPE_KJI))
    while not neighbours <= set(embedded(an_engine, a_slow_session)):
        assert len(an_engine.waiting) <= 2
        a_slow_session.poll()
    assert neighbours < {SliceKey("k", index) for index in range(SHAPE_KJI[0])}


def test_another_look_at_slices_that_are_embedded_disturbs_no_run(
    a_slow_session, an_engine, a_view, a_red_view
) -> None:
    a_slow_session.prefetch.prepare_view(a_red_view)
    poll_until_idle(a_slow_session, an_engine)
    embed_three_together(a_slow_session, an_engine, a_view("Sagittal", "Yellow"))
    before = list(an_engine.waiting)
    a_slow_session.prefetch.prepare_view(a_red_view)
    assert an_engine.waiting == before and len(before) == 6


def test_a_run_that_is_stopped_leaves_no_long_queue(a_slow_session, an_engine, a_red_view) -> None:
    embed_three_together(a_slow_session, an_engine, a_red_view)
    a_slow_session.prefetch.stop()
    assert not an_engine.waiting
