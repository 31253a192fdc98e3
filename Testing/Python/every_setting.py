"""Everything that a person can set: each field of each class of settings."""

from __future__ import annotations

import importlib
import pkgutil
from typing import get_origin

from RWTHSAMLib.core import settings
from RWTHSAMLib.core.settings.codec import Settings
from RWTHSAMLib.core.settings.setting import Setting, settings_of


def every_kind() -> list[type[Settings]]:
    """The classes of settings, by name."""
    for module in pkgutil.iter_modules(settings.__path__, f"{settings.__name__}."):
        importlib.import_module(module.name)
    ours = (each for each in Settings.__subclasses__() if each.__module__.startswith(settings.__name__))
    return sorted(ours, key=lambda each: each.__name__)


def every_setting() -> list[Setting]:
    """Their fields, but those that hold settings themselves."""
    return [each for kind in every_kind() for each in settings_of(kind).values() if _is_plain(each)]


def settings_without(said: str) -> set[str]:
    """The fields whose help does not stand in a text, as ``Class.field``."""
    kinds = {kind.__name__: settings_of(kind) for kind in every_kind()}
    return {
        f"{kind}.{name}"
        for kind, fields in kinds.items()
        for name, each in fields.items()
        if _is_plain(each) and each.help not in said
    }


def _is_plain(setting: Setting) -> bool:
    kind = setting.kind
    return not (isinstance(kind, type) and issubclass(kind, Settings)) and "Mapping" not in str(get_origin(kind))
