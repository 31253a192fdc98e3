# What type checkers know of the application: nothing, but for what the files beside this one say.
from typing import Any

from . import i18n as i18n
from . import util as util

def __getattr__(name: str) -> Any: ...
