"""Numbers that people type: read as they write them, shown as short as they are exact."""

from __future__ import annotations

import math

from slicer.i18n import tr as _

from ...core.value_range import Range
from ...errors import SettingsError


def text_of(number: float | None) -> str:
    """A number in a field; an open end is an empty field."""
    return "" if number is None else f"{number:.10g}"


def typed_range(lower: str, upper: str) -> Range:
    """The range that two fields hold; an empty field leaves its end open.

    Raises
    ------
    SettingsError
        If one is no number, or the lower end lies above the upper one.
    """
    span = Range(_typed(lower), _typed(upper))
    if span.lower is not None and span.upper is not None and span.lower > span.upper:
        raise SettingsError(
            _("Expected from-to, got {lower} to {upper}.").format(lower=lower.strip(), upper=upper.strip())
        )
    return span


def _typed(text: str) -> float | None:
    text = text.strip()
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise SettingsError(_("Expected a number or nothing, got '{text}'.").format(text=text))
    return number
