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


@pytest.fixture
def extension(repository):
    """What the top CMakeLists says of the extension, by its names there without ``EXTENSION_``."""
    top = (repository / "CMakeLists.txt").read_text(encoding="utf-8")
    return dict(re.findall(r'^set\(EXTENSION_(\w+) "([^"]*)"\)', top, re.MULTILINE))


@pytest.fixture
def catalogue_entry(repository):
    return json.loads((repository / "RWTHSAM.json").read_text(encoding="utf-8"))


@pytest.fixture
def older_entry(repository):
    """Keys and values of the ``.s4ext`` file."""
    lines = (repository / "RWTHSAM.s4ext").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))


def test_the_older_entry_says_what_the_catalogue_entry_says(catalogue_entry, older_entry):
    assert older_entry["scm"] == catalogue_entry["scm_type"]
    assert older_entry["scmurl"] == catalogue_entry["scm_url"]
    assert older_entry["scmrevision"] == catalogue_entry["scm_revision"]
    assert older_entry["build_subdirectory"] == catalogue_entry["build_subdirectory"]
    assert older_entry["category"] == catalogue_entry["category"]
    assert older_entry["depends"].split() == catalogue_entry["build_dependencies"]
    assert (older_entry["enabled"] == "1") == catalogue_entry.get("enabled", True)


def test_the_older_entry_says_what_the_build_says(extension, older_entry):
    names = {"homepage": "HOMEPAGE", "contributors": "CONTRIBUTORS", "category": "CATEGORY", "iconurl": "ICONURL",
             "description": "DESCRIPTION", "screenshoturls": "SCREENSHOTURLS", "depends": "DEPENDS"}  # fmt: skip
    assert {key: older_entry[key] for key in names} == {key: extension[name] for key, name in names.items()}


def test_pytorch_is_declared_for_build_and_catalogue(extension, catalogue_entry):
    assert extension["DEPENDS"] == "PyTorch" and catalogue_entry["build_dependencies"] == ["PyTorch"]


def test_contributors_are_named_with_their_institution(repository, extension):
    pattern = r"[^()]+ \([^()]+\)(, [^()]+ \([^()]+\))*"
    assert re.fullmatch(pattern, extension["CONTRIBUTORS"])
    for module in MODULES:
        text = (repository / module / f"{module}.py").read_text(encoding="utf-8")
        assert f'contributors = ["{extension["CONTRIBUTORS"]}"]' in text


def test_the_placeholder_address_is_one_and_is_called_that(repository, extension, catalogue_entry, older_entry):
    address = extension["HOMEPAGE"]
    assert catalogue_entry["scm_url"] == f"{address}.git" == older_entry["scmurl"]
    raw = address.replace("github.com", "raw.githubusercontent.com")
    assert extension["ICONURL"].startswith(raw) and extension["SCREENSHOTURLS"].startswith(raw)
    text = (repository / "Docs" / "publishing.md").read_text(encoding="utf-8")
    assert f"`{address}`" in text and "**placeholder**" in text


def test_modules_name_those_that_they_use(repository):
    text = (repository / "RWTHSAM" / "RWTHSAM.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"(\w+)"', re.search(r"parent\.dependencies = \[(.*)\]", text).group(1)))
    assert {"Segmentations", "Markups", "VolumeRendering"} <= named
    used = set()
    for path in (repository / "RWTHSAM").rglob("*.py"):
        used |= set(re.findall(r"slicer\.modules\.(\w+)\.", path.read_text(encoding="utf-8")))
    assert used <= {each.lower() for each in named}
