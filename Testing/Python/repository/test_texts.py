"""Texts that must agree with each other, and words that do not belong into a repository."""

from __future__ import annotations

import re
import subprocess

import pytest

import RWTHSAMLib


@pytest.fixture(scope="module")
def tracked_texts(repository):
    names = subprocess.run(["git", "ls-files"], cwd=repository, capture_output=True, text=True, check=True).stdout
    texts = {}
    for name in names.splitlines():
        path = repository / name
        if path.is_file() and path.suffix not in {".png", ".gz", ".nrrd", ".zip"}:
            texts[name] = path.read_text(encoding="utf-8")
    return texts


def test_the_version_is_the_same_everywhere(repository):
    assert f"version: {RWTHSAMLib.__version__}" in (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert f"[{RWTHSAMLib.__version__}]" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_make_target_that_the_readme_names_exists(repository):
    targets = set(re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)", (repository / "README.md").read_text(encoding="utf-8")))
    assert {"run", "test"} <= named <= targets


def test_links_between_documents_lead_somewhere(repository, tracked_texts):
    for name, text in tracked_texts.items():
        if name.endswith(".md"):
            for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
                assert ((repository / name).parent / link).exists(), f"{name}: {link}"


def test_every_python_file_that_a_document_names_is_there(tracked_texts):
    ends = tuple(f"/{name}" for name in tracked_texts if name.endswith(".py"))
    for name, text in tracked_texts.items():
        if name.endswith(".md"):
            for named in re.findall(r"(?<![\w./-])([\w./-]*\w\.py)\b", text):
                assert any(each.endswith(f"/{named}") for each in ends), f"{name}: {named}"


def test_every_folder_that_the_maps_name_is_there(repository, tracked_texts):
    for name in ("README.md", "CONTRIBUTING.md", "Docs/architecture.md", "Docs/README.md"):
        for named in re.findall(r"`([\w.-]+(?:/[\w.-]+)*/)`", tracked_texts[name]):
            places = (repository, repository / "RWTHSAM/RWTHSAMLib")
            assert any((place / named).is_dir() for place in places), f"{name}: {named}"


def test_the_readme_lists_every_package_of_the_library(repository, tracked_texts):
    table = tracked_texts["README.md"].split("| in `RWTHSAM/RWTHSAMLib` |")[1].split("\n\n")[0]
    packages = {each.parent.name for each in (repository / "RWTHSAM/RWTHSAMLib").glob("*/__init__.py")}
    named = {each for line in table.splitlines()[2:] for each in re.findall(r"`([a-z]+)`", line.split("|")[1])}
    assert named == packages


def test_no_file_holds_a_path_of_some_machine(tracked_texts):
    pattern = re.compile(r"(?<![\w.])/(home|work|root|Users)/\w")
    assert not [name for name, text in tracked_texts.items() if pattern.search(text) and "test_texts" not in name]


def test_every_test_file_has_a_name_of_its_own(tracked_texts):
    names = [name.rpartition("/")[2] for name in tracked_texts if "/test_" in name and name.endswith(".py")]
    assert len(names) == len(set(names)), "pytest imports test files by their name alone"
