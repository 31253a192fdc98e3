"""What is chosen about automatic masks: how they are looked for, which of them are shown, and by which rules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ....core.oblique_plane import ObliquePlane
from ....core.profile import SegmentationProfile
from ....core.settings.automatic_run import AutomaticRunSettings
from ....core.settings.class_rules import Rule
from ....core.slices import Axis
from ....errors import StateError
from ...nodes.volume_geometry import VolumeGeometry
from ..session_state import parsed_or_default
from ..workspace import Workspace
from .prompting import Prompting


class AutomaticChoices(ABC):
    """The choices of `AutomaticMasks`, which says what follows from another one.

    Parameters
    ----------
    workspace : Workspace
    prompting : Prompting
        A box among its prompts may bound what is shown, its points may be asked instead of a grid.
    """

    def __init__(self, workspace: Workspace, prompting: Prompting) -> None:
        self._workspace, self._prompting = workspace, prompting
        self._settings = AutomaticRunSettings()
        self._shows_rules = False

    @abstractmethod
    def _refresh(self) -> None:
        """Let everything that is shown follow the choices."""

    @property
    @abstractmethod
    def _axis_shown(self) -> Axis | None:
        """Along which the objects that are shown were looked for; None where there are none."""

    @property
    def settings(self) -> AutomaticRunSettings:
        """Settings of the next run, and what of the present result is shown."""
        return self._settings

    def set_settings(self, choices: AutomaticRunSettings) -> None:
        """Choose; filters act on the present result at once, settings on the next run."""
        self._settings = choices
        self._refresh()

    def use_box(self) -> None:
        """Keep only objects inside the box that was drawn last.

        Raises
        ------
        StateError
            If there is none, or it lies on an oblique plane or on a slice along another axis than the objects.
        """
        where = self._prompting.active_plane
        box = self._prompting.prompts_on(where).box if where is not None else None
        if box is None or where is None:
            raise StateError("There is no box: draw one on a slice first.")
        if isinstance(where, ObliquePlane):
            raise StateError("The box lies on an oblique plane: draw one on a slice of the scan.")
        axis = self._axis_shown or where.axis
        if axis != where.axis:
            raise StateError(
                f"The box lies on a slice along {where.axis}, the objects were looked for along {axis}: draw one there."
            )
        self.set_settings(replace(self.settings, region_xyxy=box.box_xyxy))

    def use_points(self) -> None:
        """Ask the positive points of the slice that was prompted last instead of a grid, on every slice of a run.

        Raises
        ------
        StateError
            If there is none, or they lie on an oblique plane.
        """
        where = self._prompting.active_plane
        points = self._prompting.prompts_on(where).points if where is not None else ()
        points_xy = [(each.x, each.y) for each in points if each.positive]
        if where is None or not points_xy:
            raise StateError("There is no positive point: click some on a slice first, in the mode for prompts.")
        if isinstance(where, ObliquePlane):
            raise StateError("The points lie on an oblique plane: click some on a slice of the scan.")
        shape_yx = where.shape_yx(VolumeGeometry.of(self._workspace.require_volume()).shape_kji)
        self.set_settings(replace(self.settings, generator=self.settings.generator.asking(points_xy, shape_yx)))

    def use_grid(self) -> None:
        """Ask a grid of points again."""
        self.set_settings(replace(self.settings, generator=self.settings.generator.with_grid))

    def follow_profile(self, before: SegmentationProfile) -> None:
        """Another profile was chosen: its settings are taken up, its rules apply."""
        settings = self._workspace.profile.automatic.settings
        if settings is not None and settings != before.automatic.settings:
            self._settings = replace(self._settings, generator=settings)

    def keep_settings(self) -> None:
        """Write the present settings into the profile."""
        profile = self._workspace.profile
        automatic = replace(profile.automatic, settings=self._settings.generator)
        self._workspace.set_profile(replace(profile, automatic=automatic))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The profile's rules."""
        return self._workspace.profile.automatic.rules

    def set_rules(self, rules: Iterable[Rule]) -> None:
        """Give the profile other rules.

        Raises
        ------
        ProfileError
            If a rule names a class that the profile does not have.
        """
        profile = self._workspace.profile
        self._workspace.set_profile(replace(profile, automatic=replace(profile.automatic, rules=tuple(rules))))
        self._refresh()

    @property
    def shows_rules(self) -> bool:
        """Whether objects are shown in the colours of the classes that the rules give them."""
        return self._shows_rules

    def show_rules(self, shown: bool) -> None:
        """Preview the rules, or show each object in its own colour."""
        self._shows_rules = shown
        self._refresh()

    def kept(self) -> dict[str, str]:
        """What was chosen."""
        return {"automatic": self._settings.to_json() if self._settings != AutomaticRunSettings() else ""}

    def take_up(self, kept: Mapping[str, str]) -> None:
        """Choose it again."""
        self.set_settings(
            parsed_or_default(kept.get("automatic", ""), AutomaticRunSettings.parse_kept, AutomaticRunSettings())
        )
