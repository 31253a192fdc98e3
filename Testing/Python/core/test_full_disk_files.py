"""Whatever is written where the disk is full: the old file stays whole, a sentence tells it, nothing is left behind."""

from __future__ import annotations

import http.server
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_disk import PAGE_BYTES, SmallDisk

from RWTHSAMLib.core.profile import ProfileClass, SegmentationProfile, write_profile
from RWTHSAMLib.core.prompts import PointPrompt, Prompts
from RWTHSAMLib.core.slices import SliceKey
from RWTHSAMLib.core.system.spool import Spool
from RWTHSAMLib.errors import DownloadError, InputError, RwthSamError
from RWTHSAMLib.inference.cache.embedding_folder import EmbeddingFolder
from RWTHSAMLib.inference.embedding import Embedding
from RWTHSAMLib.models.catalogue import ModelEntry, model
from RWTHSAMLib.models.weights import download_weights
from RWTHSAMLib.record.record_file import SegmentationRecord, write_prompt_file
from RWTHSAMLib.record.steps import PromptedSlice

SEED = 15
Write = Callable[[Path], object]


def noise(*shape: int) -> np.ndarray:
    """uint8, which hardly can be compressed."""
    return np.random.default_rng(SEED).integers(0, 256, shape).astype(np.uint8)


def write_a_profile(path: Path) -> None:
    classes = [ProfileClass(f"class-{n}", f"Class {n}", (n / 255, 0.5, 0.5)) for n in range(200)]
    write_profile(SegmentationProfile("large", tuple(classes)), path)


def write_prompts(path: Path) -> None:
    prompts = Prompts(tuple(PointPrompt(n, n) for n in range(300)))
    write_prompt_file(SegmentationRecord((PromptedSlice(SliceKey("k", 3), prompts, "core"),)), path)


def write_a_picture(path: Path) -> None:
    pytest.importorskip("vtk")
    from RWTHSAMLib.mrml.views.pictures import save_png

    save_png(noise(100, 100, 3), path)


def write_a_turn(path: Path) -> None:
    pytest.importorskip("vtk")
    from RWTHSAMLib.mrml.views.pictures import save_turn

    save_turn([noise(60, 60, 3) for _ in range(4)], path, 1.0)


def write_a_checkpoint(path: Path) -> None:
    torch = pytest.importorskip("torch")
    from Training import checkpoints

    checkpoints.save(path.parent, int(path.stem.split("-")[1]), {"network": torch.from_numpy(noise(30_000))})


def write_a_learning_curve(path: Path) -> None:
    from Training.curve import draw_curve

    figures = noise(100, 4) / 255
    rows = ["step,first_iou,best_iou,last_iou,rating_error"]
    rows += [",".join(map(str, (number, *each))) for number, each in enumerate(figures)]
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "curve.csv")
        table.write_text("\n".join(rows))
        draw_curve(table, path)


WRITERS: dict[str, Write] = {
    "profile.json": write_a_profile,
    "cell.prompts.json": write_prompts,
    "picture.png": write_a_picture,
    "turn.gif": write_a_turn,
    "checkpoint-00000003.pt": write_a_checkpoint,
    "curve.png": write_a_learning_curve,
}


@pytest.mark.parametrize(("name", "write"), WRITERS.items(), ids=WRITERS)
def test_the_old_file_stays_whole_and_a_sentence_tells_it(
    name: str, write: Write, a_small_disk: SmallDisk, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    write(whole / name)
    content = (whole / name).read_bytes()
    assert len(content) > PAGE_BYTES
    target = a_small_disk.folder / name
    target.write_bytes(b"the old file")
    for room in (0, len(content) - 1):
        with a_small_disk.with_room_for(room), pytest.raises(RwthSamError, match="could not be written") as told:
            write(target)
        assert "\n" not in str(told.value)
        assert [each.name for each in a_small_disk.folder.iterdir()] == [name]
        assert target.read_bytes() == b"the old file"
    write(target)
    assert target.stat().st_size == pytest.approx(len(content), rel=0.01)


def test_an_embedding_that_finds_no_room_is_not_kept_and_stops_nobody(a_small_disk: SmallDisk) -> None:
    folder = EmbeddingFolder(a_small_disk.folder, 1 << 30)
    values = np.random.default_rng(SEED).standard_normal((1, 8, 32, 32)).astype(np.float32)
    embedding = Embedding((values,), (30, 20), (1024, 683))
    for room in (0, values.nbytes - PAGE_BYTES):
        with a_small_disk.with_room_for(room):
            folder.write("ab12", embedding)
        assert folder.read("ab12") is None
        assert not [each for each in a_small_disk.folder.rglob("*") if each.is_file()]
    folder.write("ab12", embedding)
    kept = folder.read("ab12")
    assert kept is not None and np.array_equal(kept.arrays[0], values)


@pytest.fixture
def an_entry_on_a_server() -> Iterator[ModelEntry]:
    """A catalogue entry whose weights of 100,000 bytes are on a server of this computer."""
    content = noise(100_000).tobytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            begin = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in self.headers else 0
            self.send_response(206 if begin else 200)
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            self.wfile.write(content[begin:])

        def log_message(self, *_arguments: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/weights.pt"
        yield replace(model("mobile_sam_vit_t"), url=address, size_bytes=len(content), sha256=None)
        server.shutdown()


def test_weights_that_find_no_room_are_told_and_fetched_to_the_end_later(
    an_entry_on_a_server: ModelEntry, a_small_disk: SmallDisk
) -> None:
    for room in (PAGE_BYTES, 50_000):
        with a_small_disk.with_room_for(room), pytest.raises(DownloadError, match="the disk is full|larger than"):
            download_weights(an_entry_on_a_server, a_small_disk.folder)
        assert not (a_small_disk.folder / an_entry_on_a_server.file_name).exists()
    fetched = download_weights(an_entry_on_a_server, a_small_disk.folder)
    assert fetched.read_bytes() == noise(100_000).tobytes()


def test_what_is_kept_for_a_while_comes_back_or_a_full_disk_is_told(a_small_disk: SmallDisk, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(a_small_disk.folder))
    pieces = [noise(5 * PAGE_BYTES).tobytes(), b"", noise(3, 7).tobytes()]
    for room, is_told in ((8 * PAGE_BYTES, False), (2 * PAGE_BYTES, True)):
        spool = Spool()
        with a_small_disk.with_room_for(room), closing(spool):
            if is_told:
                with pytest.raises(InputError, match=r"the disk is full|larger than.*TMPDIR"):
                    spool.add(pieces[0])
                continue
            for each in pieces:
                spool.add(each)
            assert [spool.piece(number) for number in (2, 0, 1)] == [pieces[2], pieces[0], pieces[1]]
