"""The command line: lists, checks, converts, makes phantoms, fetches; errors are one line and exit code 2."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

import RWTHSAMLib
from RWTHSAMLib.cli.main import main
from RWTHSAMLib.core.profile import read_profile
from RWTHSAMLib.models.catalogue import CATALOGUE, model


@pytest.fixture(autouse=True)
def an_empty_home(tmp_path, monkeypatch) -> Path:
    """No weights but those that a test puts there."""
    monkeypatch.setenv("RWTHSAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RWTHSAM_WEIGHTS", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def an_old_profile(tmp_path) -> Path:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"classes": ["Can", "Core"]}))
    return path


def installed_command() -> str:
    """The script that installing puts beside the interpreter."""
    script = shutil.which("rwthsam", path=str(Path(sys.executable).parent))
    return script or pytest.skip(f"needs the distribution installed: there is no 'rwthsam' beside {sys.executable}")


def test_the_installed_command_says_its_version() -> None:
    said = subprocess.run([installed_command(), "--version"], capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"rwthsam {RWTHSAMLib.__version__}"


def test_the_package_runs_as_the_command_does() -> None:
    command = [sys.executable, "-m", "RWTHSAMLib.cli", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"rwthsam {RWTHSAMLib.__version__}"


def test_a_defect_in_what_was_given_is_one_line_and_exit_code_2(tmp_path) -> None:
    command = [sys.executable, "-m", "RWTHSAMLib.cli", "profile", "validate", str(tmp_path / "none.json")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "none.json" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_models_lists_the_catalogue_and_what_is_here(an_empty_home, capsys) -> None:
    weights = an_empty_home / "weights" / model("sam_vit_b").file_name
    weights.parent.mkdir(parents=True)
    weights.touch()
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CATALOGUE) + 1
    assert [line for line in lines if line.startswith("sam_vit_b ")][0].endswith(str(weights))
    to_fetch = [line for line in lines[1:] if not line.startswith("rwthsam_net ")]
    assert sum(line.endswith("not here") for line in to_fetch) == len(to_fetch) - 1


def test_verify_refuses_other_weights_under_the_same_name(an_empty_home, capsys) -> None:
    weights = an_empty_home / "weights" / model("mobile_sam_vit_t").file_name
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"something else")
    assert main(["models", "verify", "mobile_sam_vit_t"]) == 2
    assert "14 bytes" in capsys.readouterr().err


def test_fetch_names_an_unknown_model(capsys) -> None:
    assert main(["models", "fetch", "sam_vit_z"]) == 2
    assert "mobile_sam_vit_t" in capsys.readouterr().err


def test_validate_judges_every_file(an_old_profile, tmp_path, capsys) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"classes": ["Can", "Can"]}')
    assert main(["profile", "validate", str(bad), str(an_old_profile)]) == 2
    said = capsys.readouterr()
    assert "old.json: valid" in said.out
    assert "bad.json" in said.err


def test_convert_brings_an_old_profile_to_version_2(an_old_profile, tmp_path) -> None:
    new = tmp_path / "new.json"
    assert main(["profile", "convert", str(an_old_profile), str(new), "--name", "Cells"]) == 0
    assert json.loads(new.read_text())["version"] == 2
    assert (read_profile(new).name, [each.id for each in read_profile(new).classes]) == ("Cells", ["can", "core"])


@pytest.mark.parametrize("kind", ["cylindrical", "pouch"])
def test_a_phantom_is_written_with_its_labels(kind, tmp_path) -> None:
    scan, labels = tmp_path / "cell.nrrd", tmp_path / "cell.seg.nrrd"
    options = ["--kind", kind, "--seed", "3", "--shape", "20", "48", "48", "--labels", str(labels)]
    assert main(["phantom", str(scan), *options]) == 0
    grey, truth = (sitk.ReadImage(str(path)) for path in (scan, labels))
    assert grey.GetSize() == (48, 48, 20)
    names = [truth.GetMetaData(key) for key in truth.GetMetaDataKeys() if key.endswith("_Name")]
    assert "Cathode" in names
    assert np.count_nonzero(sitk.GetArrayFromImage(truth)) > 1000


def test_a_phantom_never_overwrites_its_labels_with_grey_values(tmp_path, capsys) -> None:
    path = str(tmp_path / "cell.nrrd")
    assert main(["phantom", path, "--labels", path]) == 2
    assert "another file" in capsys.readouterr().err


def test_what_no_computer_has_memory_for_is_one_line_and_exit_code_2(tmp_path, capsys) -> None:
    assert main(["phantom", str(tmp_path / "cell.nrrd"), "--shape", *["100000000"] * 3]) == 2
    assert "needs more memory" in capsys.readouterr().err and not list(tmp_path.iterdir())
