"""The order of the files of a stack, told by the numbers in their names; and what is odd about them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...errors import VolumeError
from .kinds import ALL, has_ending

_NUMBERS = re.compile(r"\d+")
_MOST_NAMED = 3
_ONLY_ONE_SCAN = "Keep only the slices of one scan in the folder."


def natural_order(paths: Iterable[Path]) -> list[Path]:
    """Paths sorted by name as people count: slice_2 before slice_10."""

    def key(path: Path) -> tuple[list[tuple[int, str]], str]:
        # digits sort before letters; a plain split would compare numbers with text
        parts = re.findall(r"\d+|\D+", path.name.lower())
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name

    return sorted(paths, key=key)


def ordered_slices(paths: Iterable[Path]) -> tuple[list[Path], tuple[str, ...]]:
    """The slices of one scan in their order, and what is to be said of it.

    Raises
    ------
    VolumeError
        If a name is of another kind than the others, or two slices have the same number.
    """
    ordered = natural_order(paths)
    if len(ordered) == 1:
        return ordered, ()
    _check_one_kind(ordered)
    fields = [tuple(int(number) for number in _NUMBERS.findall(_stem(path))) for path in ordered]
    varying = [index for index in range(len(fields[0])) if len({each[index] for each in fields}) > 1]
    if not fields[0]:
        return ordered, ("The names of the slices hold no numbers; the slices were ordered by the alphabet.",)
    counting = [index for index in varying if len({each[index] for each in fields}) == len(fields)]
    if not counting:
        _refuse_repeated(ordered, fields, varying)
    by_number = sorted(zip((each[counting[-1]] for each in fields), ordered, strict=True))
    return [path for _, path in by_number], _gaps(by_number)


def listed(paths: Sequence[Path]) -> str:
    """A few names, and how many more."""
    names = ", ".join(f"'{path.name}'" for path in paths[:_MOST_NAMED])
    more = len(paths) - _MOST_NAMED
    return f"{names} and {more} more" if more > 0 else names


def refuse_dead_links(folder: Path) -> None:
    """Raise `VolumeError` for a link to a slice that is not there: it would be missing without a word."""
    dead = [each for each in folder.iterdir() if each.is_symlink() and not each.exists()]
    slices = [each for each in dead if not each.suffix or has_ending(each, ALL)]
    if slices:
        raise VolumeError(
            f"Folder '{folder}' holds links to files that are not there: {listed(natural_order(slices))}. "
            "Fetch the files, or take the links away."
        )


def _stem(path: Path) -> str:
    """The name without its ending, in small letters."""
    name = path.name.lower()
    return name.removesuffix(".gz").rpartition(".")[0] or name


def _check_one_kind(paths: list[Path]) -> None:
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        kinds[_NUMBERS.sub("#", _stem(path))].append(path)
    if len(kinds) == 1 or (len(kinds) == len(paths) and not any("#" in kind for kind in kinds)):
        return
    fewest = min(kinds.values(), key=len)
    most = max(kinds.values(), key=len)
    raise VolumeError(
        f"Folder '{paths[0].parent}' holds files with names of different kinds: "
        f"{listed(fewest)} beside {listed(most)}. " + _ONLY_ONE_SCAN
    )


def _refuse_repeated(paths: list[Path], fields: list[tuple[int, ...]], varying: list[int]) -> None:
    # the number that repeats least is the one that was meant to count
    field = max(varying or [0], key=lambda index: len({each[index] for each in fields}))
    count_of = Counter(each[field] for each in fields)
    number = next(each for each, count in count_of.items() if count > 1)
    twice = [path for path, each in zip(paths, fields, strict=True) if each[field] == number]
    raise VolumeError(
        f"Folder '{paths[0].parent}' holds the slice number {number} more than once: {listed(twice)}. " + _ONLY_ONE_SCAN
    )


def _gaps(by_number: list[tuple[int, Path]]) -> tuple[str, ...]:
    numbers = [number for number, _ in by_number]
    steps = [after - before for before, after in zip(numbers, numbers[1:], strict=False)]
    usual = Counter(steps).most_common(1)[0][0]
    wide = [index for index, step in enumerate(steps) if step != usual]
    if not wide:
        return ()
    if all(steps[index] > usual and steps[index] % usual == 0 for index in wide) and 2 * len(wide) <= len(steps):
        count = sum(steps[index] // usual - 1 for index in wide)
        first = wide[0]
        return (
            f"{count} {'slice seems' if count == 1 else 'slices seem'} to be missing, the first between "
            f"'{by_number[first][1].name}' and '{by_number[first + 1][1].name}'; "
            "the slices were stacked as if none were.",
        )
    return (
        f"The numbers of the slices go on in unequal steps ({min(steps)} to {max(steps)}); "
        "the slices were stacked as if they were equal.",
    )
