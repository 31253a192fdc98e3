"""Units of length as files spell them."""

from __future__ import annotations

# what people write out is found whatever its capitals; of symbols "Mm" is not "mm"
_MM_PER_SYMBOL = {
    "pm": 1e-9,
    "\u00c5": 1e-7,
    "\u212b": 1e-7,
    "nm": 1e-6,
    "um": 1e-3,
    "\u00b5m": 1e-3,
    "\u03bcm": 1e-3,
    "mm": 1.0,
    "cm": 10.0,
    "dm": 100.0,
    "m": 1e3,
    "in": 25.4,
    '"': 25.4,
    "ft": 304.8,
}
_MM_PER_WORD = {
    "picometer": 1e-9,
    "angstrom": 1e-7,
    "nanometer": 1e-6,
    "micrometer": 1e-3,
    "micron": 1e-3,
    "millimeter": 1.0,
    "centimeter": 10.0,
    "meter": 1e3,
    "inch": 25.4,
}


def mm_per(unit: str) -> float | None:
    """Length of a unit in mm, or None where the word is no unit of length ("pixel", "voxel", "").

    Micrometres are known in every spelling that files hold: um, micron, both Greek letters, the letters as ImageJ
    escapes them, and as they look when UTF-8 was read as Latin-1.
    """
    text = unit.strip().strip("\0")
    for escaped, letter in (("\\u00b5", "\u00b5"), ("\\u00B5", "\u00b5"), ("\u00c2\u00b5", "\u00b5")):
        text = text.replace(escaped, letter)
    if text in _MM_PER_SYMBOL:
        return _MM_PER_SYMBOL[text]
    if text.upper() == text and text.lower() in _MM_PER_SYMBOL:
        return _MM_PER_SYMBOL[text.lower()]
    word = text.lower().replace("metre", "meter")
    return _MM_PER_WORD.get(word, _MM_PER_WORD.get(word.removesuffix("es"), _MM_PER_WORD.get(word.removesuffix("s"))))
