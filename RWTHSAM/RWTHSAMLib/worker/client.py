"""How fronts talk to an engine without ever waiting for it.

A request is a frozen value with an id, so is its reply; both fit through a process boundary. The host calls
`EngineClient.poll` from its own event loop (a ``qt.QTimer`` on the desktop, a task in the web app).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from ..core.automatic_mask import FoundMask
from ..core.image import SliceImage
from ..core.mask import Mask, Segmentation
from ..core.prompts import Prompts
from ..core.propagation_step import Seed, Step
from ..core.settings.automatic import AutomaticSettings, Mode
from ..errors import RwthSamError

EnginePhase = Literal["stopped", "loading", "ready", "failed"]
PHASES: tuple[EnginePhase, ...] = ("stopped", "loading", "ready", "failed")


@dataclass(frozen=True)
class EngineSpec:
    """Which network, on what.

    Attributes
    ----------
    model : str
        Name in the catalogue, see `RWTHSAMLib.models.catalogue`.
    weights : Path, optional
        Explicit file; None looks in ``RWTHSAM_WEIGHTS`` and in the cache folder.
    device : str
        ``"auto"``, ``"cuda"``, ``"mps"`` or ``"cpu"``.
    backend : str
        ``"auto"``, ``"torch"`` or ``"openvino"``.
    precision : str
        ``"auto"``, ``"f32"``, ``"f16"`` or ``"bf16"``.
    """

    model: str
    weights: Path | None = None
    device: str = "auto"
    backend: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True)
class EngineStatus:
    """What an engine is doing, in words a person can read; when it is ready, also what its weights are.

    Attributes
    ----------
    batch : int
        How many embed requests it computes together, if so many wait.
    can_restart : bool
        It has failed for a reason that may have passed: the next request, or `EngineClient.load`, starts it again.
    doubt : str
        Why it may never answer, as sentences; empty while there is no reason to think so. `EngineClient.load` puts
        another in its place then.
    """

    phase: EnginePhase
    text: str
    device: str = ""
    weights_sha256: str = ""
    batch: int = 1
    can_restart: bool = False
    doubt: str = ""


@dataclass(frozen=True, eq=False)
class EmbedRequest:
    """Request to have a slice's embedding ready before it is needed.

    Attributes
    ----------
    for_clicks : bool
        The next click is expected there: what every first click on the slice needs is computed as well.
    """

    request_id: int
    image: SliceImage
    for_clicks: bool = False


@dataclass(frozen=True, eq=False)
class SegmentRequest:
    """Request for the mask of a slice under its prompts."""

    request_id: int
    image: SliceImage
    prompts: Prompts


@dataclass(frozen=True, eq=False)
class AutomaticRequest:
    """Request for the masks of everything in a slice; nobody waits for it at the screen."""

    request_id: int
    image: SliceImage
    settings: AutomaticSettings
    mode: Mode = "adaptive"


@dataclass(frozen=True, eq=False)
class StepRequest:
    """Request for the mask of a slice beside one with a mask.

    Attributes
    ----------
    values_yx : numpy.ndarray
        The scan's own grey values, (rows, columns).
    previous : Mask
        Of the slice beside; not empty.
    seed : Seed
        What is known of the object.
    padding_px : int
        How far the new mask may reach beyond the box of the one before.
    """

    request_id: int
    image: SliceImage
    values_yx: np.ndarray
    previous: Mask
    seed: Seed
    padding_px: int


Request = EmbedRequest | SegmentRequest | AutomaticRequest | StepRequest

_URGENCY: dict[type[Request], int] = {SegmentRequest: 3, StepRequest: 2, EmbedRequest: 1, AutomaticRequest: 0}
_OLDEST_FIRST = (StepRequest, AutomaticRequest)


def urgency(request: Request) -> tuple[int, int]:
    """What is greater is served first: segments, steps, embeds, automatic masks; see `EngineClient`."""
    is_oldest_first = isinstance(request, _OLDEST_FIRST)
    return _URGENCY[type(request)], -request.request_id if is_oldest_first else request.request_id


@dataclass(frozen=True, eq=False)
class Reply:
    """End of a request: a segmentation, masks found, a step, an embedding that is now there, or an error."""

    request_id: int
    segmentation: Segmentation | None = None
    found: tuple[FoundMask, ...] | None = None
    step: Step | None = None
    error: RwthSamError | None = None


class EngineClient(Protocol):
    """An engine that answers later; no method blocks.

    Segment requests are served first, the newest before older ones, then step requests in the order in which they
    were sent, then embed requests, the newest first, possibly several together. All of these come before and during
    automatic requests, which are served in their order. None is dropped unless it is cancelled: a session cancels what
    it no longer wants.
    """

    @property
    def status(self) -> EngineStatus:
        """Present phase and its description."""

    def load(self, spec: EngineSpec) -> None:
        """Begin to load a network; a loaded one is released first."""

    def send(self, request: Request) -> None:
        """Queue a request; before `load` has ended it waits. Where the status says so, it starts the engine again."""

    def cancel(self, request_id: int) -> None:
        """Withdraw a request; its reply, if any still comes, carries `Cancelled`."""

    def share_done(self, request_id: int) -> float:
        """How far a request is, 0 to 1, as far as is known."""

    def poll(self) -> list[Reply]:
        """Replies that have arrived since the last call."""

    def unload(self) -> None:
        """Release the network, so that nothing is computed until `load`; what was asked for is `Cancelled`."""

    def close(self) -> None:
        """Release everything; safe to call twice."""
