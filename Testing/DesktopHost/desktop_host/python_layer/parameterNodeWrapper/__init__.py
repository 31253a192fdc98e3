"""Typed parameters over a vtkMRMLScriptedModuleNode: the part of Slicer's package that modules commonly use."""

from .gui import *  # noqa: F403
from .packs import *  # noqa: F403
from .storage import *  # noqa: F403
from .types import *  # noqa: F403
from .validators import *  # noqa: F403
from .wrapping import *  # noqa: F403
