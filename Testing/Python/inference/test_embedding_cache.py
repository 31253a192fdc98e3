"""Embeddings come back bit for bit, within the limits, and never for another picture."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from RWTHSAMLib.core.image import SliceImage
from RWTHSAMLib.errors import SettingsError
from RWTHSAMLib.inference.cache.embedding_cache import CacheSettings, EmbeddingCache, embedding_key
from RWTHSAMLib.inference.embedding import Embedding

_BYTES = 4 * 2 * 3 * 3
_KEYS = [embedding_key(f"picture {n}", "weights", "model", "torch", "f32") for n in range(20)]


def an_embedding(number: int, kind: str = "sam") -> Embedding:
    chance = np.random.default_rng(number)
    features = chance.standard_normal((1, 2, 3, 3)).astype(np.float32)
    if kind == "rwthsam_net":
        halves = (chance.standard_normal(shape).astype(np.float16) for shape in ((1, 16, 16, 3), (1, 5, 4, 4)))
        return Embedding(tuple(halves), (30, 20), (30, 20), 2)
    early = (chance.standard_normal((1, 3, 3, 5)).astype(np.float32),) if kind == "sam_hq" else ()
    return Embedding((features, *early), (30, 20), (1024, 683))


def assert_equal(found: Embedding | None, put: Embedding) -> None:
    assert found is not None
    for ours, theirs in zip(found.arrays, put.arrays, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    assert (found.original_size, found.input_size) == (put.original_size, put.input_size)
    assert found.pixels_per_logit == put.pixels_per_logit


def the_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def settings(tmp_path: Path) -> CacheSettings:
    return CacheSettings(folder=tmp_path / "embeddings")


def test_what_was_put_is_found(settings: CacheSettings) -> None:
    cache = EmbeddingCache(settings)
    assert cache.get(_KEYS[0]) is None
    cache.put(_KEYS[0], an_embedding(0))
    assert_equal(cache.get(_KEYS[0]), an_embedding(0))


@pytest.mark.parametrize("kind", ["sam", "sam_hq", "rwthsam_net"])
def test_it_is_found_bit_for_bit_after_a_restart(settings: CacheSettings, kind: str) -> None:
    EmbeddingCache(settings).put(_KEYS[0], an_embedding(0, kind))
    assert_equal(EmbeddingCache(settings).get(_KEYS[0]), an_embedding(0, kind))


def test_without_a_folder_nothing_outlives_the_cache() -> None:
    EmbeddingCache().put(_KEYS[0], an_embedding(0))
    assert EmbeddingCache().get(_KEYS[0]) is None


def test_memory_keeps_the_most_recently_used_within_its_limit() -> None:
    cache = EmbeddingCache(CacheSettings(memory_bytes=3 * _BYTES))
    for number in (0, 1, 2):
        cache.put(_KEYS[number], an_embedding(number))
    cache.get(_KEYS[0])
    cache.put(_KEYS[3], an_embedding(3))
    assert [cache.get(key) is not None for key in _KEYS[:4]] == [True, False, True, True]
    assert cache.memory_bytes == 3 * _BYTES


def test_putting_a_key_again_does_not_count_twice() -> None:
    cache = EmbeddingCache()
    cache.put(_KEYS[0], an_embedding(0))
    cache.put(_KEYS[0], an_embedding(1))
    assert cache.memory_bytes == _BYTES


def test_the_newest_embedding_stays_whatever_the_limit() -> None:
    cache = EmbeddingCache(CacheSettings(memory_bytes=0))
    cache.put(_KEYS[0], an_embedding(0))
    assert cache.get(_KEYS[0]) is not None


def test_the_folder_stays_within_its_limit_and_drops_the_oldest(settings: CacheSettings) -> None:
    assert settings.folder is not None
    limit = 4096
    limited = CacheSettings(memory_bytes=0, folder=settings.folder, disk_bytes=limit)
    for number, key in enumerate(_KEYS):
        EmbeddingCache(limited).put(key, an_embedding(number))
        for age, path in enumerate(sorted(the_files(settings.folder), key=os.path.getmtime, reverse=True)):
            os.utime(path, (1e9 - age, 1e9 - age))  # clocks of file systems are coarse
        assert sum(path.stat().st_size for path in the_files(settings.folder)) <= limit
    reopened = EmbeddingCache(limited)
    assert reopened.get(_KEYS[-1]) is not None
    assert reopened.get(_KEYS[0]) is None


def test_an_embedding_larger_than_the_folder_may_be_is_not_written(settings: CacheSettings) -> None:
    assert settings.folder is not None
    EmbeddingCache(CacheSettings(folder=settings.folder, disk_bytes=10)).put(_KEYS[0], an_embedding(0))
    assert the_files(settings.folder) == []


def test_a_file_damaged_anywhere_is_dropped(settings: CacheSettings) -> None:
    assert settings.folder is not None
    seed = 5
    print("seed", seed)
    chance = random.Random(seed)
    for _ in range(60):
        EmbeddingCache(settings).put(_KEYS[0], an_embedding(0))
        (path,) = the_files(settings.folder)
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        assert EmbeddingCache(settings).get(_KEYS[0]) is None
        assert not path.exists()


@pytest.mark.parametrize("size", [0, 5, 40, 60, 200])
def test_a_file_cut_short_is_dropped(settings: CacheSettings, size: int) -> None:
    assert settings.folder is not None
    EmbeddingCache(settings).put(_KEYS[0], an_embedding(0))
    (path,) = the_files(settings.folder)
    os.truncate(path, size)
    assert EmbeddingCache(settings).get(_KEYS[0]) is None


def test_a_pickle_in_the_folder_is_not_loaded(settings: CacheSettings) -> None:
    assert settings.folder is not None
    EmbeddingCache(settings).put(_KEYS[0], an_embedding(0))
    (path,) = the_files(settings.folder)
    path.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert EmbeddingCache(settings).get(_KEYS[0]) is None


def test_no_half_written_file_is_left(settings: CacheSettings) -> None:
    assert settings.folder is not None
    for number, key in enumerate(_KEYS):
        EmbeddingCache(settings).put(key, an_embedding(number))
    assert {path.suffix for path in the_files(settings.folder)} == {".embedding"}


def test_a_folder_that_cannot_be_made_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = EmbeddingCache(CacheSettings(folder=tmp_path / "file" / "embeddings"))
    cache.put(_KEYS[0], an_embedding(0))
    assert_equal(cache.get(_KEYS[0]), an_embedding(0))


def test_the_key_depends_on_everything_that_the_embedding_does() -> None:
    parts = ["image", "weights", "model", "backend", "f32"]
    changed = [embedding_key(*(part + "x" if n == m else part for n, part in enumerate(parts))) for m in range(5)]
    assert len({embedding_key(*parts), *changed}) == 6


def test_equal_pixels_of_another_shape_have_another_key() -> None:
    pixels = np.zeros((4, 6), np.uint8)
    digests = {SliceImage(pixels).digest, SliceImage(pixels.reshape(6, 4)).digest}
    assert len({embedding_key(digest, "w", "m", "b", "p") for digest in digests}) == 2


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(SettingsError, match="0 or more"):
        CacheSettings(memory_bytes=-1)
