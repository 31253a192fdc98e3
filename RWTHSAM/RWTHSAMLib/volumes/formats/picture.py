"""PNG, JPEG and BMP pictures as volumes of one slice."""

from __future__ import annotations

from pathlib import Path

from ...errors import VolumeError
from ..volume_data import VolumeData, upright_grid
from ..voxel_values import grey_or_rgb, plain_numbers, turned
from .sitk import last_line, quiet

_ORIENTATION = 0x0112
_GREY_MODES = ("1", "L", "I", "I;16")


def read_picture(path: Path) -> VolumeData:
    """Read a picture; the unit is unknown, whatever its resolution says.

    Raises
    ------
    VolumeError
        If it is damaged, cut short, or holds several frames.
    """
    mode, orientation = _check_whole(path)
    try:
        with quiet() as sitk:
            image = sitk.ReadImage(str(path))
            array = sitk.GetArrayFromImage(image)
    except RuntimeError as error:
        raise VolumeError(f"'{path}' could not be read as a picture: {last_line(error)}") from error
    components = image.GetNumberOfComponentsPerPixel()
    if components == 3 and mode in _GREY_MODES:
        # of some formats the decoder makes three equal values of each grey one
        array, components = array[..., 0], 1
    array, notes = grey_or_rgb(array, has_components=components > 1)
    if mode == "P":
        notes = ("The colours of a palette were read, not its numbers.", *notes)
    notes = (*notes, *turned(orientation))
    return VolumeData(plain_numbers(array)[None], upright_grid((1, 1, 1)), path.stem, False, notes)


def _check_whole(path: Path) -> tuple[str, object]:
    """Decode it once where what is missing is an error; returns what Pillow calls its mode, and its orientation."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            if getattr(picture, "n_frames", 1) > 1:
                raise VolumeError(f"'{path}' holds {picture.n_frames} pictures, expected one: save them as TIFF.")
            mode = picture.mode
            picture.load()
            orientation = picture.getexif().get(_ORIENTATION)
    except VolumeError:
        raise
    except Image.DecompressionBombError as error:
        raise VolumeError(f"'{path}' is larger than a picture should be: save it as TIFF or NRRD.") from error
    except Exception as error:  # Pillow's decoders fail in many ways: OSError, SyntaxError, ValueError, struct.error
        raise VolumeError(f"'{path}' could not be read as a picture, it is damaged or cut short: {error}.") from error
    return str(mode), orientation
