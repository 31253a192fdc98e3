"""A process counts with the memory that it may have, not with that of its computer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from RWTHSAMLib.volumes.memory import memory_bytes, physical_memory_bytes, usable_bytes
from RWTHSAMLib.volumes.memory_limits import group_limit_bytes

GROUPS = {
    "of a job": ("0::/slurm/job_7/step_0\n", {"slurm/job_7/memory.max": "4000", "slurm/memory.max": "max"}, 4000),
    "of a job within a smaller one": ("0::/a/b\n", {"a/memory.max": "10", "a/b/memory.max": "4000"}, 10),
    "of a container": ("0::/\n", {"memory.max": "5000"}, 5000),
    "of version 1": ("9:pids:/\n4:cpu,memory:/job\n", {"memory/job/memory.limit_in_bytes": "6000"}, 6000),
    "none": ("0::/\n", {"memory.max": "max"}, None),
    "no files": ("0::/job\n1:name=systemd:/\n", {}, None),
}


@pytest.mark.parametrize(("groups", "files", "expected"), GROUPS.values(), ids=GROUPS)
def test_the_limit_of_a_group_is_found(tmp_path: Path, groups, files, expected) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(groups, encoding="utf-8")
    for name, text in files.items():
        file = tmp_path / "sys/fs/cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="ascii")
    assert group_limit_bytes(tmp_path) == expected


def test_a_system_without_groups_has_no_limit(tmp_path: Path) -> None:
    assert group_limit_bytes(tmp_path) is None


def test_nothing_is_usable_that_is_not_there() -> None:
    physical, most, usable = physical_memory_bytes(), memory_bytes(), usable_bytes()
    assert physical is not None and most is not None and usable is not None
    assert 0 < usable <= most <= physical


@pytest.mark.parametrize("kind", ["RLIMIT_AS", "RLIMIT_DATA"])
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what a process has so")
def test_a_limit_of_the_process_counts(kind) -> None:
    code = (
        "import resource; from RWTHSAMLib.volumes.memory import usable_bytes;"
        f"resource.setrlimit(resource.{kind}, (1 << 33, resource.RLIM_INFINITY)); print(usable_bytes())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < 1 << 33
