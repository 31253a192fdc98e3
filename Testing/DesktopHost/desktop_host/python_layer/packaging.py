"""``slicer.packaging``: looks at what is installed; the host itself never installs anything."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from ..errors import HostLimit

# what was asked for, for tests to look at
requests: list[str] = []


def load_requirements(path):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    kept = [line.split(" #")[0].strip() for line in lines]
    return [line for line in kept if line and not line.startswith(("#", "-"))]


def pip_check(req):
    requirements = [req] if isinstance(req, (str, Requirement)) else list(req)
    return all(_is_installed(Requirement(str(requirement))) for requirement in requirements)


def _is_installed(requirement):
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    try:
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except metadata.PackageNotFoundError:
        return False


def pip_ensure(
    requirements,
    constraints=None,
    skip_packages=None,
    prompt_install=True,
    prompt_restart=True,
    requester=None,
    skip_in_testing=True,
    show_progress=True,
):
    import slicer

    missing = [req for req in requirements if not pip_check(req)]
    requests.extend(str(req) for req in missing)
    if not missing or (skip_in_testing and slicer.app.testingEnabled()):
        return None
    if prompt_install and not slicer.util.confirmOkCancelDisplay(f"Install {', '.join(map(str, missing))}?"):
        raise RuntimeError("User declined the installation of Python packages")
    return pip_install(missing, constraints=constraints)


def pip_install(
    requirements,
    constraints=None,
    no_deps_requirements=None,
    skip_packages=None,
    blocking=True,
    show_progress=True,
    requester=None,
    logCallback=None,
    completedCallback=None,
):
    asked = [requirements] if isinstance(requirements, str) else [str(req) for req in requirements]
    requests.extend(asked)
    raise HostLimit(f"the desktop host installs nothing: {', '.join(asked)}")


def pip_uninstall(requirements, blocking=True, logCallback=None, completedCallback=None):
    raise HostLimit(f"the desktop host uninstalls nothing: {requirements}")


def isPipInstallInProgress():
    return False
