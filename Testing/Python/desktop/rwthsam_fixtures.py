"""Fixtures of the tests of RWTHSAM."""

from __future__ import annotations

import pytest
from rwthsam_parts import REPOSITORY, Module, library_shared_session, noise_volume, temporary_nodes
from scene_parts import NeighbourhoodEngine

from RWTHSAMLib.core.profile import default_profile


@pytest.fixture(scope="module")
def the_rwthsam_module(the_started_host):
    """Both modules, loaded by the host of this file; masks are known in advance."""
    the_started_host.load_module(REPOSITORY / "RWTHSAM")
    the_started_host.load_module(REPOSITORY / "RWTHSAMProfiles")
    import slicer

    library_shared_session().use_client(NeighbourhoodEngine)
    yield the_started_host
    slicer.modules.RWTHSAMWidget.cleanup()


@pytest.fixture
def a_module(the_rwthsam_module, host):
    """The module's panel over an empty scene, nothing chosen."""
    _orient_views(host)
    module = Module(host, host.show_module("RWTHSAM"))
    module.settle()
    module.session.set_profile(default_profile())
    module.session.select_class(default_profile().classes[0].id)
    yield module
    host.close_scene()
    module.session.set_tool("point")
    module.session.set_mode("click")
    host.main_window.select("")
    assert not host.complaints and not temporary_nodes(host.scene)


@pytest.fixture
def a_scan(a_module):
    """The module with a small scan chosen."""
    volume = noise_volume()
    a_module.choose(volume)
    return volume


def _orient_views(host) -> None:
    """Red, Yellow and Green as in a new scene."""
    for view, orientation in (("Red", "Axial"), ("Yellow", "Sagittal"), ("Green", "Coronal")):
        host.user.view(view).mrmlSliceNode().SetOrientation(orientation)
