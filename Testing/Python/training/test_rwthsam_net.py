"""The network: the same answers from PyTorch and from OpenVINO, in the slice's size, for every kind of prompt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_net import noisy_slice, tiny_network

from RWTHSAMLib.core.prompts import BoxPrompt, PointPrompt, Prompts, StrokePrompt
from RWTHSAMLib.core.scribble import MOST_POINTS, points_along
from RWTHSAMLib.models.rwthsam_net import export, weights_file
from RWTHSAMLib.models.rwthsam_net.decoder import interleaved
from RWTHSAMLib.models.rwthsam_net.frame import in_slice
from RWTHSAMLib.models.rwthsam_net.prompt_arrays import prompt_arrays
from RWTHSAMLib.models.rwthsam_net.runners import OpenVinoRunner, TorchRunner
from RWTHSAMLib.models.rwthsam_net.weights_file import WeightsFile

CLICK, NOT_HERE = PointPrompt(20, 30), PointPrompt(50, 8, positive=False)
PROMPTS = {
    "a click": Prompts((CLICK,)),
    "a click and a negative one": Prompts((CLICK, NOT_HERE)),
    "a box": Prompts((BoxPrompt(5, 6, 40, 50),)),
    "a stroke": Prompts((StrokePrompt(((5, 5), (60, 40))),)),
    "a negative stroke in a box": Prompts((BoxPrompt(0, 0, 69, 53), StrokePrompt(((5, 5), (9, 40)), positive=False))),
}


@pytest.fixture(scope="module")
def weights(tiny_net_weights: Path) -> WeightsFile:
    return weights_file.read(tiny_net_weights)


@pytest.fixture(scope="module")
def openvino_runner(weights: WeightsFile) -> OpenVinoRunner:
    return OpenVinoRunner(weights)


@pytest.fixture(scope="module")
def torch_runner(weights: WeightsFile) -> TorchRunner:
    return TorchRunner(export.load(weights))


@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS)
@pytest.mark.parametrize("shape_yx", [(64, 96), (54, 70)], ids=["multiple of 32", "any size"])
def test_openvino_answers_as_pytorch(
    openvino_runner: OpenVinoRunner, torch_runner: TorchRunner, prompts: Prompts, shape_yx: tuple[int, int]
) -> None:
    image, arrays = noisy_slice(*shape_yx), prompt_arrays(prompts)
    ours, reference = openvino_runner.encode(image), torch_runner.encode(image)
    first, wanted = openvino_runner.decode(ours, arrays), torch_runner.decode(reference, arrays)
    refined = openvino_runner.decode(ours, arrays, first.low_logits[0])
    wanted_refined = torch_runner.decode(reference, arrays, wanted.low_logits[0])
    for found, right, masks in ((first, wanted, 3), (refined, wanted_refined, 1)):
        assert found.masks.shape == (masks, *shape_yx)
        assert np.mean(found.masks == right.masks) > 0.999
        np.testing.assert_allclose(found.low_logits, right.low_logits, atol=2e-3)
        np.testing.assert_allclose(found.predicted_iou, right.predicted_iou, atol=1e-4)
    logits = openvino_runner.logits(ours, arrays)
    np.testing.assert_allclose(logits, torch_runner.logits(reference, arrays), atol=2e-3)
    np.testing.assert_array_equal(logits > 0, first.masks)


def test_prompts_decoded_together_are_answered_as_one_by_one() -> None:
    network = tiny_network().eval()
    pixels, context = network.encoder(torch.rand(2, 1, 64, 64))
    points, labels = torch.rand(2, 3, 4, 2) * 63, torch.tensor([1.0, 0.0, 1.0, -1.0]).expand(2, 3, 4)
    boxes, mask, has_mask = torch.tensor([4.0, 4, 40, 40]).expand(2, 3, 4), torch.randn(2, 3, 32, 32), torch.ones(2, 3)
    wanted = torch.tensor([0, 2])
    together = network.decoder(pixels, context, points, labels, boxes, mask, has_mask, wanted)
    given = (points, labels, boxes, mask, has_mask)
    for n in range(2):
        for t in range(3):
            one = [each[n : n + 1, t : t + 1] for each in given]
            alone = network.decoder(pixels[n : n + 1], context[n : n + 1], *one, wanted)
            for found, right in zip(alone, together, strict=True):
                torch.testing.assert_close(found[0, 0], right[n, t], atol=1e-4, rtol=1e-3)


def test_points_that_are_none_change_nothing() -> None:
    network = tiny_network().eval()
    pixels, context = network.encoder(torch.rand(1, 1, 64, 64))
    rest = (
        torch.tensor([[[0.0, 0, -1, -1]]]),
        torch.zeros(1, 1, 32, 32),
        torch.zeros(1, 1),
        torch.tensor([0, 1, 2, 3]),
    )
    click = torch.tensor([[[[10.0, 12.0]]]])
    padded = torch.cat((click, torch.rand(1, 1, 5, 2) * 60), 2)
    labels = torch.tensor([[[1.0, -1, -1, -1, -1, -1]]])
    alone = network.decoder(pixels, context, click, torch.ones(1, 1, 1), *rest)
    for found, right in zip(network.decoder(pixels, context, padded, labels, *rest), alone, strict=True):
        torch.testing.assert_close(found, right)


def test_what_lies_on_the_device_of_one_slice_does_not_answer_for_another(torch_runner: TorchRunner) -> None:
    one, other = (torch_runner.encode(each) for each in (noisy_slice(64, 64), 255 - noisy_slice(64, 64)))
    arrays = prompt_arrays(Prompts((CLICK,)))
    first, between, again = (torch_runner.decode(each, arrays).low_logits for each in (one, other, one))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - between).max() > 1e-3


@pytest.mark.parametrize("kind", ["positive", "negative", "box", "mask"])
def test_every_kind_of_prompt_reaches_the_mask(torch_runner: TorchRunner, kind: str) -> None:
    encoded = torch_runner.encode(noisy_slice(64, 64))
    before = torch_runner.decode(encoded, prompt_arrays(Prompts((CLICK,))), np.zeros((32, 32), np.float32))
    more = {"positive": PointPrompt(50, 50), "negative": PointPrompt(50, 50, False), "box": BoxPrompt(9, 9, 40, 40)}
    prompts = Prompts((CLICK, more[kind])) if kind in more else Prompts((CLICK,))
    mask = np.full((32, 32), 3.0 * (kind == "mask"), np.float32)
    after = torch_runner.decode(encoded, prompt_arrays(prompts), mask)
    assert np.abs(after.low_logits - before.low_logits).max() > 1e-3


def test_pixels_of_a_half_resolution_pixel_stand_in_rows() -> None:
    fine = np.arange(2 * 2 * 4, dtype=np.float32).reshape(1, 1, 1, 2, 2, 4).transpose(0, 1, 2, 5, 3, 4)
    right = [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
    np.testing.assert_array_equal(in_slice(fine, (4, 4))[0, 0], right)
    np.testing.assert_array_equal(interleaved(torch.from_numpy(fine.copy()))[0, 0, 0], right)


def test_a_stroke_becomes_points_at_even_distances_with_both_its_ends() -> None:
    points = points_along(StrokePrompt(((0, 0), (30, 0), (30, 400))))
    assert len(points) == MOST_POINTS
    np.testing.assert_allclose([points[0], points[-1]], [[0, 0], [30, 400]])
    steps = np.abs(np.diff(points, axis=0)).sum(1)
    np.testing.assert_allclose(steps[1:], steps[0])


def test_nothing_of_pytorch_is_needed_to_run_it(tiny_net_weights: Path) -> None:
    program = (
        "import sys; sys.modules['torch'] = None; import numpy as np; from pathlib import Path\n"
        "from RWTHSAMLib.models.rwthsam_net import runners, weights_file, prompt_arrays\n"
        "from RWTHSAMLib.core.prompts import PointPrompt, Prompts\n"
        f"runner = runners.OpenVinoRunner(weights_file.read(Path({str(tiny_net_weights)!r})))\n"
        "encoded = runner.encode(np.zeros((40, 50), np.uint8))\n"
        "answer = runner.decode(encoded, prompt_arrays.prompt_arrays(Prompts((PointPrompt(1, 1),))))\n"
        "assert answer.masks.shape == (3, 40, 50)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
