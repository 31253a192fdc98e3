"""What is set in a front is saved as a job that does the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")
pytest.importorskip("yaml", reason="needs PyYAML (install the 'batch' extra)")

from batch_parts import write_scan  # noqa: E402

from RWTHSAMLib.batch.job import Job, read_job  # noqa: E402
from RWTHSAMLib.batch.job_of_session import save_job  # noqa: E402
from RWTHSAMLib.cli.auto_command import check, known_window  # noqa: E402
from RWTHSAMLib.cli.batch.command import planned  # noqa: E402
from RWTHSAMLib.cli.main import main  # noqa: E402
from RWTHSAMLib.core.profile import profile_of_names  # noqa: E402
from RWTHSAMLib.core.settings.automatic import PRESETS  # noqa: E402
from RWTHSAMLib.core.settings.automatic_run import AutomaticRunSettings  # noqa: E402
from RWTHSAMLib.core.settings.class_rules import Rule  # noqa: E402
from RWTHSAMLib.core.settings.setting import settings_of  # noqa: E402
from RWTHSAMLib.core.slices import SliceKey  # noqa: E402
from RWTHSAMLib.core.value_range import Range  # noqa: E402
from RWTHSAMLib.core.window import Window  # noqa: E402
from RWTHSAMLib.errors import StateError  # noqa: E402
from RWTHSAMLib.mrml.nodes.standalone import new_scene  # noqa: E402
from RWTHSAMLib.mrml.nodes.volumes import PATH_ATTRIBUTE, add_volume  # noqa: E402
from RWTHSAMLib.mrml.session.session import Session  # noqa: E402
from RWTHSAMLib.volumes.read import read_volume  # noqa: E402
from RWTHSAMLib.volumes.volume_data import VolumeData  # noqa: E402
from RWTHSAMLib.worker.client import EngineSpec  # noqa: E402
from RWTHSAMLib.worker.inline import InlineClient  # noqa: E402


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(new_scene(), InlineClient())
    yield session
    session.close()


@pytest.fixture
def a_scan(session: Session, tmp_path: Path) -> Path:
    """A scan with a difficult name that the session works on."""
    path = write_scan(tmp_path / "study/scans/cell [1] {a}.nrrd")
    node = add_volume(session.scene, read_volume(path))
    node.SetAttribute(PATH_ATTRIBUTE, str(path))
    session.set_volume(node)
    session.set_window(Window(10, 240.5))
    return path


def choose(session: Session, **values: object) -> None:
    session.automatic.set_settings(replace(session.automatic.settings, **values))


def asked(job: Job):
    """What the first step of the only scan asks ``rwthsam auto`` for, and its words."""
    ((_, (step, *_others)),) = planned(job)
    given = step.given
    return check(given), given


@pytest.mark.parametrize("name", ["cells.yaml", "cells.json"])
def test_settings_and_window_are_those_of_the_session(session, a_scan, tmp_path, name) -> None:
    choose(session, generator=PRESETS["few large"], mode="exhaustive", min_slices=3, hide_doubtful=False)
    (path,) = save_job(session, tmp_path / "study" / name)
    job = read_job(path)
    request, given = asked(job)
    assert given.volume.resolve() == a_scan.resolve() and not Path(job.scans[0]).is_absolute()
    assert request.choices.generator == PRESETS["few large"]
    assert (request.choices.mode, request.choices.min_slices, given.keep_doubtful) == ("exhaustive", 3, True)
    assert known_window(given, None) == Window(10, 240.5)
    assert [each.command for each in job.steps] == ["auto", "measure"]


OTHERS = {
    "generator": replace(PRESETS["default"], points_per_side=7),
    "mode": "exhaustive",
    "min_slices": 4,
    "grey": Range(None, 1e-5),
    "region_xyxy": (3, 4, 50, 60),
    "hide_doubtful": False,
}
"""Of every setting another value than the usual one."""


@pytest.mark.parametrize("name", settings_of(AutomaticRunSettings))
def test_every_setting_of_automatic_masks_is_in_the_job(session, a_scan, tmp_path, name) -> None:
    choose(session, **{name: OTHERS[name]})
    path, *_ = save_job(session, tmp_path / "job.yaml")
    request, given = asked(read_job(path))
    wanted = replace(AutomaticRunSettings(), **{name: OTHERS[name]})
    assert replace(request.choices, hide_doubtful=not given.keep_doubtful) == wanted
    assert main(["batch", str(path), "--dry-run"]) == 0


@pytest.mark.parametrize(
    ("indices", "axis", "span"), [((1,), "k", [1, 1]), ((2, 0, 1), "k", None), ((5, 7, 6), "j", [5, 7])]
)
def test_the_slices_that_were_chosen_are_in_the_job(session, a_scan, tmp_path, indices, axis, span) -> None:
    (path,) = save_job(session, tmp_path / "job.yaml", [SliceKey(axis, each) for each in indices])
    _, given = asked(read_job(path))
    assert (given.axis, given.range) == (axis, span)


def test_network_device_and_voxel_size_are_in_the_job_where_somebody_chose_them(session, a_scan, tmp_path) -> None:
    (path,) = save_job(session, tmp_path / "job.yaml")
    _, given = asked(read_job(path))
    assert given.voxel_size is None and (given.device, given.backend, given.precision) == ("auto",) * 3
    weights = tmp_path / "own.pth"
    weights.touch()
    session.engine.load(EngineSpec("sam_vit_b", weights, "cpu", "torch", "f32"))
    session.voxel_size.set((0.25, 0.25, 0.5))
    (path,) = save_job(session, tmp_path / "job.yaml")
    _, given = asked(read_job(path))
    assert (given.model, given.weights) == ("sam_vit_b", weights)
    assert (given.device, given.backend, given.precision) == ("cpu", "torch", "f32")
    assert given.voxel_size == [0.25, 0.25, 0.5]
    session.undo()
    assert session.voxel_size.given_mm_ijk is None


def test_small_and_negative_grey_values_are_no_options(session, a_scan, tmp_path) -> None:
    session.set_window(Window(-1e-5, 2.5e-7))
    (path,) = save_job(session, tmp_path / "job.yaml")
    assert known_window(asked(read_job(path))[1], None) == Window(-1e-5, 2.5e-7)


def test_settings_of_ones_own_and_rules_come_with_the_job(session, a_scan, tmp_path) -> None:
    profile = profile_of_names("Cell", ["Can", "Core"])
    session.set_profile(profile)
    session.automatic.set_rules([Rule("core")])
    own = replace(PRESETS["default"], points_per_side=None, point_grids=(((0.25, 0.5),),))
    choose(session, generator=own)
    files = save_job(session, tmp_path / "elsewhere/cells.yaml")
    assert {each.name for each in files} == {"cells.yaml", "cells-settings.json", "cells-profile.json"}
    request, given = asked(read_job(files[0]))
    assert request.choices.generator == own and request.profile == session.profile
    assert given.volume == a_scan  # from elsewhere, so by its full path


def test_a_scan_without_a_file_is_sought_by_its_name(session, tmp_path) -> None:
    data = VolumeData(np.arange(24, dtype=np.uint8).reshape(2, 3, 4), np.eye(4), "uploaded", True)
    session.set_volume(add_volume(session.scene, data))
    (path,) = save_job(session, tmp_path / "job.yaml")
    assert read_job(path).scans == ("uploaded.*",)


def test_without_a_scan_nothing_is_written(session, tmp_path) -> None:
    with pytest.raises(StateError, match="no scan"):
        save_job(session, tmp_path / "job.yaml")
    assert [*tmp_path.iterdir()] == []
