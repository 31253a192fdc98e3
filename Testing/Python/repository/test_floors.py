"""Arrows point down only: what each floor of the library may import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

WORDS = "words"
FLOOR_OF_FOLDER = {
    "automatic": "work",
    "export": "work",
    "inference": "work",
    "layers": "work",
    "measurement": "work",
    "models": "work",
    "propagation": "work",
    "rendering": "work",
    "refinement": "work",
    "report": "work",
    "volume": "work",
    "scene": "scene",
    "batch": "fronts",
    "desktop": "fronts",
}
ALLOWED_BELOW = {
    WORDS: {WORDS},
    "work": {WORDS, "work"},
    "scene": {WORDS, "work", "scene"},
    "fronts": {WORDS, "work", "scene", "fronts"},
}
HEAVY = {"torch", "torchvision", "openvino", "SimpleITK", "tifffile", "PIL", "scipy", "skimage", "timm"}
# never imported with the package: whoever imports them needs torch anyway
TORCH_FILES = {
    "inference/backends/torch_backend.py",
    "inference/backends/cuda_graphs.py",
    "inference/backends/factored_decoder.py",
    "inference/backends/sam_modules.py",
    "models/rwthsam_net/blocks.py",
    "models/rwthsam_net/decoder.py",
    "models/rwthsam_net/encoder.py",
    "models/rwthsam_net/export.py",
    "models/rwthsam_net/judge.py",
    "models/rwthsam_net/network.py",
    "models/rwthsam_net/prompt_look.py",
    "models/rwthsam_net/prompt_maps.py",
}
HOST_PACKAGES = {"vtk", "vtkmodules", "slicer", "qt", "ctk"}


def floor_of(module: str) -> str:
    """Floor of a dotted name below the library, such as ``inference.engine``."""
    return FLOOR_OF_FOLDER.get(module.split(".")[0], WORDS)


def files_of(repository: Path) -> list[Path]:
    return sorted((repository / "RWTHSAM" / "RWTHSAMLib").rglob("*.py"))


def imports_of(path: Path, package: list[str], at_file_scope: bool) -> set[str]:
    """Absolute names that a file imports, library ones as ``RWTHSAMLib.x``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = file_scope(tree) if at_file_scope else ast.walk(tree)
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join([*package[: len(package) - node.level + 1], node.module or ""]) if node.level else node.module
            )
            stem = (base or "").rstrip(".")
            names |= {f"{stem}.{alias.name}" for alias in node.names} if not node.module else {stem}
    return names


def file_scope(tree: ast.Module) -> list[ast.stmt]:
    """Statements that run on import; what only type checkers see is left out."""
    found: list[ast.stmt] = []
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.dump(node.test):
            waiting += [*node.body, *node.orelse]
        elif isinstance(node, ast.Try):
            waiting += [*node.body, *node.orelse, *(each for handler in node.handlers for each in handler.body)]
    return found


def relative(path: Path, repository: Path) -> str:
    return path.relative_to(repository / "RWTHSAM" / "RWTHSAMLib").as_posix()


def package_of(path: Path, repository: Path) -> list[str]:
    return list(path.relative_to(repository / "RWTHSAM").parent.parts)


def test_no_floor_imports_a_higher_one(repository):
    wrong = []
    for path in files_of(repository):
        own = floor_of(relative(path, repository).replace("/", "."))
        for name in imports_of(path, package_of(path, repository), at_file_scope=False):
            if name.startswith("RWTHSAMLib.") and floor_of(name.removeprefix("RWTHSAMLib.")) not in ALLOWED_BELOW[own]:
                wrong.append(f"{relative(path, repository)} ({own}) imports {name}")
    assert not wrong


def test_words_use_the_standard_library_and_numpy_only(repository):
    allowed = sys.stdlib_module_names | {"numpy", "RWTHSAMLib"}
    for path in files_of(repository):
        if floor_of(relative(path, repository).replace("/", ".")) == WORDS:
            used = {name.split(".")[0] for name in imports_of(path, package_of(path, repository), at_file_scope=False)}
            assert used <= allowed, relative(path, repository)


def test_only_scene_and_fronts_know_mrml(repository):
    for path in files_of(repository):
        if floor_of(relative(path, repository).replace("/", ".")) in (WORDS, "work"):
            used = {name.split(".")[0] for name in imports_of(path, package_of(path, repository), at_file_scope=False)}
            assert not used & HOST_PACKAGES, relative(path, repository)


def test_heavy_packages_are_imported_only_when_needed(repository):
    for path in files_of(repository):
        if relative(path, repository) not in TORCH_FILES:
            used = {name.split(".")[0] for name in imports_of(path, package_of(path, repository), at_file_scope=True)}
            assert not used & HEAVY, relative(path, repository)


def test_above_the_work_floor_nobody_speaks_torch(repository):
    above = [
        p for p in files_of(repository) if floor_of(relative(p, repository).replace("/", ".")) in ("scene", "fronts")
    ]
    for path in [*above, *sorted((repository / "RWTHSAMWeb").rglob("*.py"))]:
        package = ["RWTHSAMWeb"] if "RWTHSAMWeb" in path.parts else package_of(path, repository)
        used = {name.split(".")[0] for name in imports_of(path, package, at_file_scope=False)}
        assert not used & {"torch", "torchvision", "openvino"}, path


WORDS_AND_CLIENT = [
    "profile",
    "prompt_file",
    "prompts",
    "image",
    "mask",
    "slices",
    "timeline",
    "errors",
    "inference.client",
    "inference.engine",
]


def seconds_to_import(repository: Path) -> tuple[float, set[str]]:
    """Least of three: time for words, client and engine, and the packages that came along."""
    code = (
        "import sys, time; start = time.perf_counter();"
        + ";".join(f"import RWTHSAMLib.{name}" for name in WORDS_AND_CLIENT)
        + ";print(time.perf_counter() - start, *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    environment = {"PYTHONPATH": str(repository / "RWTHSAM"), "PATH": "", "SYSTEMROOT": ""}
    runs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        seconds, *modules = done.stdout.split()
        runs.append((float(seconds), set(modules)))
    return min(runs, key=lambda run: run[0])


def test_importing_the_library_loads_no_network_and_no_viewer(repository):
    seconds, modules = seconds_to_import(repository)
    print(f"importing words, client and engine took {seconds:.3f} s")
    assert not modules & (HEAVY | HOST_PACKAGES)


@pytest.mark.parametrize("folder", ["inference", "models", "scene", "volume", "batch"])
def test_every_folder_of_the_library_is_a_package(repository, folder):
    assert (repository / "RWTHSAM" / "RWTHSAMLib" / folder / "__init__.py").is_file()
