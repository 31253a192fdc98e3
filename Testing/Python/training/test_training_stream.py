"""The stream of training slices: in order, from several processes, never a held-out seed."""

from __future__ import annotations

from itertools import islice

import pytest

from Training.data.sample_making import make_sample
from Training.data.stream import HELD_OUT_FROM, SampleStream, StreamSettings, seed_of


def test_spawned_workers_give_the_samples_in_order():
    with SampleStream(StreamSettings((64, 80), first_index=5, workers=2, ahead=2)) as stream:
        received = list(islice(stream, 5))
    for number, sample in enumerate(received):
        expected = make_sample(5 + number, (64, 80)[(5 + number) % 2])
        assert sample.seed == expected.seed and sample.image.tobytes() == expected.image.tobytes()
        for target, twin in zip(sample.targets, expected.targets, strict=True):
            assert target.kind == twin.kind and target.mask.tobytes() == twin.mask.tobytes()
            assert (target.centre_line_xy is None) == (twin.centre_line_xy is None)


def test_a_stream_goes_on_where_another_stopped():
    with SampleStream(StreamSettings((64,), workers=0)) as stream:
        whole = [sample.image.tobytes() for sample in islice(stream, 4)]
    with SampleStream(StreamSettings((64,), workers=0)) as stream:
        first = [sample.image.tobytes() for sample in islice(stream, 2)]
    with SampleStream(StreamSettings((64,), first_index=stream.next_index, workers=0)) as stream:
        rest = [sample.image.tobytes() for sample in islice(stream, 2)]
    assert first + rest == whole


def test_held_out_seeds_are_never_given():
    indices = [0, HELD_OUT_FROM - 1, HELD_OUT_FROM, 3 * HELD_OUT_FROM + 7]
    assert [seed_of(index) for index in indices] == [(0, 0), (HELD_OUT_FROM - 1, 0), (0, 1), (7, 3)]


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="A stream needs"):
        StreamSettings(sizes=())
