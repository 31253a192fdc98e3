"""What a training run is: everything that must stay the same when it is resumed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.models.rwthsam_net.settings import NetSettings


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of a run.

    Attributes
    ----------
    net : NetSettings
    seed : int
        Of weights and of simulated prompts.
    slices_per_step : int
    prompts_per_slice : int
        Targets drawn from each slice.
    most_rounds : int
        Prompts are given one after the other, up to so many.
    sizes_px : tuple of int
        Sizes of the slices, step by step in turn.
    learning_rate, weight_decay : float
    warm_up_steps : int
        Steps until the learning rate is reached; it then stays, so that a run may end at any time.
    only_ratings : bool
        Whether only the predicted IoU learns, and the masks stay what they are.
    followed_share : float
        Share of the steps that ask last as propagation does, with the mask of the slice before.
    """

    net: NetSettings = field(default_factory=NetSettings)
    seed: int = 0
    slices_per_step: int = 2
    prompts_per_slice: int = 8
    most_rounds: int = 7
    sizes_px: tuple[int, ...] = (256, 256, 256, 256, 256, 384)
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    warm_up_steps: int = 40
    only_ratings: bool = False
    followed_share: float = 0.3

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {**asdict(self), "net": self.net.as_json()}

    def check_same(self, kept: dict[str, Any]) -> None:
        """Refuse to go on with what was begun otherwise.

        Raises
        ------
        SettingsError
            If `kept`, from `as_json`, differs.
        """
        own, kept = self.as_json(), {"only_ratings": False, "followed_share": 0.0, **kept}
        for name in sorted(own.keys() | kept.keys()):
            before, now = _comparable(kept.get(name)), _comparable(own.get(name))
            if before != now:
                raise SettingsError(
                    f"This run was begun with {name} = {before}, and cannot go on with {now}: "
                    "give the setting of the beginning, or another folder."
                )


def _comparable(value: object) -> object:
    if isinstance(value, dict):
        return {name: _comparable(each) for name, each in value.items()}
    return list(value) if isinstance(value, tuple) else value
