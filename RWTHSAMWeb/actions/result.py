"""What can be taken away."""

from __future__ import annotations

import re
from pathlib import Path

from RWTHSAMLib.errors import StateError
from RWTHSAMLib.profile import write_profile
from RWTHSAMLib.prompt_file import write_prompt_file
from RWTHSAMLib.scene.storage import SUFFIX, save_segmentation

from ..desk import Desk


class ResultActions:
    """Panel 6: each method writes into a folder and returns the file."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def segmentation(self, folder: Path) -> Path:
        """All classes as a ``.seg.nrrd``."""
        node = self._desk.session.segmentation_node
        if node is None:
            raise StateError("There is no segmentation yet: load a scan first.")
        return save_segmentation(node, folder / f"{self._scan_name}{SUFFIX}")

    def prompts(self, folder: Path) -> Path:
        """Everything that was submitted, as a prompt file that the command line replays."""
        path = folder / f"{self._scan_name}.prompts.json"
        write_prompt_file(self._desk.session.prompt_file(), path)
        return path

    def profile(self, folder: Path) -> Path:
        """The classes."""
        profile = self._desk.session.profile
        path = folder / f"{file_stem(profile.name)}.json"
        write_profile(profile, path)
        return path

    @property
    def _scan_name(self) -> str:
        node = self._desk.session.volume_node
        return file_stem(node.GetName() if node else "segmentation")


def file_stem(name: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "rwthsam"
