"""What a session asks of each of its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from ...core.json_document import Json, Node
from ...core.profile import SegmentationProfile
from ...errors import RwthSamError
from ...worker.client import Reply

Found = Callable[[], Json]
"""Makes a document of what does not change any more: at any time, in any thread."""


class SessionPart:
    """Something that a session can do; a part overrides what concerns it, and by default nothing happens.

    A part is given what it works on, see `Workspace`, and the parts that it needs; it knows neither the session nor
    the parts that need it. `Session` lists all parts once and calls each of these methods for every one of them.
    """

    FOUND_AS: ClassVar[str] = ""
    """Name in a project of what `found` gives."""

    # the scan

    def begin_volume(self) -> None:
        """A scan was chosen, or the chosen one has another size: begin with nothing on it."""

    def leave_volume(self) -> None:
        """Drop everything that belongs to the scan."""

    def pause(self) -> None:
        """The scan cannot be used at present: show nothing and compute nothing; what a person made stays."""

    def forget_voxels(self) -> None:
        """The scan has other grey values: drop what was computed from the old ones."""

    def follow_place(self, spacing: bool) -> None:
        """The scan lies elsewhere, or can be used again: show everything where it is now.

        Parameters
        ----------
        spacing : bool
            Whether its voxels have another size in mm too.
        """

    # other choices

    def follow_profile(self, before: SegmentationProfile) -> None:
        """Another profile was chosen."""

    def follow_segmentation(self) -> None:
        """Another segmentation was chosen, or none."""

    def ask_again(self) -> None:
        """Another model or window was chosen: what the engine computed counts no more."""

    def engine_ready(self) -> None:
        """The engine has become ready: ask for what could not be asked for before."""

    # again and again

    def take(self, replies: Sequence[Reply]) -> bool:
        """Use what the engine answered, and go on; True if anything that is shown has changed."""
        return False

    def look(self) -> bool:
        """Look at views and nodes, cheaply where nothing has changed; True if anything that is shown has changed."""
        return False

    # what a session tells of all its parts

    @property
    def problem(self) -> RwthSamError | None:
        """Why something that was begun has come to nothing, for the status."""
        return None

    @property
    def is_unfinished(self) -> bool:
        """Whether something that a person made would be lost with the scan."""
        return False

    @property
    def is_awaited(self) -> bool:
        """Whether something is under way that a person has to wait for before a submit."""
        return False

    # from one start of the program to the next

    def kept(self) -> dict[str, str]:
        """Texts, by name, that a saved scene keeps of this part; empty texts stand for the default."""
        return {}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Go on with what a scene kept; texts that are missing or that nobody understands stand for the default."""

    def found(self) -> Found | None:
        """What was found and not submitted, for a project; None where there is nothing."""
        return None

    def take_up_found(self, found: Node) -> None:
        """Go on with what a project holds of that, after `take_up`.

        Raises
        ------
        InputError
            If it is damaged or does not fit the scan. Nothing is taken up then.
        """

    @property
    def work_stamp(self) -> object:
        """Something that is equal as long as nothing that a person made, or let be found, has changed."""
        return None

    def close(self) -> None:
        """Leave no observer behind; `leave_volume` follows."""
