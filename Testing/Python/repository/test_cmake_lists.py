"""What Slicer would install is what the tree holds."""

from __future__ import annotations

import importlib.util
import json
import re

import pytest

MODULES = ("RWTHSAM", "RWTHSAMProfiles")


@pytest.fixture
def the_list_writer(repository):
    spec = importlib.util.spec_from_file_location("update_cmake_lists", repository / "Utilities/update_cmake_lists.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("module", MODULES)
def test_the_lists_equal_the_tree(repository, the_list_writer, module):
    text = (repository / module / "CMakeLists.txt").read_text(encoding="utf-8")
    expected = the_list_writer.with_lists(text, repository / module)
    assert text == expected, "run 'make cmake-lists'"


@pytest.mark.parametrize("module", MODULES)
def test_every_file_below_the_module_is_listed_once(repository, the_list_writer, module):
    text = (repository / module / "CMakeLists.txt").read_text(encoding="utf-8")
    scripts, resources = the_list_writer.files_of(repository / module)
    for name in [*scripts, *resources]:
        assert len(re.findall(rf"^  {re.escape(name)}$", text, re.MULTILINE)) == 1, name


def test_module_names_agree_everywhere(repository):
    top = (repository / "CMakeLists.txt").read_text(encoding="utf-8")
    assert re.search(r"^project\(RWTHSAM\)$", top, re.MULTILINE)
    for module in MODULES:
        assert f"add_subdirectory({module})" in top
        own = (repository / module / "CMakeLists.txt").read_text(encoding="utf-8")
        assert f"set(MODULE_NAME {module})" in own


def test_the_catalogue_entry_holds_what_its_schema_asks_for(repository):
    entry = json.loads((repository / "RWTHSAM.json").read_text(encoding="utf-8"))
    allowed = {"$schema", "category", "scm_url", "scm_revision", "scm_type", "build_dependencies"}
    assert {"$schema", "category", "scm_url"} <= entry.keys() <= allowed | {"build_subdirectory", "enabled", "tier"}
    assert entry["scm_url"].startswith("https://")
    assert entry["scm_url"].rsplit("/", 1)[1].startswith("Slicer")


@pytest.mark.parametrize("name", ["EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS"])
def test_picture_addresses_are_quoted_and_their_files_exist(repository, name):
    top = (repository / "CMakeLists.txt").read_text(encoding="utf-8")
    address = re.search(rf'set\({name} "([^"]+)"\)', top).group(1)
    assert (repository / address.split("/main/", 1)[1]).is_file()
