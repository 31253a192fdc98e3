"""Installing what is missing: only when a person has read what it is and agreed."""

from __future__ import annotations

import traceback
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from ...errors import DependencyMissing

_NAME = "RWTHSAM"


def agreed(text: str) -> bool:
    """Ask whether something may be installed or fetched."""
    return slicer.util.confirmOkCancelDisplay(text, windowTitle=_NAME)


def install_torch() -> None:
    """Install PyTorch through the extension PyTorch, which finds the build for this computer's GPU.

    Raises
    ------
    DependencyMissing
        If that extension is not there, or the installation did not succeed.
    """
    try:
        import PyTorchUtils
    except ModuleNotFoundError as error:
        raise DependencyMissing(
            _(
                "The extension PyTorch is needed to install PyTorch: choose 'PyTorch' in the Extensions Manager, "
                "install it, restart Slicer and press this button again."
            )
        ) from error
    except Exception as error:
        raise _failed(_("The extension PyTorch cannot be used: {error}"), error) from error
    try:
        torch = PyTorchUtils.PyTorchUtilsLogic().installTorch(askConfirmation=False)
    except Exception as error:  # pip, a broken build, no disk space, no permission: all are told to the person
        raise _failed(_("PyTorch could not be installed: {error}"), error) from error
    if torch is None:
        raise DependencyMissing(_("PyTorch was not installed. The Python console shows why."))


def install_packages(requirements_file: Path) -> None:
    """Install the packages of a requirements file.

    Raises
    ------
    DependencyMissing
        If that failed; the message is pip's own.
    """
    try:
        _install(requirements_file)
    except Exception as error:  # as above
        raise _failed(_("The packages could not be installed: {error}"), error) from error


def _failed(text: str, error: Exception) -> DependencyMissing:
    traceback.print_exception(error)
    told = str(error).strip() or type(error).__name__
    told = told if told.endswith((".", "!", "?")) else f"{told}."
    return DependencyMissing(f"{text.format(error=told)} {_('The Python console shows more.')}")


def _install(requirements_file: Path) -> None:
    try:
        from slicer import packaging
    except ImportError:  # up to Slicer 5.10
        lines = (line.partition("#")[0].strip() for line in requirements_file.read_text("utf-8").splitlines())
        slicer.util.pip_install([line for line in lines if line])
        return
    requirements = packaging.load_requirements(requirements_file)
    # the person has agreed already, to a text that names the size
    packaging.pip_ensure(requirements, prompt_install=False, requester=_NAME)
