"""Choices of the page that no part of the session knows, for a project: each checked when it comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Protocol

from trame_server.state import State

from RWTHSAMLib.core.json_document import Json
from RWTHSAMLib.errors import SettingsError

from .arguments import Between, OneOf, Position, value_as
from .host import LAYOUTS
from .state import page_values

_OF_THE_STATE: dict[str, Any] = {
    "layout": Annotated[str, OneOf(LAYOUTS)],
    "mask_fill": Annotated[float, Between(0, 1)],
    "mask_outlines": bool,
    "surfaces": bool,
    "voxel_unit": Annotated[str, OneOf(page_values.VOXEL_UNITS)],
    "auto_where": Annotated[str, OneOf(page_values.AUTOMATIC_WHERE)],
    "auto_first": Position,
    "auto_last": Position,
    "brush_is_sphere": bool,
    "least_voxels": Annotated[int, Between(1, 10**12)],
}
"""Values of the page's state that are choices, as annotations."""


class Keeper(Protocol):
    """Something of the page that has choices of its own."""

    def kept(self) -> dict[str, Json]:
        """The choices, by names that nothing else of the page has."""

    def take_up(self, kept: Mapping[str, Json]) -> None:
        """Choose them again; what is missing or cannot be stands for the default."""


class StateChoices:
    """Those that are values of the page's state and nothing else.

    Parameters
    ----------
    shown : State
        The page's.
    set_layout : callable
        Arranges the views.
    """

    def __init__(self, shown: State, set_layout: Callable[[str], None]) -> None:
        self._shown, self._set_layout = shown, set_layout

    def kept(self) -> dict[str, Json]:
        """See `Keeper`."""
        return {name: self._shown[name] for name in _OF_THE_STATE}

    def take_up(self, kept: Mapping[str, Json]) -> None:
        """See `Keeper`."""
        first = page_values.initial()
        for name, hint in _OF_THE_STATE.items():
            self._shown[name] = choice_of(kept, name, hint, first[name])
        self._set_layout(str(self._shown["layout"]))


class AllChoices:
    """Those of several keepers as one.

    Parameters
    ----------
    keepers : sequence of Keeper
    """

    def __init__(self, keepers: Sequence[Keeper]) -> None:
        self._keepers = keepers

    def kept(self) -> dict[str, Json]:
        """See `Keeper`."""
        return {name: value for each in self._keepers for name, value in each.kept().items()}

    def take_up(self, kept: Mapping[str, Json]) -> None:
        """See `Keeper`."""
        for each in self._keepers:
            each.take_up(kept)


def choice_of(kept: Mapping[str, Json], name: str, hint: Any, default: object) -> Any:
    """What was kept under a name, as an annotation wants it; the default where it is missing or something else."""
    try:
        return value_as(hint, kept[name], name) if name in kept else default
    except SettingsError:
        return default
