"""Names of uploaded files: what a browser says, made safe for any file system, or refused."""

from __future__ import annotations

from RWTHSAMLib.errors import InputError

_MOST_BYTES = 200
_RESERVED = {"con", "prn", "aux", "nul", *(f"{each}{n}" for each in ("com", "lpt") for n in "0123456789¹²³")}
_PLAIN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
"""What some file systems do not take."""


def name_of_upload(sent: str) -> str:
    """The last part of a name, which leads into no other folder.

    Parameters
    ----------
    sent : str
        As it came; a browser may send folders with it.

    Raises
    ------
    InputError
        If no file can be called so on Linux, Windows and macOS.
    """
    name = sent.replace("\\", "/").rpartition("/")[2]
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise InputError("The file's name is not readable text (UTF-8): rename the file, then try again.") from None
    if not name.strip(". "):
        raise InputError("The file has no name: rename it, then try again.")
    if size > _MOST_BYTES:
        raise InputError(f"The file's name is longer than {_MOST_BYTES} bytes: rename the file, then try again.")
    if any(each < " " or each == "\x7f" for each in name):
        raise InputError("The file's name holds a control character: rename the file, then try again.")
    if name != name.strip() or name.endswith(".") or name.partition(".")[0].strip().lower() in _RESERVED:
        raise InputError(f"Not every system takes a file called {name!r}: rename it, then try again.")
    return name.translate(_PLAIN)
