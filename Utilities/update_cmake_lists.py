"""Write the file lists of the modules' CMakeLists.txt from the tree.

Slicer installs exactly the files that are listed; a missing listed one is fatal. Run this after adding, moving or
removing a file of a module:

    python Utilities/update_cmake_lists.py
"""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MODULES = ("RWTHSAM", "RWTHSAMProfiles")
BEGIN, END = "# BEGIN FILE LISTS\n", "# END FILE LISTS\n"
IGNORED = {"__pycache__", "CMakeLists.txt"}


def main() -> None:
    for module in MODULES:
        path = REPOSITORY / module / "CMakeLists.txt"
        path.write_text(with_lists(path.read_text(encoding="utf-8"), REPOSITORY / module), encoding="utf-8")


def with_lists(text: str, module: Path) -> str:
    """The CMakeLists' text with lists of the files there are."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    scripts, resources = files_of(module)
    lists = f"{_list('MODULE_PYTHON_SCRIPTS', scripts)}\n{_list('MODULE_PYTHON_RESOURCES', resources)}"
    return f"{before}{BEGIN}{lists}{END}{after}"


def files_of(module: Path) -> tuple[list[str], list[str]]:
    """Python files and all others of a module, relative to its folder, sorted."""
    files = [path.relative_to(module) for path in module.rglob("*") if path.is_file()]
    wanted = sorted(path.as_posix() for path in files if not IGNORED & set(path.parts) and path.suffix != ".pyc")
    return [name for name in wanted if name.endswith(".py")], [name for name in wanted if not name.endswith(".py")]


def _list(name: str, files: list[str]) -> str:
    return "".join([f"set({name}\n", *(f"  {file}\n" for file in files), "  )\n"])


if __name__ == "__main__":
    main()
