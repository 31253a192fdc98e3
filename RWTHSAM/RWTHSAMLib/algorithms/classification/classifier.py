"""A learned classifier and its file: plain numbers, and all that has to be known to use it on another scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ... import __version__
from ...core.json_document import Node
from ...core.profile import SegmentationProfile, profile_of_json, profile_to_dict
from ...core.system.checked_archive import packed_arrays, read_archive, unpacked_arrays, write_archive
from ...core.window import Window
from ...errors import ClassifierError, InputError
from .features import FeatureSettings
from .forest import Forest

FORMAT, VERSION = "rwthsam-classifier", 1
ENDING = ".zip"
_FOREST = "forest.npz"
_SIZE_TOLERANCE = 0.1
"""A choice: voxel sizes that differ by less are those of another calibration, not of another kind of scan."""


@dataclass(frozen=True)
class LearnedClass:
    """What was learned of a class, and how well.

    Attributes
    ----------
    name : str
    labelled, learned : int
        Voxels that had its label, and those of them that it was learned from.
    dice : float, optional
        On labelled voxels that were kept out; None where that could not be done.
    """

    name: str
    labelled: int
    learned: int
    dice: float | None


@dataclass(frozen=True)
class LearnedFrom:
    """The scan that a classifier was learned on.

    Attributes
    ----------
    name : str
    shape_kji : tuple of int
    spacing_mm_ijk : tuple of float, optional
        Size of a voxel, where it is known.
    fingerprint : str
        See `volumes.fingerprint`.
    evaluation : str
        What was kept out for the Dice of each class, in words.
    classes : tuple of LearnedClass
        The background is the last one, if it was learned.
    """

    name: str
    shape_kji: tuple[int, int, int]
    spacing_mm_ijk: tuple[float, float, float] | None
    fingerprint: str
    evaluation: str
    classes: tuple[LearnedClass, ...]


@dataclass(frozen=True, eq=False)
class Classifier:
    """What says of voxels which class they are.

    Attributes
    ----------
    profile : SegmentationProfile
        The classes, in the order of the forest's; one more in the forest is the background.
    features : FeatureSettings
    window : Window
        Grey values of the scan that it was learned on which count as 0 and 1.
    forest : Forest
    learned : LearnedFrom
    program : str

    Raises
    ------
    ClassifierError
        If they do not fit each other.
    """

    profile: SegmentationProfile
    features: FeatureSettings
    window: Window
    forest: Forest
    learned: LearnedFrom
    program: str = f"RWTHSAM {__version__}"

    def __post_init__(self) -> None:
        more = self.forest.class_count - len(self.profile.classes)
        if more not in (0, 1) or self.forest.feature_count > len(self.features.names):
            raise ClassifierError("The classifier asks for other classes or features than it names: make it again.")

    def labels_of(self, features: np.ndarray, least_probability: float = 0.0) -> np.ndarray:
        """Labels of voxels.

        Parameters
        ----------
        features : numpy.ndarray
            float32 (voxels, features).
        least_probability : float
            Voxels whose most probable class is less probable get none.

        Returns
        -------
        numpy.ndarray
            uint8 (voxels,): n stands for the n-th class of the profile, 0 for none.
        """
        probabilities = self.forest.probabilities(features)
        best = probabilities.argmax(axis=1)
        labels: np.ndarray = (best + 1).astype(np.uint8)
        labels[best >= len(self.profile.classes)] = 0
        labels[probabilities.max(axis=1) < least_probability] = 0
        return labels

    def differences(self, spacing_mm_ijk: Sequence[float] | None) -> str:
        """What is to be said of a scan with voxels of this size; empty where they are like those it was learned on."""
        known = self.learned.spacing_mm_ijk
        if known is None or spacing_mm_ijk is None:
            return ""
        ratios = [one / other for one, other in zip(spacing_mm_ijk, known, strict=True)]
        if all(1 - _SIZE_TOLERANCE <= each <= 1 + _SIZE_TOLERANCE for each in ratios):
            return ""
        ours, theirs = (" x ".join(f"{each:.4g}" for each in size) for size in (known, spacing_mm_ijk))
        return (
            f"The classifier was learned on voxels of {ours} mm (i, j, k), these are of {theirs} mm: everything looks "
            "larger or smaller to it. Learn one on a scan of this kind, or classify a level of the same resolution."
        )


def write_classifier(classifier: Classifier, path: Path) -> None:
    """Write its file; the same classifier gives the same bytes.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "program": classifier.program,
        "profile": profile_to_dict(classifier.profile),
        "features": {"scales": list(classifier.features.scales), "names": list(classifier.features.names)},
        "window": [classifier.window.lower, classifier.window.upper],
        "learned": asdict(classifier.learned),
    }
    write_archive(path, manifest, {_FOREST: packed_arrays(classifier.forest.arrays())})


def read_classifier(path: Path) -> Classifier:
    """Read its file.

    Raises
    ------
    ClassifierError
        If there is none, or it is damaged, of another kind or of a newer version.
    """
    manifest, parts = read_archive(Path(path), ClassifierError, "classifier of 'rwthsam learn'")
    if manifest.get("format") != FORMAT:
        raise ClassifierError(f"'{path}' holds no classifier of 'rwthsam learn'.")
    if manifest.get("version") != VERSION:
        raise ClassifierError(
            f"'{path}' has version {manifest.get('version')}, this program reads {VERSION}: update RWTHSAM to use it."
        )
    try:
        return Classifier(
            profile_of_json(Node(manifest["profile"], "profile", ClassifierError)),
            FeatureSettings(tuple(float(each) for each in manifest["features"]["scales"])),
            Window(*(float(each) for each in manifest["window"])),
            Forest.of_arrays(unpacked_arrays(parts[_FOREST], ClassifierError, Path(path))),
            _learned_of(manifest["learned"]),
            str(manifest["program"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        said = f": {error}".rstrip(".") if isinstance(error, InputError) else ""
        raise ClassifierError(f"'{path}' is not a classifier that can be used{said}. Make it again.") from error


def _learned_of(found: dict[str, Any]) -> LearnedFrom:
    k, j, i = (int(each) for each in found["shape_kji"])
    size = found["spacing_mm_ijk"]
    return LearnedFrom(
        str(found["name"]),
        (k, j, i),
        None if size is None else (float(size[0]), float(size[1]), float(size[2])),
        str(found["fingerprint"]),
        str(found["evaluation"]),
        tuple(LearnedClass(**each) for each in found["classes"]),
    )
