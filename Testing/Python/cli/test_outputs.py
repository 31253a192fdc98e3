"""What cannot be written is known before the work begins, and nothing is overwritten that nobody named."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

from RWTHSAMLib.cli.main import USAGE, main  # noqa: E402
from RWTHSAMLib.inference.engine import SamEngine  # noqa: E402


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A small cell, its classes and prompts."""
    folder = tmp_path_factory.mktemp("made")
    shape = ["--shape", "20", "48", "48"]
    assert main(["phantom", str(folder / "cell.nrrd"), *shape, "--labels", str(folder / "cell.seg.nrrd")]) == 0
    prompts = {"format": "rwthsam-prompts", "version": 1, "slices": []}
    (folder / "prompts.json").write_text(json.dumps(prompts))
    (folder / "old.json").write_text('{"classes": ["Can", "Core"]}')
    return folder


@pytest.fixture
def a_folder(made, tmp_path, monkeypatch) -> Path:
    """The same files in a folder of the test's own, which is the current one."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch) -> None:
    """Loading a network is a failure: everything is to be known before."""

    def load(*_: object, **__: object) -> SamEngine:
        raise AssertionError("a network was loaded before the outputs were checked")

    monkeypatch.setattr(SamEngine, "load", load)


# without the output; {} stands for it
COMMANDS = {
    "segment": "segment cell.nrrd prompts.json -o {}.seg.nrrd",
    "propagate": "propagate cell.nrrd prompts.json -o {}.seg.nrrd",
    "propagate --csv": "propagate cell.nrrd prompts.json -o fine.seg.nrrd --csv {}.csv",
    "auto": "auto cell.nrrd -o {}.seg.nrrd",
    "auto --csv": "auto cell.nrrd -o fine.seg.nrrd --csv {}.csv",
    "threshold": "threshold cell.seg.nrrd cell.nrrd -o {}.seg.nrrd --class Core --to Air --otsu dark",
    "measure": "measure cell.seg.nrrd cell.nrrd -o {}.csv",
    "export": "export cell.seg.nrrd -o {}.stl",
    "report": "report cell.seg.nrrd cell.nrrd -o {}.html",
    "provenance": "provenance cell.seg.nrrd -o {}.json",
    "unroll": "unroll cell.nrrd -o {}.nrrd --center 16 16 --inner 2 --outer 12",
    "phantom": "phantom {}.nrrd --shape 20 48 48",
    "phantom --labels": "phantom fine.nrrd --shape 20 48 48 --labels {}.seg.nrrd",
    "profile convert": "profile convert old.json {}.json",
}


def run(command: str, output: str) -> int:
    return main(command.format(output).split())


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(
    "output, said",
    [
        ("prompts.json/out", "is a file, not a folder"),
        ("prompts.json/deeper/out", "is a file, not a folder"),
        ("n" * 300, "too long"),
        ("taken", "a folder of that name"),
        ("closed/out", "write-protected"),
    ],
    ids=["parent-is-a-file", "ancestor-is-a-file", "long", "folder", "not-writable"],
)
def test_an_output_that_cannot_be_written_is_told_before(a_folder, capfd, command, output, said) -> None:
    if output == "taken":
        ending = next(word for word in command.split() if "{}" in word).removeprefix("{}")
        if command.startswith("export"):
            pytest.skip("a folder is what an export goes into")
        (a_folder / f"taken{ending}").mkdir()
    if output == "closed/out":
        if sys.platform == "win32":
            pytest.skip("Windows has no such permissions")
        (a_folder / "closed").mkdir(mode=0o555)
    before = files_in(a_folder)
    assert run(command, output) == USAGE
    heard = capfd.readouterr().err
    assert said in heard and len(heard.strip().splitlines()) == 1
    assert files_in(a_folder) == before


SAME = {
    "threshold": ("threshold cell.seg.nrrd cell.nrrd -o {} --class Core --to Air --otsu dark", "cell.seg.nrrd"),
    "unroll": ("unroll cell.nrrd -o {} --center 16 16 --inner 2 --outer 12", "cell.nrrd"),
    "unroll --back": ("unroll cell.nrrd --back other.nrrd -o {} --center 16 16 --inner 2 --outer 12", "other.nrrd"),
    "provenance": ("provenance cell.seg.nrrd -o {}", "cell.seg.nrrd"),
    "profile convert": ("profile convert old.json {}", "old.json"),
    "auto --csv": ("auto cell.nrrd -o fine.seg.nrrd --settings old.csv --csv {}", "old.csv"),
    "phantom": ("phantom same.nrrd --labels {}", "same.nrrd"),
    "phantom in capitals": ("phantom same.nrrd --labels {}", "SAME.nrrd"),
}


@pytest.mark.parametrize("spelt", ["as it is", "with dots", "by a link"])
@pytest.mark.parametrize("command, name", SAME.values(), ids=SAME)
def test_an_output_that_is_an_input_or_another_output_is_refused(a_folder, capsys, command, name, spelt) -> None:
    shutil.copy("cell.nrrd", "other.nrrd")
    shutil.copy("old.json", "old.csv")
    output = name
    if spelt == "with dots":
        output = f"../here/./{name}"
    elif spelt == "by a link":
        if sys.platform == "win32":
            pytest.skip("links need a privilege on Windows")
        output = f"link-{name}"
        Path(output).symlink_to(name)
    before = files_in(a_folder)
    assert run(command, output) == USAGE
    assert "same file" in capsys.readouterr().err and files_in(a_folder) == before


@pytest.mark.parametrize(
    "words",
    [
        "segment cell.nrrd prompts.json -o out.nrrd",
        "auto cell.nrrd -o out.tif",
        "auto cell.nrrd -o out.seg.nrrd --csv out.xlsx",
        "propagate cell.nrrd prompts.json -o out.seg.nrrd --csv out.seg.nrrd",
        "threshold cell.seg.nrrd cell.nrrd -o out.nrrd --class Core --to Air",
        "measure cell.seg.nrrd cell.nrrd -o out.xlsx",
        "report cell.seg.nrrd cell.nrrd -o out.pdf",
        "unroll cell.nrrd -o out.tif --center 16 16 --inner 2 --outer 12",
        "phantom out.tif",
        "phantom out.nrrd --labels out.tif",
    ],
)
def test_an_unknown_ending_is_told_before(a_folder, words, capsys) -> None:
    before = files_in(a_folder)
    assert main(words.split()) == USAGE
    assert " end" in capsys.readouterr().err and files_in(a_folder) == before


BESIDE = {
    "auto": ("auto cell.nrrd -o out.seg.nrrd", "out-objects.csv"),
    "propagate": ("propagate cell.nrrd prompts.json -o out.seg.nrrd", "out-slices.csv"),
    "measure": ("measure cell.seg.nrrd cell.nrrd -o out.csv --along k", "out-along-k.csv"),
    "export csv": ("export cell.seg.nrrd -o out.nrrd", "out.csv"),
    "export ctbl": ("export cell.seg.nrrd -o out.nii.gz", "out.ctbl"),
    "export mtl": ("export cell.seg.nrrd -o out.obj", "out.mtl"),
    "export into a folder": ("export cell.seg.nrrd -o . --format tiff", "cell-label.csv"),
}


@pytest.mark.parametrize("words, beside", BESIDE.values(), ids=BESIDE)
def test_a_file_that_nobody_named_replaces_no_other(a_folder, words, beside, capsys) -> None:
    (a_folder / beside).write_text("my own notes\n")
    before = files_in(a_folder)
    assert main(words.split()) == USAGE
    assert "not replaced unasked" in capsys.readouterr().err and files_in(a_folder) == before


@pytest.mark.parametrize("words", [BESIDE[name][0] for name in BESIDE if name[:4] in ("meas", "expo")])
def test_a_command_may_be_given_twice(a_folder, words) -> None:
    assert main(words.split()) == main(words.split()) == 0


def test_the_table_of_measurements_and_that_of_objects_have_names_of_their_own(a_folder) -> None:
    assert main(["measure", "cell.seg.nrrd", "cell.nrrd", "-o", "out.csv"]) == 0
    measured = (a_folder / "out.csv").read_bytes()
    with pytest.raises(AssertionError, match="network was loaded"):  # as far as that nothing stands in the way
        from RWTHSAMLib.cli import auto_command
        from RWTHSAMLib.cli import main as cli

        auto_command.run(cli._parser().parse_args(["auto", "cell.nrrd", "-o", "out.seg.nrrd"]))
    assert (a_folder / "out.csv").read_bytes() == measured
