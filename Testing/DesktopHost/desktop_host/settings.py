"""Which Slicer the host plays."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

LINES = ("5.6", "5.8", "5.10", "5.12", "5.13")


@dataclass(frozen=True)
class HostSettings:
    """Choices made before the host starts; one process plays one Slicer.

    Attributes
    ----------
    line : str
        Release line whose members exist: ``"5.10"``, ``"5.12"`` or ``"5.13"`` (development; also 5.6 and 5.8).
    main_window : bool
        False plays ``--no-main-window``: ``slicer.util.mainWindow()`` is None and so is the layout manager.
    testing : bool
        True plays ``--testing``: message boxes close themselves.
    packaging : bool or None
        Whether ``slicer.packaging`` can be imported; None follows the line (from 5.12).
    slicer_python : Path or None
        Folder ``Base/Python`` of a Slicer checkout; its own Python layer then replaces the host's.
    slicer_effects : Path or None
        Folder ``Modules/Loadable/Segmentations/EditorEffects/Python`` of a Slicer checkout, likewise.
    user_folder : Path or None
        Where settings, cache and temporary files go; None makes a temporary folder.
    """

    line: str = "5.12"
    main_window: bool = True
    testing: bool = True
    packaging: bool | None = None
    slicer_python: Path | None = None
    slicer_effects: Path | None = None
    user_folder: Path | None = None
    window_size: tuple[int, int] = field(default=(1400, 900))

    def __post_init__(self) -> None:
        if self.line not in LINES:
            raise ValueError(f"line must be one of {', '.join(LINES)}, got {self.line!r}")

    @property
    def has_packaging(self) -> bool:
        """Whether ``slicer.packaging`` exists."""
        return self.line in ("5.12", "5.13") if self.packaging is None else self.packaging
