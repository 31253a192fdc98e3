"""What a report says, before it is a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..core.color import Color


@dataclass(frozen=True)
class Swatch:
    """A class's colour in front of its name, in a cell of a table."""

    color: Color
    text: str


Cell = str | Swatch


@dataclass(frozen=True)
class Table:
    """Rows of cells under headings.

    Attributes
    ----------
    caption : str
    columns : tuple of str
        The first column's cells are headings of their rows; all others hold numbers.
    rows : tuple of tuple of (str or Swatch)
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class ScaleBar:
    """A length within a picture."""

    share: float
    """Of the picture's width."""
    text: str


@dataclass(frozen=True)
class Picture:
    """A PNG picture.

    Attributes
    ----------
    png : bytes
    size_px : (int, int)
        Width and height.
    caption : str
    alt : str
        What is to be seen, for those who do not see it.
    scale_bar : ScaleBar, optional
    """

    png: bytes
    size_px: tuple[int, int]
    caption: str
    alt: str
    scale_bar: ScaleBar | None = None


@dataclass(frozen=True)
class Plot:
    """A drawing as SVG text, which is put into the page as it is."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Provenance:
    """Where a segmentation comes from.

    Attributes
    ----------
    facts : tuple of (str, str)
        Name and value.
    steps : tuple of str
        What was done, in order, a sentence each.
    """

    facts: tuple[tuple[str, str], ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole page.

    Attributes
    ----------
    title : str
    summary : str
        Below the title.
    notices : tuple of str
        What a reader must know before believing the numbers.
    main_slices, more_slices : tuple of Picture
        Large ones and small ones.
    views_3d : tuple of Picture
    no_view_3d : str
        Why there are none.
    tables : tuple of Table
    plots : tuple of Plot
    provenance : Provenance
    """

    title: str
    summary: str
    notices: tuple[str, ...] = ()
    legend: tuple[Swatch, ...] = ()
    main_slices: tuple[Picture, ...] = ()
    more_slices: tuple[Picture, ...] = ()
    views_3d: tuple[Picture, ...] = ()
    no_view_3d: str = ""
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
