"""Overloads of C++ methods by exact argument count, strict then lenient, and the Python function behind each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import HostLimit
from .conversion import Unconvertible, to_cpp
from .members import Member, ancestry
from .signatures import Signature


def refuse_keywords(member: Member, keywords: dict[str, Any]) -> None:
    """PythonQt takes no keyword arguments anywhere."""
    if keywords:
        raise ValueError(
            f"Called {member.overloads[0]} with keyword arguments, but called slot does not support kwargs."
        )


def matched(member: Member, class_name: str, arguments: tuple[Any, ...]) -> tuple[Signature, list[Any]]:
    """The overload that fits and its converted arguments.

    Raises
    ------
    ValueError
        As PythonQt: wrong number of arguments, or no overload takes these types.
    """
    scope = (member.owner, *ancestry(class_name))
    overloads = member.overloads
    fitting = [signature for signature in overloads if len(signature.arguments) == len(arguments)]
    for strict in (True, False) if len(overloads) > 1 else (False,):
        for signature in fitting:
            try:
                return signature, [
                    to_cpp(kind, value, scope, strict)
                    for kind, value in zip(signature.arguments, arguments, strict=True)
                ]
            except Unconvertible:
                continue
    raise ValueError(_mismatch(overloads, bool(fitting), arguments))


def _mismatch(overloads: tuple[Signature, ...], count_fits: bool, arguments: tuple[Any, ...]) -> str:
    if len(overloads) > 1:
        available = "\n".join(str(signature) for signature in overloads)
        return (
            f"Could not find matching overload for given arguments:\n{arguments}\n"
            f" The following slots are available:\n{available}\n"
        )
    what = "wrong arguments" if count_fits else "wrong number of arguments"
    return f"Called {overloads[0]} with {what}: {arguments}"


def implementation(target: Any, signature: Signature, owner: str) -> Callable[..., Any]:
    """The Python function behind a C++ method.

    Raises
    ------
    HostLimit
        Real Slicer has the method, the host does not.
    """
    # the class's own function, so that an override in Python that calls its base does not call itself
    shell_base = getattr(target, "_pythonqt_shell_base", None)
    if shell_base is not None:
        function = getattr(shell_base, signature.name, None)
        if function is not None:
            return lambda *arguments: function(target, *arguments)
    typed = f"{signature.name}_{'_'.join(_word(kind) for kind in signature.arguments)}"
    found: Callable[..., Any] | None = getattr(target, typed, None) or getattr(target, signature.name, None)
    if found is None and signature.name == "exec":
        found = getattr(target, "exec_", None)
    if found is None:
        raise HostLimit(f"{owner}.{signature} exists in Slicer, but the desktop host does not implement it")
    return found


def _word(kind: str) -> str:
    return "".join(character for character in kind if character.isalnum())
