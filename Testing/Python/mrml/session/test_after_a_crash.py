"""Whatever was done, in whatever order: what is kept when hands rest is what comes back after a crash."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scene_parts import GEOMETRIES, NeighbourhoodEngine

from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.mrml.nodes import segments, volumes
from RWTHSAMLib.mrml.nodes.standalone import new_scene
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.record.project import read_found, read_project
from RWTHSAMLib.record.unsaved_work import UnsavedWork
from RWTHSAMLib.volumes.read import VolumeData
from RWTHSAMLib.worker.client import EngineSpec

SEED = 1803
SHAPE_KJI = (24, 20, 22)
BAR = (slice(2, 22), slice(6, 14), slice(5, 15))
"""Along k, j and i."""
MODELS = ("mobile_sam_vit_t", "rwthsam_net")
LONGEST = 40


class Work:
    """A session that does one thing after the other, and what is kept of it.

    Parameters
    ----------
    base : Path
        Of the unsaved work.
    rng : random.Random
    """

    def __init__(self, base: Path, rng: random.Random) -> None:
        self._base, self._rng = base, rng
        self.session = on_the_bar(Session(new_scene(), NeighbourhoodEngine()))
        self.session.projects.count_as_saved(self.session.projects.work_stamp)
        self._place, self._written, self.done = UnsavedWork(base), None, []

    def act(self) -> None:
        """Something that a person can do, maybe at a moment when it is refused."""
        action = self._rng.choice(ACTIONS)
        self.done.append(action.__name__)
        self.session.attempt(lambda: action(self.session, self._rng))
        for _ in range(self._rng.choice((0, 1, 3, 80))):
            self.session.poll()

    def keep(self) -> None:
        """What a front does when hands rest."""
        stamp = self.session.projects.choices_stamp
        if stamp != self._written or not self._place.has_own:
            own = self._place.own
            content = self.session.projects.content(own.folder, {}, written=own.stamp_of_segmentation)
            assert self._place.keep(own, content)
            self._written = stamp

    def crash_and_restore(self) -> Session:
        """What the next start makes of what was kept; the model is chosen as the page does it, behind all else."""
        self._place.release()
        (left,) = UnsavedWork(self._base).left()
        session = Session(new_scene(), NeighbourhoodEngine())
        session.load_engine(EngineSpec(MODELS[0], None))
        found = read_found(left.folder, left.project)
        session.projects.open(left.folder, read_project(left.folder), bar(), found)
        session.load_engine(EngineSpec(left.project.model, None))
        return session


@pytest.fixture
def work_of(tmp_path: Path) -> Iterator[Callable[[int], Work]]:
    """Function that begins work with a seed."""
    made: list[Work] = []

    def begin(seed: int) -> Work:
        made.append(Work(tmp_path / str(seed), random.Random(seed)))
        return made[-1]

    yield begin
    for each in made:
        each.session.close()


def bar() -> VolumeData:
    values = np.full(SHAPE_KJI, 30, np.uint8)
    values[BAR] = 200
    return VolumeData(values, GEOMETRIES["rotated"], "bar", True)


def on_the_bar(session: Session) -> Session:
    session.load_engine(EngineSpec(MODELS[0], None))
    session.set_volume(volumes.add_volume(session.scene, bar()))
    session.set_segmentation(None)
    session.set_window(Window(0, 255))
    return session


def some_slice(rng: random.Random) -> SliceKey:
    axis, along = rng.choice((("k", BAR[0]), ("k", BAR[0]), ("j", BAR[1])))
    return SliceKey(axis, rng.randrange(along.start, along.stop))


def click(session: Session, rng: random.Random) -> None:
    key = some_slice(rng)
    place = {"i": rng.randrange(6, 14), "j": rng.randrange(7, 13), "k": rng.randrange(4, 20)}
    x, y = key.xy((place["i"], place["j"], place["k"]))
    session.add_point(key, x, y, rng.random() < 0.85)


def draw_box(session: Session, rng: random.Random) -> None:
    key, inset = some_slice(rng), rng.randrange(2)
    low, high = [each.start + inset for each in reversed(BAR)], [each.stop - 1 - inset for each in reversed(BAR)]
    session.set_box(key, key.xy(tuple(low)), key.xy(tuple(high)))


def propagate(session: Session, rng: random.Random) -> None:
    session.propagation.start()


def stop(session: Session, rng: random.Random) -> None:
    session.propagation.stop()


def confirm(session: Session, rng: random.Random) -> None:
    session.propagation.confirm(some_slice(rng))


def from_class(session: Session, rng: random.Random) -> None:
    session.propagation.start_from_class([some_slice(rng)])


def discard(session: Session, rng: random.Random) -> None:
    session.propagation.clear()


def choose_range(session: Session, rng: random.Random) -> None:
    first, last = rng.choice((None, 3, 6)), rng.choice((None, 12, 18))
    session.propagation.set_settings(replace(session.propagation.settings, first=first, last=last))


def choose_way_back(session: Session, rng: random.Random) -> None:
    settings = session.propagation.settings
    rules = replace(settings.rules, way_back=not settings.rules.way_back)
    session.propagation.set_settings(replace(settings, rules=rules))


def next_mask(session: Session, rng: random.Random) -> None:
    session.prompting.next_candidate()


def delete_one(session: Session, rng: random.Random) -> None:
    session.prompting.delete_selected()


def delete_all(session: Session, rng: random.Random) -> None:
    session.key("Escape")


def wait(session: Session, rng: random.Random) -> None:
    session.prompting.wait(not session.prompting.waits)


def submit(session: Session, rng: random.Random) -> None:
    session.submit()


def undo(session: Session, rng: random.Random) -> None:
    session.undo()


def redo(session: Session, rng: random.Random) -> None:
    session.redo()


def choose_class(session: Session, rng: random.Random) -> None:
    session.select_class(rng.choice(session.profile.classes).id)


def choose_window(session: Session, rng: random.Random) -> None:
    session.set_window(Window(0, rng.choice((255, 250))))


def choose_model(session: Session, rng: random.Random) -> None:
    session.load_engine(EngineSpec(rng.choice(MODELS), None))


ACTIONS = (
    *(click, click, draw_box, propagate, propagate, propagate, stop, stop, confirm, from_class, discard),
    *(choose_range, choose_way_back, next_mask, delete_one, delete_all, wait, submit, undo, redo),
    *(choose_class, choose_window, choose_model),
)


def at_rest(session: Session) -> Session:
    """Let the model compute what was gathered, and wait for all that is under way."""
    session.prompting.wait(False)
    for _ in range(400):
        session.poll()
        if not session.propagation.is_awaited and not session.prompting.awaits_masks:
            return session
    raise AssertionError("It does not come to rest.")


def everything(session: Session) -> dict[str, object]:
    """What a person would miss."""
    propagation, prompts = session.propagation, session.prompting.slices.prompts
    found = propagation.result.slices if propagation.result is not None else ()
    return {
        "prompts": {key: each for key, each in prompts.items() if each.can_segment},
        "masks": {key: each.to_array().tolist() for key, each in session.prompting.masks.items()},
        "object": {each.index: (each.mask.to_array().tolist(), each.score, each.remark) for each in found},
        "looked at": [each.index for each in propagation.doubtful],
        "comes from": (propagation.axis, propagation.keyframe_indices),
        "whole": found and propagation.known().is_whole,
        "chosen": (propagation.settings, session.class_id, session.window, session.engine.model_name),
        "voxels": {
            each.id: segments.mask_of_class_kji(session.segmentation_node, each.id, session.volume_node).tobytes()
            for each in session.profile.classes
        },
    }


@pytest.mark.parametrize("seed", [SEED + each for each in (1, 9, 10, 13, 18, 23, 49, 83, 137, 160)])
def test_what_was_kept_last_comes_back(work_of: Callable[[int], Work], seed: int) -> None:
    work, rng = work_of(seed), random.Random(-seed)
    for _ in range(rng.randrange(8, LONGEST)):
        work.act()
        if rng.random() < 0.3:
            work.keep()
    work.keep()
    print("seed", seed, work.done)
    again = work.crash_and_restore()
    assert again.prompting.waits == work.session.prompting.waits
    before, after = everything(at_rest(work.session)), everything(at_rest(again))
    again.close()
    differing = [each for each in before if before[each] != after[each]]
    assert differing == []
