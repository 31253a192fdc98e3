"""A learned classifier: features, the forest as plain numbers, its file, and the same voxels whole and in slabs."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn (install the 'learn' extra)")
pytest.importorskip("scipy", reason="needs scipy (install the 'learn' extra)")

from RWTHSAMLib.algorithms.classification import feature_tiles
from RWTHSAMLib.algorithms.classification.classifier import (
    Classifier,
    LearnedClass,
    LearnedFrom,
    read_classifier,
    write_classifier,
)
from RWTHSAMLib.algorithms.classification.classify import SpooledLabels, classified_slabs
from RWTHSAMLib.algorithms.classification.features import FeatureSettings, eigenvalues, features_of
from RWTHSAMLib.algorithms.classification.forest import Forest
from RWTHSAMLib.algorithms.classification.learn import dice_kept_out, learned_forest
from RWTHSAMLib.algorithms.classification.samples import Samples, count_labelled, positions_drawn, samples_of
from RWTHSAMLib.core.profile import profile_of_names
from RWTHSAMLib.core.settings.classification import LearnSettings
from RWTHSAMLib.core.system.checked_archive import write_archive
from RWTHSAMLib.core.window import Window
from RWTHSAMLib.errors import ClassifierError, SettingsError
from RWTHSAMLib.volumes.volume_data import VolumeData

SHAPE_KJI = (30, 34, 38)
WINDOW = Window(0, 1000)
SMALL = FeatureSettings((0.7, 1.5))
FEW = LearnSettings(trees=8, depth=8, most_voxels=400)
EVERYTHING = (slice(0, SHAPE_KJI[0]), slice(0, SHAPE_KJI[1]), slice(0, SHAPE_KJI[2]))


@pytest.fixture(scope="module")
def a_scan() -> VolumeData:
    """A bright ball and a rough slab of the mean grey of what surrounds them; a few voxels are no numbers."""
    chance = np.random.default_rng(7)
    k, j, i = np.ogrid[: SHAPE_KJI[0], : SHAPE_KJI[1], : SHAPE_KJI[2]]
    values = np.full(SHAPE_KJI, 300.0) + chance.normal(0, 15, SHAPE_KJI)
    values[(k - 15) ** 2 + (j - 12) ** 2 + (i - 12) ** 2 < 64] += 400
    values[:, :, 26:] += chance.normal(0, 200, (*SHAPE_KJI[:2], 12))
    values[3, 3, 3:6] = np.nan
    return VolumeData(values.astype(np.float32), np.eye(4), "a scan", True)


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    """(k, j, i, 2): the ball, the rough slab and the rest, sparsely; some voxels in two classes."""
    painted = np.zeros((*SHAPE_KJI, 2), np.uint8)
    painted[8:22:2, 10:15, 10:15, 0] = 1
    painted[2:28:3, 4:30, 29:35, 1] = 4
    painted[2:28:3, 26:32, 3:20, 0] = 2
    painted[5, 26:28, 3:5, 1] = 4
    return painted


PLACES = [(0, 1), (1, 4), (0, 2)]


def slabs_of(labels: np.ndarray, thickness: int = 99):
    return lambda: ((first, labels[first : first + thickness]) for first in range(0, len(labels), thickness))


def learned(scan: VolumeData, labels: np.ndarray, thickness: int = 99) -> tuple[Samples, Forest, object]:
    slabs = slabs_of(labels, thickness)
    counts = count_labelled(slabs, PLACES, background=False)
    drawn = positions_drawn(slabs, PLACES, counts, FEW.most_voxels, FEW.seed, background=False)
    samples = samples_of(scan, WINDOW, SMALL, drawn, counts)
    return samples, *learned_forest(samples, FEW)


@pytest.fixture(scope="module")
def a_classifier(a_scan, labels) -> Classifier:
    _, forest, _ = learned(a_scan, labels)
    classes = tuple(LearnedClass(name, 9, 9, 0.5) for name in ("Ball", "Rough", "Rest"))
    about = LearnedFrom("a scan", SHAPE_KJI, (1.0, 1.0, 1.0), "0" * 64, "nothing", classes)
    return Classifier(profile_of_names("Parts", ["Ball", "Rough", "Rest"]), SMALL, WINDOW, forest, about)


def test_eigenvalues_are_those_of_numpy() -> None:
    matrices = np.random.default_rng(2).normal(0, 1, (500, 3, 3)).astype(np.float32)
    matrices[:3] = 0
    matrices[3] = np.eye(3)
    matrices += np.swapaxes(matrices, 1, 2)
    entries = [np.ascontiguousarray(matrices[:, k, j]) for k, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))]
    expected = np.linalg.eigvalsh(matrices.astype(np.float64))[:, ::-1]
    assert np.stack(eigenvalues(entries), axis=1) == pytest.approx(expected, abs=2e-3)


def test_features_tell_a_bright_line_from_a_bright_sheet() -> None:
    values = np.zeros((21, 21, 41), np.float32)
    values[10, 10, :20], values[10, :, 22:] = 1, 1
    names = FeatureSettings((1.0,)).names
    found = features_of(values, (slice(10, 11), slice(10, 11), slice(8, 33)), FeatureSettings((1.0,)))
    middle = found[:, names.index("middle Hessian eigenvalue, scale 1")]
    smallest = found[:, names.index("smallest Hessian eigenvalue, scale 1")]
    assert middle[0] == pytest.approx(smallest[0], rel=1e-3) and middle[0] < -0.03  # a line bends in two directions
    assert abs(middle[-1]) < 1e-3 and smallest[-1] < -0.1  # a sheet in one


@pytest.mark.parametrize("scales", [(), (0.0,), (1.0, 1.0), (99.0,), (float("nan"),)])
def test_scales_that_are_none_are_refused(scales) -> None:
    with pytest.raises(SettingsError, match="scales: expected"):
        FeatureSettings(scales)


def test_the_features_of_a_part_are_those_of_the_whole(a_scan) -> None:
    values = np.nan_to_num(a_scan.array_kji)
    whole = features_of(values, EVERYTHING, SMALL).reshape(*SHAPE_KJI, -1)
    reach, box = SMALL.margin, (slice(12, 15), slice(20, 34), slice(17, 19))
    seen = tuple(slice(max(0, each.start - reach), each.stop + reach) for each in box)
    own = tuple(slice(each.start - cut.start, each.stop - cut.start) for each, cut in zip(box, seen, strict=True))
    assert np.array_equal(features_of(values[seen], own, SMALL).reshape(3, 14, 2, -1), whole[box])
    less = tuple(slice(max(0, each.start - 1), each.stop + 1) for each in box)
    own = tuple(slice(each.start - cut.start, each.stop - cut.start) for each, cut in zip(box, less, strict=True))
    assert not np.array_equal(features_of(values[less], own, SMALL).reshape(3, 14, 2, -1), whole[box])


def test_the_forest_says_what_scikit_learn_says(a_scan, labels) -> None:
    samples, forest, trained = learned(a_scan, labels)
    others = np.random.default_rng(5).normal(0, 1, (300, samples.features.shape[1])).astype(np.float32)
    for features in (samples.features, others):
        assert forest.probabilities(features) == pytest.approx(trained.predict_proba(features), abs=1e-12)


def test_the_same_voxels_are_drawn_whatever_slabs_they_come_in(a_scan, labels) -> None:
    whole, _, _ = learned(a_scan, labels)
    parts, _, _ = learned(a_scan, labels, thickness=4)
    assert np.array_equal(whole.positions_kji, parts.positions_kji)
    assert np.array_equal(whole.features, parts.features) and np.array_equal(whole.classes, parts.classes)
    number = np.array([1, 4, 2])[whole.classes]
    assert (labels[tuple(whole.positions_kji.T)].max(axis=1) == number).all()
    assert np.bincount(whole.classes).max() <= FEW.most_voxels


def test_voxels_of_several_classes_are_learned_from_by_none(labels) -> None:
    counts = count_labelled(slabs_of(labels), PLACES, background=False)
    assert counts.ambiguous == 4 and counts.of_class.tolist() == [175, 9 * 26 * 6, 9 * 6 * 17 - 4]
    assert count_labelled(slabs_of(labels), PLACES, background=True).of_class.sum() == np.prod(SHAPE_KJI) - 4


@pytest.mark.parametrize("most_bytes", [1 << 28, 1 << 22, 3 << 19])
def test_the_same_voxels_are_classified_whole_and_in_slabs(a_scan, a_classifier, monkeypatch, most_bytes) -> None:
    whole = np.concatenate([*classified_slabs(a_scan, a_classifier, WINDOW)])
    monkeypatch.setattr(feature_tiles, "_MOST_BYTES", most_bytes)
    tiles = sum(len([*slab.tiles]) for slab in feature_tiles.tile_slabs(a_scan, WINDOW, SMALL))
    assert (tiles > 1) == (most_bytes < 1 << 28)
    assert np.array_equal(np.concatenate([*classified_slabs(a_scan, a_classifier, WINDOW)]), whole)
    assert not whole[3, 3, 3:6].any()  # no grey value, no class


def test_it_knows_the_ball_and_the_rough_slab(a_scan, a_classifier) -> None:
    found = np.concatenate([*classified_slabs(a_scan, a_classifier, WINDOW)])
    k, j, i = np.ogrid[: SHAPE_KJI[0], : SHAPE_KJI[1], : SHAPE_KJI[2]]
    ball = (k - 15) ** 2 + (j - 12) ** 2 + (i - 12) ** 2 < 49
    assert (found[ball] == 1).mean() > 0.98 and (found[:, :, 28:] == 2).mean() > 0.95


def test_doubtful_voxels_may_be_left_without_a_class(a_scan, a_classifier) -> None:
    found = np.concatenate([*classified_slabs(a_scan, a_classifier, WINDOW)])
    sure = np.concatenate([*classified_slabs(a_scan, a_classifier, WINDOW, 0.9)])
    assert 0 < np.count_nonzero(sure) < np.count_nonzero(found)
    assert (sure[sure > 0] == found[sure > 0]).all()


def test_the_class_after_the_last_one_is_the_background(a_scan, a_classifier) -> None:
    without = replace(a_classifier, profile=a_classifier.profile.without("rest"))
    found = np.concatenate([*classified_slabs(a_scan, a_classifier, WINDOW)])
    less = np.concatenate([*classified_slabs(a_scan, without, WINDOW)])
    assert (found == 3).any() and np.array_equal(less, np.where(found == 3, 0, found))


def test_dice_is_that_of_slices_that_were_kept_out(a_scan, labels) -> None:
    samples, _, _ = learned(a_scan, labels)
    scores, said = dice_kept_out(samples, FEW)
    assert "slices along k that were kept out" in said and min(scores) > 0.9
    mixed = replace(samples, classes=np.random.default_rng(1).permutation(samples.classes))
    scores, _ = dice_kept_out(mixed, FEW)
    assert min(scores) < 0.5  # nothing can be learned of labels at random


def test_where_no_slices_can_be_kept_out_that_is_said(a_scan, labels) -> None:
    samples, _, _ = learned(a_scan, labels)
    alone = replace(samples, positions_kji=np.stack([samples.classes] * 3, axis=1))
    assert "too good" in dice_kept_out(alone, FEW)[1]


def test_a_classifier_comes_back_from_its_file(a_classifier, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write_classifier(a_classifier, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    found = read_classifier(tmp_path / "one.zip")
    for name, array in a_classifier.forest.arrays().items():
        assert np.array_equal(found.forest.arrays()[name], array)
    assert (found.profile, found.features, found.window) == (a_classifier.profile, SMALL, WINDOW)
    assert found.learned == a_classifier.learned and found.program == a_classifier.program


def changed_manifest(path: Path, before: str, after: str, *, sum_too: bool) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts.pop("manifest.json").decode().replace(before, after, 1)
    if sum_too:
        manifest = json.loads(text)
        del manifest["sha256"]
        write_archive(path, manifest, parts)
        return
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in {"manifest.json": text.encode(), **parts}.items():
            archive.writestr(name, part)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("rwthsam-classifier", "something", "holds no classifier"),
        ('"version": 1', '"version": 2', "update RWTHSAM"),
        ('"Ball"', '""', "name"),
        ("0.7", "-7", "scales"),
        ('"window": [\n  0', '"window": [\n  5000', "finite bounds"),
        ('"learned"', '"earned"', "Make it again"),
    ],
)
def test_a_file_that_says_something_else_is_refused(a_classifier, tmp_path: Path, before, after, said) -> None:
    path = tmp_path / "c.zip"
    write_classifier(a_classifier, path)
    changed_manifest(path, before, after, sum_too=True)
    with pytest.raises(ClassifierError, match=said):
        read_classifier(path)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"window": [\n  0', '"window": [\n  1', "has been changed"),
        ("0.7", "0.8", "has been changed"),
        ("0.7", "oops", "holds no classifier"),
    ],
)
def test_a_file_of_which_one_number_was_changed_is_refused(a_classifier, tmp_path, before, after, said) -> None:
    path = tmp_path / "c.zip"
    write_classifier(a_classifier, path)
    changed_manifest(path, before, after, sum_too=False)
    with pytest.raises(ClassifierError, match=said):
        read_classifier(path)


def test_damaged_files_are_refused(a_classifier, tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    write_classifier(a_classifier, path)
    content = path.read_bytes()
    for number in (0, 1, len(content) // 2, len(content) - 30):
        path.write_bytes(content[:number])
        with pytest.raises(ClassifierError):
            read_classifier(path)
    with pytest.raises(ClassifierError, match="no file"):
        read_classifier(tmp_path / "none.zip")


@pytest.mark.parametrize(
    "harm",
    [
        {"children": np.array([[0, 0], [1, 1], [2, 2]], np.int32)},  # a question without an end
        {"children": np.array([[1, 9], [1, 1], [2, 2]], np.int32)},
        {"feature": np.array([0, 0, -1], np.int16)},
        {"threshold": np.array([np.nan, 0, 0])},
        {"shares": np.zeros((3, 1))},
        {"starts": np.array([3], np.int32)},
    ],
)
def test_trees_that_lead_nowhere_are_no_forest(harm) -> None:
    good = {
        "starts": np.array([0], np.int32),
        "feature": np.array([0, -1, -1], np.int16),
        "threshold": np.array([0.5, 0, 0]),
        "children": np.array([[1, 2], [1, 1], [2, 2]], np.int32),
        "shares": np.array([[0.5, 0.5], [1, 0], [0, 1]]),
    }
    forest = Forest.of_arrays(good)
    assert forest.probabilities(np.array([[0.5], [0.6]], np.float32)).tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ValueError, match="no forest"):
        Forest.of_arrays({**good, **harm})


@pytest.mark.parametrize(("most_bytes", "kept"), [(1 << 20, True), (10, False)])
def test_labels_are_kept_until_they_are_written(most_bytes, kept) -> None:
    labels = np.random.default_rng(3).integers(0, 3, (5, 6, 7)).astype(np.uint8)
    with SpooledLabels(2, labels.shape, most_bytes) as spooled:
        spooled.add(labels[:2])
        spooled.add(labels[2:])
        assert np.array_equal(np.concatenate([*spooled.slabs()]), labels)
        assert spooled.counts.tolist() == [(labels == 1).sum(), (labels == 2).sum()]
        assert (spooled.masks is not None) == kept
