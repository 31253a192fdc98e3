"""The catalogue offers what the original offers and more, with addresses, licences and names a person can act on."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from RWTHSAMLib.errors import ModelError
from RWTHSAMLib.models.catalogue import CATALOGUE, ModelEntry, model

EVERY_ENTRY = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE.keys())
FETCHED = {name: each for name, each in CATALOGUE.items() if not each.is_own}


def test_every_network_of_the_original_and_the_light_ones_are_there():
    offered = {(each.family, each.architecture) for each in CATALOGUE.values()}
    assert offered == {
        *(("sam", size) for size in ("vit_b", "vit_l", "vit_h")),
        *(("sam_hq", size) for size in ("vit_b", "vit_l", "vit_h", "vit_tiny")),
        ("mobile_sam", "vit_t"),
        ("medsam", "vit_b"),
        *(("sam2_1", size) for size in ("hiera_tiny", "hiera_small", "hiera_base_plus", "hiera_large")),
        ("rwthsam_net", "net"),
    }


def test_an_entry_is_found_by_its_name():
    for name, entry in CATALOGUE.items():
        assert model(name) is entry
        size = "" if entry.input_size == 1024 else f"_{entry.input_size}"
        assert entry.name == name == (entry.family if entry.is_own else f"{entry.family}_{entry.architecture}{size}")


def test_an_unknown_name_is_answered_with_all_the_known_ones():
    with pytest.raises(ModelError) as refused:
        model("sam_vit_z")
    assert all(name in str(refused.value) for name in ("sam_vit_z", *CATALOGUE))


@pytest.mark.parametrize("entry", FETCHED.values(), ids=FETCHED.keys())
def test_weights_come_from_an_official_address_over_https(entry: ModelEntry):
    address = urlsplit(entry.url)
    assert address.scheme == "https"
    assert address.hostname in {
        "dl.fbaipublicfiles.com",
        "huggingface.co",
        "raw.githubusercontent.com",
        "zenodo.org",
    }
    assert entry.file_name.endswith((".pth", ".pt"))


@EVERY_ENTRY
def test_licence_and_checks_are_stated_in_a_usable_form(entry: ModelEntry):
    assert re.fullmatch(r"Apache-2\.0|MIT|CC-BY-4\.0", entry.licence)
    assert entry.sha256 is None or re.fullmatch("[0-9a-f]{64}", entry.sha256)


@EVERY_ENTRY
def test_a_stated_size_fits_the_number_of_parameters(entry: ModelEntry):
    # float32 tensors and a little for their names; relative position tables are buffers of some networks
    if entry.size_bytes is not None:
        assert entry.size_bytes == pytest.approx(4 * entry.parameter_count, rel=0.01)


def test_sizes_are_written_for_people():
    assert model("mobile_sam_vit_t").size_text == "41 MB"
    assert model("sam_vit_h").size_text == "2.6 GB"
    assert model("medsam_vit_b").size_text == "about 375 MB"


def test_no_two_models_share_a_file_but_for_their_input_size():
    assert len({(each.file_name, each.input_size) for each in CATALOGUE.values()}) == len(CATALOGUE)
    assert len({(each.file_name, each.sha256, each.url) for each in CATALOGUE.values()}) == len(
        {each.file_name for each in CATALOGUE.values()}
    )
