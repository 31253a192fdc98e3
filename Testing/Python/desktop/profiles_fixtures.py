"""Fixtures of the tests of RWTHSAMProfiles."""

from __future__ import annotations

import numpy as np
import pytest
from profiles_parts import REPOSITORY, Panel


@pytest.fixture(scope="module")
def the_profiles_module(the_started_host):
    """The module, loaded by the host of this file."""
    the_started_host.load_module(REPOSITORY / "RWTHSAMProfiles")
    the_started_host.claim_files_of(REPOSITORY / "RWTHSAM")  # its library knows the Qt of this host
    return the_started_host


@pytest.fixture
def a_panel(the_profiles_module, host):
    """The module's panel over an empty scene."""
    panel = Panel(host, host.show_module("RWTHSAMProfiles"))
    yield panel
    assert not host.complaints


@pytest.fixture
def a_cell(a_panel):
    """The panel with a new profile of a cylindrical cell."""
    a_panel.new("Cylindrical cell")
    return a_panel


@pytest.fixture
def a_shown_scan(host, a_panel):  # fixtures of plugins are known to all files: each has a name of its own
    """Small volume on an anisotropic grid, shown in the views."""
    import slicer

    grey = np.random.default_rng(3).integers(0, 4000, (8, 10, 12)).astype(np.uint16)
    node = slicer.util.addVolumeFromArray(grey, name="Scan")
    node.SetSpacing(0.02, 0.02, 0.05)
    node.CreateDefaultDisplayNodes()
    host.show_volume(node)
    return node
