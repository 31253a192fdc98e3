"""Render every icon's PNG from its SVG: ``python Utilities/render_icons.py`` (needs PySide6).

The SVG files are drawn for this project and are what to edit. Slicer shows the SVG where it can; the PNG serves the
catalogue of extensions and older versions.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[1]
_SIZE_PIXELS = 128


def main() -> None:
    """Render all icons, or one into a folder at another size to look at."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=_SIZE_PIXELS, help="edge length in pixels")
    parser.add_argument("--folder", type=Path, help="where the PNG files go; default: beside their SVG files")
    options = parser.parse_args()
    for source in sorted(_REPOSITORY.glob("RWTHSAM*/Resources/Icons/*.svg")):
        target = (options.folder or source.parent) / f"{source.stem}.png"
        render(source, target, options.size)
        print(target)


def render(source: Path, target: Path, size_pixels: int) -> None:
    """Write one PNG with a transparent background."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(source))
    if not renderer.isValid():
        raise SystemExit(f"{source} is no SVG that Qt can draw")
    image = QImage(size_pixels, size_pixels, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    if not image.save(str(target)):
        raise SystemExit(f"{target} cannot be written")


if __name__ == "__main__":
    main()
