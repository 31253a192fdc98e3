"""``slicer.packaging``: looks at what is installed; the host itself never installs anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import NoReturn, TypeAlias

from packaging.requirements import Requirement

from ..errors import HostLimit

_Requirement: TypeAlias = str | Requirement

# what was asked for, for tests to look at
requests: list[str] = []


def load_requirements(path: str | Path) -> list[str]:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    kept = [line.split(" #")[0].strip() for line in lines]
    return [line for line in kept if line and not line.startswith(("#", "-"))]


def pip_check(req: _Requirement | Iterable[_Requirement]) -> bool:
    requirements = [req] if isinstance(req, (str, Requirement)) else list(req)
    return all(_is_installed(Requirement(str(requirement))) for requirement in requirements)


def _is_installed(requirement: Requirement) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    try:
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except metadata.PackageNotFoundError:
        return False


def pip_ensure(
    requirements: Iterable[_Requirement],
    constraints: str | Path | None = None,
    skip_packages: Iterable[str] | None = None,
    prompt_install: bool = True,
    prompt_restart: bool = True,
    requester: str | None = None,
    skip_in_testing: bool = True,
    show_progress: bool = True,
) -> None:
    import slicer

    missing = [req for req in requirements if not pip_check(req)]
    requests.extend(str(req) for req in missing)
    if not missing or (skip_in_testing and slicer.app.testingEnabled()):
        return
    if prompt_install and not slicer.util.confirmOkCancelDisplay(f"Install {', '.join(map(str, missing))}?"):
        raise RuntimeError("User declined the installation of Python packages")
    pip_install(missing, constraints=constraints)


def pip_install(
    requirements: str | Iterable[_Requirement],
    constraints: str | Path | None = None,
    no_deps_requirements: Iterable[_Requirement] | None = None,
    skip_packages: Iterable[str] | None = None,
    blocking: bool = True,
    show_progress: bool = True,
    requester: str | None = None,
    logCallback: Callable[[str], object] | None = None,
    completedCallback: Callable[[int], object] | None = None,
) -> NoReturn:
    asked = [requirements] if isinstance(requirements, str) else [str(req) for req in requirements]
    requests.extend(asked)
    raise HostLimit(f"the desktop host installs nothing: {', '.join(asked)}")


def pip_uninstall(
    requirements: str | Iterable[_Requirement],
    blocking: bool = True,
    logCallback: Callable[[str], object] | None = None,
    completedCallback: Callable[[int], object] | None = None,
) -> NoReturn:
    raise HostLimit(f"the desktop host uninstalls nothing: {requirements}")


def isPipInstallInProgress() -> bool:
    return False
