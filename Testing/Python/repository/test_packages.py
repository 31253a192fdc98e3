"""What each package of the library may import; their order is a contract of import-linter's, in pyproject.toml."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

HEAVY = {"torch", "torchvision", "openvino", "SimpleITK", "tifffile", "PIL", "scipy", "skimage", "timm"}
HEAVY |= {"zarr", "dask", "distributed", "yaml", "yaozarrs", "pydantic"}
HOST_PACKAGES = {"vtk", "vtkmodules", "slicer", "qt", "ctk"}
WITH_MRML = {"mrml", "cli", "desktop"}
MOST_MODULES_IN_A_FOLDER = 25
# never imported with the package: whoever imports them needs torch anyway
TORCH_FILES = {
    "inference/backends/torch_backend.py",
    "inference/backends/cuda_graphs.py",
    "inference/backends/factored_decoder.py",
    "inference/backends/sam2_backend.py",
    "inference/backends/sam2_modules.py",
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
CORE_CLIENT_AND_ENGINE = [
    "core.profile",
    "core.prompts",
    "core.image",
    "core.mask",
    "core.slices",
    "core.undo_history",
    "record.record_file",
    "errors",
    "worker.client",
    "inference.engine",
]


@pytest.fixture(scope="session")
def library(repository: Path) -> Path:
    return repository / "RWTHSAM" / "RWTHSAMLib"


def files_of(library: Path, *packages: str) -> list[Path]:
    """Files of some packages, or of all."""
    return sorted(
        file for file in library.rglob("*.py") if not packages or file.relative_to(library).parts[0] in packages
    )


def name_of(file: Path, library: Path) -> str:
    return file.relative_to(library).as_posix()


def foreign_imports(file: Path, at_file_scope: bool) -> set[str]:
    """Packages other than the library that a file imports."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in file_scope(tree) if at_file_scope else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


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


def test_the_top_of_the_library_holds_errors_and_packages_only(library: Path) -> None:
    assert {file.name for file in library.glob("*.py")} == {"__init__.py", "errors.py"}


def test_no_folder_of_the_product_is_crowded(repository: Path, library: Path) -> None:
    tops = ("RWTHSAMProfiles", "RWTHSAMWeb", "Training", "Utilities", "Testing/DesktopHost", "Testing/Benchmarks")
    for top in (library, *(repository / name for name in tops)):
        for folder in {file.parent for file in top.rglob("*.py")}:
            modules = [file for file in folder.glob("*.py") if file.name != "__init__.py"]
            assert len(modules) <= MOST_MODULES_IN_A_FOLDER, folder


def test_every_folder_of_the_library_is_a_package(library: Path) -> None:
    folders = {file.parent for file in files_of(library)}
    assert {folder.name for folder in folders if not (folder / "__init__.py").is_file()} == set()


def test_the_core_uses_the_standard_library_and_numpy_only(library: Path) -> None:
    allowed = sys.stdlib_module_names | {"numpy"}
    for file in [*files_of(library, "core", "record"), library / "errors.py"]:
        assert foreign_imports(file, at_file_scope=False) <= allowed, name_of(file, library)


def test_only_mrml_and_fronts_know_slicer_and_vtk(library: Path) -> None:
    for file in files_of(library):
        if file.relative_to(library).parts[0] not in WITH_MRML:
            assert not foreign_imports(file, at_file_scope=False) & HOST_PACKAGES, name_of(file, library)


def test_heavy_packages_are_imported_only_when_needed(library: Path) -> None:
    for file in files_of(library):
        if name_of(file, library) not in TORCH_FILES:
            assert not foreign_imports(file, at_file_scope=True) & HEAVY, name_of(file, library)


def test_only_models_and_inference_speak_to_networks(repository: Path, library: Path) -> None:
    for file in [*files_of(library, "mrml", "cli", "desktop"), *sorted((repository / "RWTHSAMWeb").rglob("*.py"))]:
        assert not foreign_imports(file, at_file_scope=False) & {"torch", "torchvision", "openvino"}, file


def test_importing_core_client_and_engine_loads_no_network_and_no_viewer(repository: Path) -> None:
    code = (
        "import sys;"
        + ";".join(f"import RWTHSAMLib.{name}" for name in CORE_CLIENT_AND_ENGINE)
        + ";print(*{name.split('.')[0] for name in sys.modules})"
    )
    environment = {"PYTHONPATH": str(repository / "RWTHSAM"), "PATH": "", "SYSTEMROOT": ""}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & (HEAVY | HOST_PACKAGES)


def test_every_file_beside_the_code_is_installed(repository: Path) -> None:
    setup = (repository / "pyproject.toml").read_text(encoding="utf-8")
    section = setup.split("[tool.setuptools.package-data]")[1].split("[tool.")[0]
    patterns = {name: re.findall(r'"([^"]+)"', listed) for name, listed in re.findall(r"^(\w+) = (.+)$", section, re.M)}
    for top in (repository / "RWTHSAM/RWTHSAMLib", repository / "RWTHSAMWeb"):
        installed = {file for pattern in patterns[top.name] for file in top.glob(pattern)}
        there = {file for file in top.rglob("*") if file.is_file() and file.suffix not in (".py", ".pyc")}
        assert there <= installed
    weights = "models/rwthsam_net/weights/rwthsam_net.zip"
    assert any(fnmatch(weights, pattern) for pattern in patterns["RWTHSAMLib"])


def test_git_leaves_the_weights_as_they_are(repository: Path) -> None:
    rules = (repository / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "*.zip binary" in rules


def test_every_package_is_installed(repository: Path) -> None:
    setup = (repository / "pyproject.toml").read_text(encoding="utf-8")
    listed = set(re.findall(r'^  "(RWTHSAM\w*(?:\.\w+)*)",$', setup.split("[tool.setuptools]")[1], flags=re.M))
    tops = (repository / "RWTHSAM/RWTHSAMLib", repository / "RWTHSAMWeb")
    there = {".".join(file.parent.relative_to(top.parent).parts) for top in tops for file in top.rglob("__init__.py")}
    assert there <= listed
