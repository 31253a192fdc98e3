"""An error in one line, for people."""

from __future__ import annotations

from ...errors import RwthSamError

TOO_LITTLE_MEMORY = "This needs more memory than the computer has: crop or shrink the scan, or use a larger machine."


def one_line(error: BaseException, unexpected: str = "report it please") -> str:
    """What went wrong, without line breaks.

    Parameters
    ----------
    error : BaseException
    unexpected : str
        What to do about an error that nobody foresaw.
    """
    text = " ".join(str(error).split())
    if isinstance(error, RwthSamError):
        return text
    if isinstance(error, MemoryError):
        return TOO_LITTLE_MEMORY
    return f"unexpected {type(error).__name__}: {text} ({unexpected})"
