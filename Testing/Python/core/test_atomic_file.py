"""Files are old or new, never half of each, and never somebody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from RWTHSAMLib.core.system.atomic_file import check_can_be_written, filling, replacing, write_text
from RWTHSAMLib.errors import InputError

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


@pytest.fixture
def an_old_file(tmp_path) -> Path:
    path = tmp_path / "cell.csv"
    path.write_text("old")
    return path


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_file_is_replaced_and_nothing_else_is_left(an_old_file) -> None:
    write_text(an_old_file, "new")
    assert an_old_file.read_text() == "new" and names_in(an_old_file.parent) == ["cell.csv"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("a defect")])
def test_whatever_fails_leaves_the_old_file_alone(an_old_file, error) -> None:
    with pytest.raises(InputError if isinstance(error, OSError) else type(error)), replacing(an_old_file) as path:
        path.write_text("half of")
        raise error
    assert an_old_file.read_text() == "old" and names_in(an_old_file.parent) == ["cell.csv"]


def test_folders_that_were_made_for_a_file_that_did_not_come_are_gone(tmp_path) -> None:
    with pytest.raises(InputError, match="nothing came"), replacing(tmp_path / "new" / "folder" / "cell.csv"):
        pass
    assert not names_in(tmp_path)


def test_an_empty_file_never_takes_the_place_of_a_good_one(an_old_file) -> None:
    with pytest.raises(InputError, match="nothing came"):
        write_text(an_old_file, "")
    assert an_old_file.read_text() == "old"


def test_a_file_that_is_not_whole_never_takes_the_place_of_a_good_one(an_old_file) -> None:
    def check(path: Path) -> None:
        raise InputError("it is cut short")

    with pytest.raises(InputError, match="cut short"), replacing(an_old_file, check) as path:
        path.write_text("half of")
    assert an_old_file.read_text() == "old" and names_in(an_old_file.parent) == ["cell.csv"]


@needs_links
def test_a_link_stays_a_link_and_its_file_is_replaced(tmp_path, an_old_file) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.csv"
    link.symlink_to(an_old_file)
    write_text(link, "new")
    assert link.is_symlink() and an_old_file.read_text() == "new"
    with filling(tmp_path / "elsewhere") as folder:
        (folder / "link.csv").write_text("newer")
    assert link.is_symlink() and an_old_file.read_text() == "newer"


@needs_links
def test_a_link_that_leads_back_to_itself_is_told(tmp_path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(link)
    for write in (check_can_be_written, lambda path: write_text(path, "new")):
        with pytest.raises(InputError, match="link.csv"):
            write(link)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_permissions_are_kept(an_old_file) -> None:
    an_old_file.chmod(0o640)
    write_text(an_old_file, "new")
    assert an_old_file.stat().st_mode & 0o777 == 0o640


def test_names_as_long_as_they_may_be_can_be_written(tmp_path) -> None:
    path = tmp_path / ("n" * 251 + ".csv")
    write_text(path, "new")
    assert path.read_text() == "new"


def write_protected(path: Path) -> Path:
    path.chmod(0o444)
    return path


def a_device(path: Path) -> Path:
    return Path(os.devnull)


@pytest.mark.parametrize(
    "place, said",
    [
        (lambda old: old / "cell.csv", "is a file, not a folder"),
        (lambda old: old / "deeper" / "cell.csv", "is a file, not a folder"),
        (lambda old: old.parent, "a folder of that name"),
        (lambda old: old.with_name("n" * 300), "name is too long"),
        (lambda old: old.with_name("a\0b"), "null"),
        (lambda old: old.with_name("a\udcff.csv"), "not UTF-8"),
        (write_protected, "write-protected"),
        pytest.param(a_device, "a device", marks=pytest.mark.skipif(sys.platform == "win32", reason="no such file")),
    ],
    ids=[
        "parent-is-a-file",
        "ancestor-is-a-file",
        "folder",
        "long",
        "null-byte",
        "no-text",
        "protected",
        "device",
    ],
)
def test_what_cannot_be_written_is_known_before_and_said(an_old_file, place, said) -> None:
    path = place(an_old_file)
    with pytest.raises(InputError, match=said):
        check_can_be_written(path)
    assert names_in(an_old_file.parent) == ["cell.csv"] and an_old_file.read_text() == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_write_protected_folder_is_known_before(tmp_path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    folder.chmod(0o555)
    try:
        with pytest.raises(InputError, match="write-protected"):
            check_can_be_written(folder / "new" / "cell.csv")
    finally:
        folder.chmod(0o755)


def test_of_several_files_none_comes_where_one_cannot(tmp_path) -> None:
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(InputError, match="a folder of that name"), filling(tmp_path) as folder:
        for name in ("a.csv", "b.csv"):
            (folder / name).write_text("new")
    assert names_in(tmp_path) == ["b.csv"]


_WRITES = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from RWTHSAMLib.core.system.atomic_file import filling, replacing

with {"replacing": replacing, "filling": filling}[sys.argv[2]](Path(sys.argv[3])) as place:
    (place if sys.argv[2] == "replacing" else place / "a.csv").write_text("other")
    print("writing", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def a_writer(repository: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Function that starts a process, which is in the middle of writing a place then, until it is told to go on."""
    started: list[subprocess.Popen[str]] = []

    def start(how: str, path: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _WRITES, str(repository / "RWTHSAM"), how, str(path)]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "writing\n"
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.communicate()


def write_folder(folder: Path) -> None:
    with filling(folder) as unfinished:
        (unfinished / "a.csv").write_text("new")


@pytest.mark.parametrize("how", ["replacing", "filling"])
def test_what_a_killed_process_left_is_gone_after_the_next_run_of_the_same_output(a_writer, tmp_path, how) -> None:
    path, write = (tmp_path / "a.csv", write_text) if how == "replacing" else (tmp_path, lambda at, _: write_folder(at))
    killed = a_writer(how, path)
    killed.kill()
    killed.wait()
    assert len(names_in(tmp_path)) == 1
    write_text(tmp_path / "other.csv", "another output")
    assert len(names_in(tmp_path)) == 2
    write(path, "new")
    assert names_in(tmp_path) == ["a.csv", "other.csv"]


def test_a_look_whether_a_file_can_be_written_removes_it_too(a_writer, an_old_file) -> None:
    killed = a_writer("replacing", an_old_file)
    killed.kill()
    killed.wait()
    check_can_be_written(an_old_file)
    assert names_in(an_old_file.parent) == ["cell.csv"]


@pytest.mark.parametrize("how", ["replacing", "filling"])
def test_what_a_living_process_is_at_is_left_alone(a_writer, tmp_path, how) -> None:
    path, write = (tmp_path / "a.csv", write_text) if how == "replacing" else (tmp_path, lambda at, _: write_folder(at))
    living = a_writer(how, path)
    write(path, "new")
    assert len(names_in(tmp_path)) == 2
    living.communicate("go on\n")
    assert living.returncode == 0
    assert names_in(tmp_path) == ["a.csv"] and (tmp_path / "a.csv").read_text() == "other"
