"""A report as one HTML page that needs nothing beside it: no file, no script, no network."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from string import Template

from ..core.color import nearest_hex
from .content import Cell, Picture, Plot, Provenance, Report, Swatch, Table
from .style import CSS

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="generator" content="$generator">
<link rel="icon" href="data:,">
<title>$title</title>
<style>$css</style>
</head>
<body>
<main>
<header>
<h1>$title</h1>
<p class="lead">$summary</p>
$legend
$notices
</header>
$sections
<footer>$generator</footer>
</main>
</body>
</html>
""")


def html_page(report: Report, generator: str) -> str:
    """The whole page.

    Parameters
    ----------
    report : Report
        Its texts are escaped here; only the plots are markup already.
    generator : str
        Program and version.
    """
    return _PAGE.substitute(
        title=escape(report.title),
        generator=escape(generator),
        css=CSS,
        summary=escape(report.summary),
        legend=_legend(report.legend),
        notices=_notices(report.notices),
        sections="\n".join(each for each in _sections(report) if each),
    )


def _sections(report: Report) -> Iterable[str]:
    numbered = _Numbers()
    large = _gallery(report.main_slices, "large", numbered, _columns(report.main_slices))
    yield _section("Slices", large, _gallery(report.more_slices, "small", numbered))
    why = f'<p class="notice">{escape(report.no_view_3d)}</p>' if report.no_view_3d else ""
    yield _section("In three dimensions", _gallery(report.views_3d, "views", numbered), why)
    yield _section("Numbers", *(_table(each, numbered) for each in report.tables))
    yield _section("Plots", _plots(report.plots, numbered))
    yield _section("Provenance", *_provenance(report.provenance))


class _Numbers:
    """Counts figures and tables, so that a text can refer to them."""

    def __init__(self) -> None:
        self._last = {"Figure": 0, "Table": 0}

    def next(self, kind: str) -> str:
        """``"Figure 1"``, ``"Figure 2"``, and so on."""
        self._last[kind] += 1
        return f"{kind} {self._last[kind]}"


def _section(title: str, *parts: str) -> str:
    content = "\n".join(each for each in parts if each)
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>" if content else ""


def _gallery(pictures: Iterable[Picture], kind: str, numbered: _Numbers, columns: str = "") -> str:
    figures = "\n".join(_figure(each, numbered) for each in pictures)
    style = f' style="--columns: {columns}"' if columns else ""
    return f'<div class="gallery {kind}"{style}>\n{figures}\n</div>' if figures else ""


def _columns(pictures: Sequence[Picture]) -> str:
    """Widths of two columns that become equally high: the first picture in one, the others in the other."""
    if len(pictures) < 2:
        return "1fr"
    height_of_width = [each.size_px[1] / each.size_px[0] for each in pictures]
    share = min(max(sum(height_of_width[1:]) / height_of_width[0], 0.9), 2.5)
    return f"minmax(0, {share:.3f}fr) minmax(0, 1fr)"


def _figure(picture: Picture, numbered: _Numbers) -> str:
    source = base64.b64encode(picture.png).decode("ascii")
    bar = ""
    if picture.scale_bar is not None:
        share = f"{100 * picture.scale_bar.share:.2f}%"
        bar = f'<span class="scale" style="width:{share}"><span>{escape(picture.scale_bar.text)}</span></span>'
    width, height = picture.size_px
    image = f'<img alt="{escape(picture.alt)}" width="{width}" height="{height}" src="data:image/png;base64,{source}">'
    return (
        f'<figure><div class="picture">{image}{bar}</div>{_caption(numbered.next("Figure"), picture.caption)}</figure>'
    )


def _caption(number: str, text: str, tag: str = "figcaption") -> str:
    return f"<{tag}><b>{number}.</b> {escape(text)}</{tag}>"


def _plots(plots: Iterable[Plot], numbered: _Numbers) -> str:
    figures = "\n".join(_plot(each, numbered) for each in plots)
    return f'<div class="plots">\n{figures}\n</div>' if figures else ""


def _plot(plot: Plot, numbered: _Numbers) -> str:
    return f"<figure>{plot.svg}{_caption(numbered.next('Figure'), plot.caption)}</figure>"


def _table(table: Table, numbered: _Numbers) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in table.columns)
    rows = "\n".join(
        f'<tr><th scope="row">{_cell(first)}</th>{"".join(f"<td>{_cell(each)}</td>" for each in others)}</tr>'
        for first, *others in table.rows
    )
    caption = _caption(numbered.next("Table"), table.caption, "caption")
    return f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'


def _cell(cell: Cell) -> str:
    return _swatch(cell) if isinstance(cell, Swatch) else escape(cell)


def _swatch(swatch: Swatch) -> str:
    return f'<span class="swatch" style="background:{nearest_hex(swatch.color)}"></span>{escape(swatch.text)}'


def _legend(swatches: Iterable[Swatch]) -> str:
    items = "".join(f"<li>{_swatch(each)}</li>" for each in swatches)
    return f'<ul class="legend">{items}</ul>' if items else ""


def _notices(notices: Iterable[str]) -> str:
    return "\n".join(f'<p class="notice">{escape(each)}</p>' for each in notices)


def _provenance(provenance: Provenance) -> Iterable[str]:
    if provenance.facts:
        rows = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in provenance.facts)
        yield f"<dl>\n{rows}\n</dl>"
    if provenance.steps:
        steps = "\n".join(f"<li>{escape(each)}</li>" for each in provenance.steps)
        yield f'<h3>Steps</h3>\n<ol class="steps">\n{steps}\n</ol>'
