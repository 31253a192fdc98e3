"""Packages that are not installed are named, with how to install them."""

from __future__ import annotations

import json

import pytest

from RWTHSAMLib.core.system.optional_package import optional_package
from RWTHSAMLib.errors import DependencyMissing


def test_a_package_that_is_there_is_given():
    assert optional_package("json", "These tests") is json


@pytest.mark.parametrize(("package", "named"), [("", "no_such_package"), ("no-such-package", "no-such-package")])
def test_a_missing_package_is_named_as_pip_calls_it(package, named):
    with pytest.raises(DependencyMissing, match=f"Pictures need the package {named}: pip install {named}"):
        optional_package("no_such_package", "Pictures", package)
