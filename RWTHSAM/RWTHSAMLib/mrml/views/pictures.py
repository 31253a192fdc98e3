"""Pictures of a 3D view: one, or a turn round the object as an animation."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import vtk
from vtkmodules.util.numpy_support import vtk_to_numpy

from ...core.system.atomic_file import replacing, write_bytes
from ...errors import DependencyMissing, SettingsError

_STILL_UPDATE_RATE = 0.001


def screenshot_of(window: vtk.vtkRenderWindow) -> np.ndarray:
    """What a view shows, drawn anew and finely: uint8 (rows, columns, 3), the upper row first."""
    with _finely(window):
        window.Render()
    columns, rows = window.GetSize()
    pixels = vtk.vtkUnsignedCharArray()
    window.GetRGBACharPixelData(0, 0, columns - 1, rows - 1, 0, pixels)
    return np.ascontiguousarray(vtk_to_numpy(pixels).reshape(rows, columns, 4)[::-1, :, :3])


@contextmanager
def _finely(window: vtk.vtkRenderWindow) -> Iterator[None]:
    """Let nothing be drawn coarsely to save time."""
    rate = window.GetDesiredUpdateRate()
    window.SetDesiredUpdateRate(_STILL_UPDATE_RATE)
    props = window.GetRenderers().GetFirstRenderer().GetViewProps()
    found = [props.GetItemAsObject(index) for index in range(props.GetNumberOfItems())]
    mappers = [each.GetMapper() for each in found if each.IsA("vtkVolume") and each.GetVisibility()]
    adaptive = [
        each for each in mappers if each.IsA("vtkGPUVolumeRayCastMapper") and each.GetAutoAdjustSampleDistances()
    ]
    before = [each.GetSampleDistance() for each in adaptive]
    for mapper in adaptive:
        mapper.SetAutoAdjustSampleDistances(False)
        mapper.SetSampleDistance(_fine_distance_mm(mapper.GetInput()))
    try:
        yield
    finally:
        for mapper, distance_mm in zip(adaptive, before, strict=True):
            mapper.SetAutoAdjustSampleDistances(True)
            mapper.SetSampleDistance(distance_mm)
        window.SetDesiredUpdateRate(rate)


def _fine_distance_mm(image: vtk.vtkImageData) -> float:
    """Distance of samples along a ray: half a voxel in large scans, finer in small ones.

    As VTK locks it to the spacing; but that counts the gaps between voxels, and so takes hundreds of samples for each
    voxel of a single slice.
    """
    mean_count = float(np.prod(image.GetDimensions(), dtype=float)) ** (1 / 3)
    return float(np.mean(image.GetSpacing()) / 2 * min(1.0, 0.01 + 0.99 * mean_count / 100))


def turn(window: vtk.vtkRenderWindow, count: int) -> Generator[np.ndarray, None, None]:
    """Pictures, uint8 (rows, columns, 3), of one turn round what is shown; the camera stands as before at the end.

    Parameters
    ----------
    window : vtkRenderWindow
    count : int
        How many pictures.

    Raises
    ------
    SettingsError
        If there are fewer than two.
    """
    if count < 2:
        raise SettingsError(f"A turn has two pictures or more, not {count}.")
    renderer = window.GetRenderers().GetFirstRenderer()
    camera, before = renderer.GetActiveCamera(), vtk.vtkCamera()
    before.DeepCopy(camera)
    try:
        for _ in range(count):
            yield screenshot_of(window)
            camera.Azimuth(360 / count)
            renderer.ResetCameraClippingRange()
    finally:
        camera.DeepCopy(before)
        renderer.ResetCameraClippingRange()


def save_png(picture: np.ndarray, path: Path) -> Path:
    """Write a picture, uint8 (rows, columns, 3), as PNG, with VTK alone."""
    rows, columns = picture.shape[:2]
    image = vtk.vtkImageData()
    image.SetDimensions(columns, rows, 1)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 3)
    vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, 3)[:] = picture[::-1]
    writer = vtk.vtkPNGWriter()
    writer.SetInputData(image)
    # in memory, because this writer does not tell of a full disk
    writer.SetWriteToMemory(True)
    writer.Write()
    write_bytes(path, vtk_to_numpy(writer.GetResult()).tobytes())
    return path


def save_turn(pictures: Sequence[np.ndarray], path: Path, seconds: float) -> Path:
    """Write a turn as an endless GIF.

    Parameters
    ----------
    pictures : sequence of numpy.ndarray
        uint8 (rows, columns, 3), all of one size.
    path : Path
        Ends in ``.gif``.
    seconds : float
        How long the turn takes.

    Raises
    ------
    DependencyMissing
        If Pillow is not installed; `save_turn_pictures` needs nothing.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise DependencyMissing(
            "A GIF needs the package Pillow: install it with 'pip install pillow', or save the turn as PNG pictures."
        ) from error
    # one palette for all: with one for each picture colours flicker
    sample = Image.fromarray(np.concatenate(pictures[:: max(1, len(pictures) // 4)]))
    palette = sample.quantize(256, method=Image.Quantize.MEDIANCUT)
    frames = [Image.fromarray(each).quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures]
    with replacing(path) as unfinished:
        frames[0].save(
            unfinished,
            "GIF",
            save_all=True,
            append_images=frames[1:],
            duration=round(1000 * seconds / len(frames)),
            loop=0,
        )
    return path


def save_turn_pictures(pictures: Sequence[np.ndarray], folder: Path, name: str) -> list[Path]:
    """Write a turn as numbered PNG pictures ``<name>_000.png`` and so on; the folder is made."""
    return [save_png(each, folder / f"{name}_{number:03d}.png") for number, each in enumerate(pictures)]
