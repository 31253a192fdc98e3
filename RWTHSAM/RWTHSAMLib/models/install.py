"""What Segment Anything models need beside the page, as this distribution names it."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires

from ..errors import DependencyMissing

_DISTRIBUTION = "rwthsam"
_OF_TORCH = re.compile(r"""extra\s*==\s*["']torch["']""")


def torch_requirements() -> list[str]:
    """Requirements of the extra ``torch``, as pip takes them.

    Raises
    ------
    DependencyMissing
        If this program was not installed with pip, which would know them.
    """
    try:
        listed = requires(_DISTRIBUTION) or []
    except PackageNotFoundError as error:
        raise DependencyMissing(
            "This program was not installed with pip, so what its models need is not known here: "
            "pip install 'rwthsam[torch]', or in Slicer the button of the section Model."
        ) from error
    halves = (each.partition(";") for each in listed)
    return [requirement.strip() for requirement, _, marker in halves if _OF_TORCH.search(marker)]
