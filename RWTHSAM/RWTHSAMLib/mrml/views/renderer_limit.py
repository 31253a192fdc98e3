"""What the renderer can hold: a volume with a longer axis is drawn as nothing, without a word."""

from __future__ import annotations

from functools import lru_cache

import vtk

from ...core.system.quiet import quiet_libraries
from .offscreen_window import offscreen_window

# what every renderer of these years offers at least
_USUAL_TEXELS = 2048


@lru_cache(maxsize=1)
def most_texels_of_an_axis() -> int:
    """Voxels that one axis of a rendered volume has at most (MAX_3D_TEXTURE_SIZE); the renderer is asked once."""
    texture = getattr(vtk, "vtkTextureObject", None)
    window = offscreen_window((8, 8))
    try:
        with quiet_libraries():
            window.Initialize()
            found = texture.GetMaximumTextureSize3D(window) if texture is not None and window.GetInitialized() else 0
    except (TypeError, AttributeError):
        found = 0
    finally:
        window.Finalize()
    return int(found) if found > 0 else _USUAL_TEXELS
