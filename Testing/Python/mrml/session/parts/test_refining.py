"""What a class has on a slice becomes a prompt, and the mask that the model answers takes its place."""

from __future__ import annotations

import numpy as np
import pytest
from scene_parts import BrightRegions, known_answer

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.core.mask import Segmentation
from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.errors import StateError
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.nodes.record_tag import kept
from RWTHSAMLib.mrml.session.replay import replay
from RWTHSAMLib.mrml.session.session import Session

KEY = SliceKey("k", 3)


class KnownAnswers(BrightRegions):
    """The engine of known masks as a replay uses it."""

    def segment(self, image: SliceImage, prompts: Prompts) -> Segmentation:
        return known_answer(image, prompts)


@pytest.fixture
def painted(a_session) -> Session:
    """A class with a ragged part, two boxes that touch at a corner, and a pixel apart."""
    for box in ((2, 2, 5, 5), (6, 6, 7, 7), (11, 1, 11, 1)):
        a_session.set_box(KEY, box[:2], box[2:])
        a_session.poll()
        a_session.submit()
    return a_session


def on_slice(session: Session) -> np.ndarray:
    return segments.mask_of_class_kji(session.segmentation_node, session.class_id, session.volume_node)[KEY.index]


def test_the_largest_part_prompts_the_model(painted) -> None:
    painted.prompting.refine_class(KEY)
    prompts = painted.prompting.prompts_on(KEY)
    assert prompts.items[0] == BoxPrompt(2, 2, 7, 7) and prompts.replaces
    painted.undo()
    assert painted.prompting.prompts_on(KEY) == Prompts()


def test_the_part_under_a_pixel_does(painted) -> None:
    painted.prompting.refine_class(KEY, (11, 1))
    assert painted.prompting.prompts_on(KEY).items == (BoxPrompt(11, 1, 11, 1), PointPrompt(11, 1))


def test_a_class_without_voxels_there_says_so(painted) -> None:
    with pytest.raises(StateError, match="no voxels on this slice"):
        painted.prompting.refine_class(SliceKey("k", 5))


def test_the_mask_takes_the_place_of_the_part_in_one_step(painted) -> None:
    before = on_slice(painted)
    painted.prompting.refine_class(KEY)
    # the engine of known masks answers a box and a negative point with the box less the point's neighbourhood
    painted.add_point(KEY, 3, 3, positive=False)
    painted.poll()
    expected = painted.prompting.masks[KEY].to_array()
    painted.submit()
    after = on_slice(painted)
    assert (before & ~after)[2:8, 2:8].any()
    assert np.array_equal(after[:, :10], expected[:, :10]) and after[1, 11]
    painted.undo()
    assert np.array_equal(on_slice(painted), before) and painted.prompting.prompts_on(KEY).replaces
    painted.redo()
    assert np.array_equal(on_slice(painted), after)


def test_a_replay_replaces_too(painted) -> None:
    painted.prompting.refine_class(KEY)
    painted.add_point(KEY, 3, 3, positive=False)
    painted.poll()
    painted.submit()
    record = kept(painted.segmentation_node)
    assert [each.prompts.replaces for each in record.slices] == [False, False, False, True]
    node = segments.create_segmentation(painted.scene, painted.volume_node, painted.profile)
    replay(painted.volume_node, node, record, lambda _: KnownAnswers())
    again = segments.mask_of_class_kji(node, painted.class_id, painted.volume_node)[KEY.index]
    assert np.array_equal(again, on_slice(painted))


def test_a_locked_class_is_not_refined(painted) -> None:
    painted.prompting.refine_class(KEY)
    painted.poll()
    painted.set_profile(painted.profile.locking(painted.class_id))
    before = on_slice(painted)
    with pytest.raises(StateError, match="locked"):
        painted.submit()
    assert np.array_equal(on_slice(painted), before)
