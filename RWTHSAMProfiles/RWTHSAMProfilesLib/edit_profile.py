"""How the parts of the panel change the profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from RWTHSAMLib.core.profile import SegmentationProfile

from .field_message import FieldMessage

Change = Callable[[SegmentationProfile], SegmentationProfile]
"""Makes the new profile of the old one."""


class EditProfile(Protocol):
    """See `ProfilePage.edit`."""

    def __call__(self, text: str, change: Change, message: FieldMessage, topic: str = "") -> bool:
        """Try to change the profile."""
