"""Encoder and decoder together, and their weights as a file."""

from __future__ import annotations

from torch import nn

from .decoder import Decoder
from .encoder import Encoder
from .settings import NetSettings


class RwthSamNet(nn.Module):
    """The whole network.

    Parameters
    ----------
    settings : NetSettings, optional
        Default: the sizes that the project ships.
    """

    def __init__(self, settings: NetSettings | None = None) -> None:
        super().__init__()
        self.settings = settings or NetSettings()
        self.encoder = Encoder(self.settings)
        self.decoder = Decoder(self.settings)
