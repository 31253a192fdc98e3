"""Sample data: registered with what Slicer asks for, made by its own ways, and fetched from nowhere."""

from __future__ import annotations

import urllib.parse
import urllib.request
from pathlib import Path

import pytest

pytest_plugins = ["rwthsam_fixtures"]

SHAPES_IJK = {"RWTHSAMCylindricalCell": None, "RWTHSAMPouchCell": (256, 256, 96)}


@pytest.fixture
def the_samples(a_module):
    """Sources of this extension by name."""
    import slicer

    return {each.sampleName: each for each in slicer.modules.sampleDataSources["RWTHSAM"]}


@pytest.mark.parametrize("name", SHAPES_IJK)
def test_every_sample_has_a_true_address_on_this_computer(the_samples, name):
    (address,) = the_samples[name].uris
    parts = urllib.parse.urlparse(address)
    assert parts.scheme == "file" and Path(urllib.request.url2pathname(parts.path)).is_file()
    assert the_samples[name].fileNames and the_samples[name].nodeNames == [name]


def test_a_sample_asked_for_by_name_is_made_with_its_profile(a_module, the_samples):
    import SampleData

    node = SampleData.downloadSample("RWTHSAMPouchCell")
    a_module.settle()
    assert node.GetName() == "RWTHSAMPouchCell" and node.GetImageData().GetDimensions() == (256, 256, 96)
    profiles = a_module.ui.profileSelector
    assert profiles.nodeCount() == 1 and profiles.nodeFromIndex(0).GetName() == "Pouch cell"
    a_module.choose(node)
    assert a_module.session.volume_node is node


def test_registering_twice_offers_every_sample_once(a_module, the_samples):
    import slicer

    slicer.modules.RWTHSAMInstance.register()
    assert len(slicer.modules.sampleDataSources["RWTHSAM"]) == len(SHAPES_IJK)
    assert not a_module.host.complaints


@pytest.mark.parametrize("content", [b"", b"cube", b"\xff\xfe", b"pouch" * 1000])
def test_a_recipe_of_no_phantom_is_refused_in_a_sentence_and_adds_no_node(a_module, tmp_path, content):
    import slicer

    path = tmp_path / "mine.rwthsam-phantom"
    path.write_bytes(content)
    count = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(RuntimeError, match="names no phantom: expected cylindrical or pouch"):
        slicer.util.loadNodeFromFile(str(path), "RWTHSAMPhantom")
    assert slicer.mrmlScene.GetNumberOfNodes() == count


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"uris": ["https://example.org/a.nrrd"]},
        {"uris": ["https://example.org/a.nrrd"], "fileNames": ["a.nrrd", "b.nrrd"]},
    ],
)
def test_the_host_refuses_a_sample_whose_fields_slicer_refuses(a_module, given):
    import SampleData

    with pytest.raises((TypeError, ValueError)):
        SampleData.SampleDataSource(sampleName="none", customDownloader=print, **given)
