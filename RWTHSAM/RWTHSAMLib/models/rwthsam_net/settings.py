"""How wide and deep the network is; kept in every checkpoint, because weights mean nothing without it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...errors import WeightsMismatch

FORMAT = 2
"""To be raised whenever the same settings would build another network."""
KEY_COUNT = 4
"""Pixels of a place at half resolution, row by row."""


@dataclass(frozen=True)
class NetSettings:
    """Sizes of the network.

    Attributes
    ----------
    widths : tuple of int
        Channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the slice's resolution.
    depths : tuple of int
        Blocks at 1/4, 1/8, 1/16 and 1/32 on the way down.
    pixel_channels, context_channels : int
        Of the embedding of each place at half resolution, and of that of its surroundings at an eighth.
    key_channels : int
        Of the key of each single pixel: pixels with near keys look alike.
    hidden_channels : int
        What the decoder's answers are made of, at half resolution.
    trunk_channels, coarse_channels : int
        Of the decoder at 1/8 and at 1/32.
    hypotheses : int
        Masks offered for the first prompt; one more is always there for the prompts after it.
    """

    widths: tuple[int, int, int, int, int] = (24, 48, 96, 160, 192)
    depths: tuple[int, int, int, int] = (2, 3, 3, 2)
    pixel_channels: int = 24
    context_channels: int = 64
    key_channels: int = 4
    hidden_channels: int = 16
    trunk_channels: int = 48
    coarse_channels: int = 96
    hypotheses: int = 3

    @property
    def embedding_channels(self) -> int:
        """Of everything that is kept for a place at half resolution: its embedding and its four pixels' keys."""
        return self.pixel_channels + KEY_COUNT * self.key_channels

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> NetSettings:
        """Settings as `as_json` wrote them.

        Raises
        ------
        WeightsMismatch
            If they are of another version of the network.
        """
        if found.get("format") != FORMAT:
            raise WeightsMismatch(
                f"These weights are of version {found.get('format')} of RWTHSAM-Net, this program reads {FORMAT}: "
                "take the weights that came with this version."
            )
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in found.items()
        }
        del known["format"]
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        """All fields, and the version of the network that they are for."""
        return {"format": FORMAT, **asdict(self)}
