"""Print every text that people may read, by the file that says it, to be read as a whole by somebody new.

    python3 Utilities/user_texts.py [PART OF A PATH ...]

Texts are those with a space in them, of the product's Python code without its docstrings, of the forms of the Slicer
modules, and of the page's own script. What is put in at run time is shown as {}.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("RWTHSAM", "RWTHSAMProfiles", "RWTHSAMWeb")
_A_TEXT = re.compile(r"[A-Za-z]{2,}.* .*|.* .*[A-Za-z]{2,}")
_NO_TEXT = re.compile(r"[a-z_]+ (===|&&|\|\|)|^[\w.$]+\(|[{;}]\s*$|^[#.@]|\?\s*'|=>|^\(?[^ ]+ [<>]=? ")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def texts_of_code(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string of a module that is no docstring."""
    tree = ast.parse(source)
    inner: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and node.body and isinstance(node.body[0], ast.Expr):
            inner.add(node.body[0].value)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inner.add(node.value)
        if isinstance(node, ast.JoinedStr):
            inner |= set(ast.walk(node)) - {node}
    for node in ast.walk(tree):
        if node not in inner and (text := _text(node)):
            yield node.lineno, text  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def texts_of_form(source: str) -> Iterator[tuple[int, str]]:
    """Every string of a form of Qt Designer; it has no lines."""
    for each in ElementTree.fromstring(source).iter("string"):
        yield 0, each.text or ""


def texts_of_script(source: str) -> Iterator[tuple[int, str]]:
    """Strings in quotes of a script."""
    for number, line in enumerate(source.splitlines(), 1):
        for found in re.findall(r"\"([^\"]*)\"|'([^']*)'|`([^`]*)`", line):
            yield number, "".join(found)


READERS = {".py": texts_of_code, ".ui": texts_of_form, ".js": texts_of_script}


def texts_in(path: Path) -> list[tuple[int, str]]:
    """Line and text of what people may read of a file, in its order, each once."""
    found = READERS[path.suffix](path.read_text(encoding="utf-8"))
    spaced = ((line, " ".join(text.split())) for line, text in found)
    texts = [(line, text) for line, text in spaced if _A_TEXT.match(text) and not _NO_TEXT.search(text)]
    return sorted({text: (line, text) for line, text in reversed(texts)}.values())


def files() -> Iterator[Path]:
    """Files of the product that hold texts."""
    for part in PRODUCT:
        for path in sorted((ROOT / part).rglob("*")):
            if path.suffix in READERS and "Testing" not in path.parts:
                yield path


def main() -> None:
    """Print them."""
    wanted = sys.argv[1:]
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        if wanted and not any(each in name for each in wanted):
            continue
        texts = texts_in(path)
        if texts:
            print(f"\n{name}")
        for line, text in texts:
            print(f"  {line or '':>4}  {text}")


if __name__ == "__main__":
    main()
