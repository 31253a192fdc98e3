"""``rwthsam report`` writes a page, on computers that cannot draw in three dimensions as well."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib import __version__  # noqa: E402
from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.volumes import lazy_volume, scan  # noqa: E402


@pytest.fixture(scope="module")
def phantom(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    words = [
        "phantom",
        str(folder / "cell.nrrd"),
        "--shape",
        "16",
        "48",
        "48",
        "--labels",
        str(folder / "cell.seg.nrrd"),
    ]
    assert main(words) == 0
    return folder


def words(phantom: Path, output: Path, *more: str) -> list[str]:
    return ["report", str(phantom / "cell.seg.nrrd"), str(phantom / "cell.nrrd"), "-o", str(output), *more]


def test_without_a_renderer_the_page_says_why_it_has_no_view(phantom, tmp_path) -> None:
    # VTK takes this window where there is neither a display nor EGL; it draws only if the library OSMesa is there
    environment = {**os.environ, "VTK_DEFAULT_OPENGL_WINDOW": "vtkOSOpenGLRenderWindow"}
    output = tmp_path / "out.html"
    command = [sys.executable, "-m", "RWTHSAMLib.cli", *words(phantom, output)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    text = output.read_text(encoding="utf-8")
    assert text.count("<img") == 9 or "offers no OpenGL" in text


def test_a_computer_without_a_screen_shows_no_line_of_vtk(phantom, tmp_path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    command = [sys.executable, "-m", "RWTHSAMLib.cli", *words(phantom, tmp_path / "out.html")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_scan_whose_voxel_size_is_not_to_be_trusted_has_no_millimetres(phantom, tmp_path) -> None:
    assert main(words(phantom, tmp_path / "out.html", "--no-unit", "--title", "A title")) == 0
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "does not say how large a voxel is" in text and "mm³" not in text and "<h1>A title</h1>" in text


@pytest.mark.parametrize(
    "output, more, said",
    [("out.pdf", (), "ends in '.html'"), ("out.html", ("--window", "5", "5"), "lower < upper")],
)
def test_requests_that_cannot_be_met_are_explained(phantom, tmp_path, capsys, output, more, said) -> None:
    assert main(words(phantom, tmp_path / output, *more)) == 2
    assert said in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_segmentation_of_another_scan_is_refused(phantom, tmp_path, capsys) -> None:
    assert main(["phantom", str(tmp_path / "other.nrrd"), "--shape", "24", "48", "48"]) == 0
    given = [str(phantom / "cell.seg.nrrd"), str(tmp_path / "other.nrrd"), "-o", str(tmp_path / "out.html")]
    assert main(["report", *given]) == 2
    assert "voxel grid" in capsys.readouterr().err and not (tmp_path / "out.html").exists()


@pytest.mark.parametrize("more", ["", "--axis j --no-unit", "--voxel-size 1 2 3 --window 0 200"])
def test_a_report_on_a_scan_larger_than_memory_says_and_shows_the_same(phantom, tmp_path, monkeypatch, capsys, more):
    pytest.importorskip("dask")
    assert main(words(phantom, tmp_path / "enough.html", *more.split())) == 0
    for module in (scan, lazy_volume):
        monkeypatch.setattr(module, "usable_bytes", lambda: 200_000)
    assert main(words(phantom, tmp_path / "limited.html", *more.split())) == 0
    assert "read from the disk" in capsys.readouterr().err
    pages = [(tmp_path / f"{name}.html").read_text(encoding="utf-8") for name in ("enough", "limited")]
    pictures = [re.findall(r'base64,([^"]+)"', page) for page in pages]
    on_slices = 7  # the best along each axis, and four small ones
    assert pictures[0][:on_slices] == pictures[1][:on_slices] and len(pictures[0]) == len(pictures[1]) >= on_slices
    texts = [re.sub(r'base64,[^"]+"|width="\d+" height="\d+"|<[^>]*>', " ", page) for page in pages]
    lines = [[" ".join(line.split()) for line in text.splitlines() if line.strip()] for text in texts]
    own = ("coarser labelmap", f"RWTHSAM {__version__},")  # the latter says when
    said = [[line for line in page if not any(each in line for each in own)] for page in lines]
    assert said[1] == said[0] and "coarser labelmap" in texts[1]
