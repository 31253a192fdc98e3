"""A decoder that is recorded as a CUDA graph gives what it gives otherwise; where that cannot be, it runs as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (install the 'torch' extra)")

from network_parts import save_initial_weights  # noqa: E402

from RWTHSAMLib.inference.backends import cuda_graphs  # noqa: E402
from RWTHSAMLib.inference.backends.cuda_graphs import GraphedModule  # noqa: E402
from RWTHSAMLib.inference.backends.sam_modules import DecoderModule  # noqa: E402
from RWTHSAMLib.models.catalogue import model  # noqa: E402
from RWTHSAMLib.models.loading import load_network  # noqa: E402

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
without_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a CUDA device")


class Doubled(torch.nn.Module):
    """A module of two inputs that counts its runs."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> tuple[torch.Tensor, ...]:
        self.runs += 1
        return first + second, first * second


@without_cuda
def test_where_nothing_can_be_recorded_the_module_itself_runs_and_recording_is_tried_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module, tries, recording = Doubled(), [], cuda_graphs._recording
    monkeypatch.setattr(cuda_graphs, "_recording", lambda *given: (tries.append(given), recording(*given))[1])
    graphed = GraphedModule(module)
    for number in range(4):
        total, product = graphed(torch.full((2,), 3.0), torch.full((1,), float(number)))
        assert total.tolist() == [3.0 + number] * 2 and product.tolist() == [3.0 * number] * 2
    assert module.runs == 4 and graphed.recorded == 0 and len(tries) == 1


@needs_cuda
@pytest.mark.parametrize("name", ["mobile_sam_vit_t", "sam_vit_b", "sam_hq_vit_b"])
def test_a_recorded_decoder_gives_the_same_masks(name: str, tmp_path: Path) -> None:
    network = load_network(model(name), save_initial_weights(name, tmp_path / "network.pt"))
    decoder = DecoderModule(network).to("cuda").eval()
    graphed = GraphedModule(decoder)
    generator = torch.Generator("cuda").manual_seed(5)
    interm_channels = decoder.mask_decoder.compress_vit_feat[0].in_channels if decoder.is_hq else 0
    for number in range(12):
        points = 2 + number % 3
        features = torch.randn(1, 256, 64, 64, device="cuda", generator=generator)
        given = (
            features,
            1024 * torch.rand(1, points, 2, device="cuda", generator=generator),
            torch.ones(1, points, device="cuda"),
            torch.randn(1, 1, 256, 256, device="cuda", generator=generator),
            torch.ones(1, device="cuda"),
            torch.randn(1, 64, 64, interm_channels, device="cuda", generator=generator) if decoder.is_hq else None,
        )
        with torch.inference_mode():
            for found, expected in zip(graphed(*given), decoder(*given), strict=True):
                torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
    assert graphed.recorded == 3


@needs_cuda
def test_a_module_that_cannot_be_recorded_runs_as_it_is() -> None:
    class Waiting(Doubled):
        def forward(self, first: torch.Tensor, second: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return super().forward(first, second + float(first.sum()))  # waits for the GPU, which no graph can hold

    graphed = GraphedModule(Waiting())
    for _ in range(4):
        total, _ = graphed(torch.ones(2, device="cuda"), torch.ones(1, device="cuda"))
        assert total.tolist() == [4.0, 4.0]
    assert graphed.recorded == 0
