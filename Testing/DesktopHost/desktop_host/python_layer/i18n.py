"""Translation functions of scripted modules: without translations, with the checks that translators rely on."""

from __future__ import annotations

import inspect
import logging
import re
from functools import cache
from pathlib import Path

_contexts: dict[str, str] = {}


def translate(context: str, text: str) -> str:
    """Text in the application's language."""
    from slicer import app

    translated: str = app.translate(context, text)
    return translated


def getContext(sourceFile: str) -> str:
    """``Package.File`` in a package folder, else the file's name without suffix."""
    if sourceFile not in _contexts:
        path = Path(sourceFile)
        in_package = path.is_file() and (path.parent / "__init__.py").is_file()
        _contexts[sourceFile] = f"{path.parent.name}.{path.stem}" if in_package else path.stem
    return _contexts[sourceFile]


def tr(text: str) -> str:
    """Translate with the calling file as context."""
    frame = inspect.currentframe()
    assert frame is not None and frame.f_back is not None
    translated = translate(getContext(frame.f_back.f_code.co_filename), text)
    if _placeholders(text) != _placeholders(translated):
        logging.warning("translation of %r to %r is incorrect: placeholders do not match", text, translated)
        return text
    return translated


@cache
def _placeholders(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?<!\{)\{([^\{\}]+)\}(?!\})", text))
