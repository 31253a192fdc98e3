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


def test_no_file_holds_a_path_of_some_machine(tracked_texts):
    pattern = re.compile(r"(?<![\w.])/(home|work|root|Users)/\w")
    assert not [name for name, text in tracked_texts.items() if pattern.search(text) and "test_texts" not in name]


def test_every_test_file_has_a_name_of_its_own(tracked_texts):
    names = [name.rpartition("/")[2] for name in tracked_texts if "/test_" in name and name.endswith(".py")]
    assert len(names) == len(set(names)), "pytest imports test files by their name alone"
