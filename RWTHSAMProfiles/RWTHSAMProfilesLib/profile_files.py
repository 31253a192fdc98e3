"""Which files are segmentation profiles, told quickly and without opening foreign ones.

Several programs write JSON, and Slicer asks every reader about every file that is dropped on it.
"""

from __future__ import annotations

import re
from pathlib import Path

from RWTHSAMLib.core.json_document import MAX_BYTES, Json, parse_document
from RWTHSAMLib.core.profile import FORMAT, MAX_CLASSES
from RWTHSAMLib.errors import ProfileError

FILE_TYPE = "RWTHSAMProfile"
NAME_FILTER = "Segmentation profile (*.json)"

_CERTAIN = 0.9
# more than the text reader's 0.55 for any JSON, less than what a reader claims that knows the format
_LIKELY = 0.6
_ENDINGS = (".json", ".txt")
_BEGINS_AS_PROFILE = re.compile(rb'\s*\{\s*"format"\s*:\s*"' + FORMAT.encode() + rb'"')


def confidence_of(path: str) -> float:
    """How surely a file is a segmentation profile.

    0.9 for one that calls itself so, damaged or not, so that its reader can say what is wrong with it; 0.6 for a list
    of class names as RWTH-SAM writes it, which other programs may write as well; 0.0 for everything else, for files
    that cannot be read, and for files larger than any profile. Profiles end in ``.json``, or in ``.txt`` where Slicer
    put them beside a scene.
    """
    data = _contents(Path(path))
    if data is None or (b'"classes"' not in data and FORMAT.encode() not in data):
        return 0.0
    try:
        document = parse_document(data, ProfileError).value
    except ProfileError:
        return _CERTAIN if _BEGINS_AS_PROFILE.match(data.removeprefix(b"\xef\xbb\xbf")) else 0.0
    if isinstance(document, dict) and document.get("format") == FORMAT:
        return _CERTAIN
    return _LIKELY if _is_list_of_class_names(document) else 0.0


def _contents(path: Path) -> bytes | None:
    if not path.name.lower().endswith(_ENDINGS):
        return None
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        return path.read_bytes()
    except OSError:
        return None


def _is_list_of_class_names(document: Json) -> bool:
    if not isinstance(document, dict) or set(document) != {"classes"}:
        return False
    names = document["classes"]
    return isinstance(names, list) and 1 <= len(names) <= MAX_CLASSES and all(isinstance(name, str) for name in names)
