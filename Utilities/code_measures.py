"""How well the code is kept, in numbers: rooms, circles of imports, docstrings with shapes, repetitions, ignores.

python Utilities/code_measures.py              # a table of the tree as it is
python Utilities/code_measures.py --folders    # and the modules in each folder
python Utilities/code_measures.py --circles    # and the files of each circle of imports
python Utilities/code_measures.py --numbers    # and the numbers at the top of modules of which nothing is said
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PRODUCT = ("RWTHSAM", "RWTHSAMProfiles", "RWTHSAMWeb")
ROOTS = ("RWTHSAM", "RWTHSAMProfiles", "Testing/DesktopHost", ".")
"""Folders that imports start from, the most specific first."""
WORDS_OF_ARRAYS = (
    "mm um nm kji ijk xyxy xy RAS LPS world pixel pixels voxel voxels seconds bytes degrees dtype bool uint8"
)
SHAPE_OR_UNIT = re.compile(r"\([\w, ]+,[\w, ]*\)|\bfloat\d*\b|\b(" + "|".join(WORDS_OF_ARRAYS.split()) + r")\b")
ARRAYS = re.compile(r"ndarray|Mask|Extent|VoxelGrid|Ijk|_kji|_xyxy|_ijk|_mm\b")
WINDOW = 6


@dataclass(frozen=True)
class Module:
    """A Python file of the repository."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def name(self) -> str:
        """Dotted name as imports spell it."""
        for root in ROOTS:
            top = (REPOSITORY / root).resolve()
            if self.path.is_relative_to(top):
                parts = self.path.relative_to(top).with_suffix("").parts
                return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        raise ValueError(self.path)

    @property
    def package(self) -> str:
        """Dotted name of the package that relative imports start from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def functions(self) -> Iterator[ast.FunctionDef]:
        yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef))


def modules_of(*folders: str) -> list[Module]:
    paths = (path for folder in folders for path in sorted((REPOSITORY / folder).rglob("*.py")))
    return [Module(path) for path in paths if ".venv" not in path.parts]


def imports(module: Module, known: set[str]) -> set[str]:
    """Modules of the repository that a file imports: lazily, and for type checkers alone, too."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = module.package.split(".")[: len(module.package.split(".")) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            members = {f"{stem}.{alias.name}" for alias in node.names}
            found |= members & known if members & known else {stem}
    return (found & known) - {module.name}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Sets of modules of which each reaches each other (Tarjan's strongly connected components), largest first."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for other in graph[name]:
            if other not in order:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], order[other])
        if lowest[name] == order[name]:
            members = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(members) > 1:
                found.append(sorted(members))

    for name in graph:
        if name not in order:
            visit(name)
    return sorted(found, key=len, reverse=True)


def public_functions(modules: list[Module]) -> list[ast.FunctionDef]:
    return [each for module in modules for each in module.functions() if not each.name.startswith("_")]


def handles_arrays(function: ast.FunctionDef) -> bool:
    return bool(ARRAYS.search(ast.unparse(function.args) + ast.unparse(function.returns or ast.Constant(None))))


def says_shape_or_unit(function: ast.FunctionDef) -> bool:
    return bool(SHAPE_OR_UNIT.search(ast.get_docstring(function) or ""))


def is_number(value: ast.expr | None) -> bool:
    """Whether an expression is a number, or a tuple of numbers."""
    if isinstance(value, ast.Tuple):
        return all(map(is_number, value.elts))
    if isinstance(value, ast.UnaryOp):
        return is_number(value.operand)
    if isinstance(value, ast.BinOp):
        return is_number(value.left) and is_number(value.right)
    return isinstance(value, ast.Constant) and type(value.value) in (int, float)


def numbers(module: Module) -> dict[str, bool]:
    """Numbers at the top of a module by place and name, and whether something is said of them.

    It is said behind them, on their line, or above the first of several that follow each other.
    """
    found: dict[str, bool] = {}
    statements = module.tree.body
    is_told, last_line = False, 0
    for node, after in zip(statements, [*statements[1:], None], strict=True):
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not is_number(node.value):
            continue
        above, here = module.lines[node.lineno - 2].strip(), module.lines[node.lineno - 1]
        is_told = above.startswith("#") or (is_told and last_line == node.lineno - 1)
        last_line = node.end_lineno or node.lineno
        behind = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        place = module.path.relative_to(REPOSITORY).as_posix()
        found[f"{place}:{node.lineno} {ast.unparse(target)}"] = is_told or behind or "#" in here
    return found


def repetitions(modules: list[Module]) -> int:
    """Places where six lines and more stand that stand elsewhere too; imports, blanks and comments do not count."""
    seen: Counter[tuple[str, ...]] = Counter()
    places: list[list[tuple[str, ...]]] = []
    for module in modules:
        lines = [line.strip() for line in module.lines]
        kept = [line for line in lines if line and not line.startswith(("#", "import ", "from ", '"""', ")", "]", "}"))]
        windows = [tuple(kept[at : at + WINDOW]) for at in range(len(kept) - WINDOW + 1)]
        seen.update(set(windows))
        places.append(windows)
    return sum(
        here and not before
        for windows in places
        for before, here in zip([False, *repeated(windows, seen)], repeated(windows, seen), strict=False)
    )


def repeated(windows: list[tuple[str, ...]], seen: Counter[tuple[str, ...]]) -> list[bool]:
    return [seen[window] > 1 for window in windows]


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / max(1, whole):.0f} %)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folders", action="store_true", help="list the modules in each folder")
    parser.add_argument("--circles", action="store_true", help="list the files of each circle")
    parser.add_argument("--numbers", action="store_true", help="list the numbers of which nothing is said")
    options = parser.parse_args()

    product, host = modules_of(*PRODUCT), modules_of("Testing/DesktopHost")
    everything = product + host + modules_of("Training")
    known = {module.name for module in everything}
    found = circles({module.name: imports(module, known) for module in everything})
    folders = Counter(module.path.parent.relative_to(REPOSITORY).as_posix() for module in everything)
    fullest, count = folders.most_common(1)[0]
    top = sum(1 for module in product if module.path.parent.name == "RWTHSAMLib")
    functions = [each for module in product for each in module.functions()]
    lengths = sorted((each.end_lineno or each.lineno) - each.lineno + 1 for each in functions)
    public = public_functions(product)
    arrays = [each for each in public if handles_arrays(each)]
    text = "\n".join(module.text for module in product)
    said = {place: is_told for module in product for place, is_told in numbers(module).items()}

    rows = {
        "product: files, lines": f"{len(product)}, {sum(len(module.lines) for module in product)}",
        "modules at the top of RWTHSAMLib": str(top),
        "fullest folder": f"{count} modules ({fullest})",
        "folders of more than 25 modules": str(sum(number > 25 for number in folders.values())),
        "longest file": f"{max(len(module.lines) for module in product)} lines",
        "function lines, median / p90 / longest": f"{statistics.median(lengths):.0f} / "
        f"{lengths[int(0.9 * len(lengths))]} / {lengths[-1]}",
        "circles of imports, files in them": f"{len(found)}, {sum(map(len, found))}",
        "public docstrings that say shape or unit": share(sum(map(says_shape_or_unit, public)), len(public)),
        "of those that handle arrays or places": share(sum(map(says_shape_or_unit, arrays)), len(arrays)),
        "numbers at the top of modules that say why": share(sum(said.values()), len(said)),
        "places that repeat six lines": str(repetitions(everything)),
        "type: ignore": str(len(re.findall(r"# type: ignore", text))),
        "of these arg-type": str(len(re.findall(r"ignore\[[^\]]*arg-type", text))),
        "noqa": str(len(re.findall(r"# noqa", text))),
    }
    width = max(map(len, rows))
    print("\n".join(f"{name:<{width}}  {value}" for name, value in rows.items()))
    if options.folders:
        print("\n".join(f"{number:4d}  {folder}" for folder, number in folders.most_common()))
    if options.numbers:
        print("\n".join(place for place, is_told in said.items() if not is_told))
    if options.circles:
        print("\n".join(f"{len(members)}: {' '.join(members)}" for members in found))


if __name__ == "__main__":
    main()
