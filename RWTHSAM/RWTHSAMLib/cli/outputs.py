"""Where a command writes to, looked at before its work begins: what cannot be written must not be known hours later."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ..core.slices import Axis
from ..core.system.atomic_file import check_can_be_written
from ..errors import InputError, SettingsError

_SEGMENTATION = ".seg.nrrd"


def check_outputs(outputs: Iterable[Path | None], inputs: Iterable[Path | None] = ()) -> None:
    """Raise `InputError` unless every output can be written, and is neither an input nor another output.

    Parameters
    ----------
    outputs, inputs : iterable of Path
        Files; None stands for one that was not given.
    """
    given = [each for each in outputs if each is not None]
    for number, path in enumerate(given):
        for other in (each for each in inputs if each is not None):
            if _is_same(path, other):
                raise InputError(f"The output '{path}' is the same file as the input '{other}': give another name.")
        for other in given[:number]:
            if _is_same(path, other):
                raise InputError(f"'{path}' and '{other}' are the same file: each output needs another file.")
        check_can_be_written(path)


def check_ending(path: Path | None, *endings: str) -> None:
    """Raise `SettingsError` unless a name ends in one of these."""
    if path is not None and not path.name.lower().endswith(endings):
        raise SettingsError(f"The name of this output ends in {' or '.join(endings)}, but '{path.name}' does not.")


def check_beside(path: Path, first_words: Sequence[str], option: str) -> None:
    """Raise `InputError` if a file that nobody named would replace one that is something else.

    Parameters
    ----------
    path : Path
        Beside an output that was named.
    first_words : sequence of str
        What the first line of such a file begins with, separated by commas: an earlier one may be replaced.
    option : str
        What to do instead, for the message.
    """
    if not os.path.lexists(path):
        return
    try:
        with path.open("rb") as file:
            start = file.readline(1 << 12).decode("utf-8", "replace")
    except OSError:
        start = ""
    if not start.startswith(",".join(first_words)):
        raise InputError(f"'{path}' is there already and is something else; it is not replaced unasked: {option}.")


def beside(output: Path, ending: str) -> Path:
    """A file beside a segmentation: ``cell-objects.csv`` beside ``cell.seg.nrrd``."""
    return output.with_name(output.name.removesuffix(_SEGMENTATION) + ending)


def table_beside(
    output: Path, named: Path | None, ending: str, columns: Sequence[str], inputs: Iterable[Path | None]
) -> Path:
    """Where the table of a segmentation goes, all outputs checked.

    Parameters
    ----------
    output : Path
        The segmentation.
    named : Path, optional
        The table, if somebody named it by ``--csv``.
    ending : str
        Of the table's name beside the segmentation, if nobody did; then only an earlier table is replaced.
    columns : sequence of str
        Its first line.
    inputs : iterable of Path
        Files that must not be overwritten.
    """
    check_ending(named, ".csv")
    table = named or beside(output, ending)
    check_outputs((output, table), inputs)
    if named is None:
        check_beside(table, columns, "give another name by --csv")
    return table


def along_beside(
    output: Path, endings: Sequence[str], axis: Axis | None, columns: Sequence[str], inputs: Iterable[Path | None]
) -> Path | None:
    """Where the table of slices beside a table goes, all outputs checked; None where there is none.

    Parameters
    ----------
    output : Path
        A table, or JSON, in which the slices have room.
    endings : sequence of str
        Of names that an output may have.
    axis : str, optional
        That slices lie across, if they are told of.
    columns : sequence of str
        What the first line of such a file begins with.
    inputs : iterable of Path
        Files that must not be overwritten.
    """
    check_ending(output, *endings)
    table: Path | None = None
    if axis is not None and output.name.lower().endswith(".csv"):
        table = output.with_name(f"{output.stem}-along-{axis}.csv")
    check_outputs((output, table), inputs)
    if table is not None:
        check_beside(table, columns, "give another name by --output")
    return table


def write_and_name(*files: tuple[Path | None, Callable[[Path], None]]) -> None:
    """Write files, each by its own function, and print the name of each that is there.

    None stands for one that is not wanted.
    """
    for path, write in files:
        if path is not None:
            write(path)
            print(path)


def _is_same(first: Path, second: Path) -> bool:
    # unlike those of pathlib, these take names that are too long
    if os.path.exists(first) and os.path.exists(second):  # noqa: PTH110
        return first.samefile(second)
    # names that differ in capitals alone are the same file on some systems
    one, other = (str(_resolved(each)).casefold() for each in (first, second))
    return one == other


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path.absolute()
