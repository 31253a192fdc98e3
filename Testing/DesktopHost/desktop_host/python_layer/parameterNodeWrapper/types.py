"""Values with two ends, defaults, and reading of annotations."""

from __future__ import annotations

import copy
import typing
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import qt

__all__ = ["Default", "FloatRange", "findFirstAnnotation", "splitAnnotations", "unannotatedType", "getNodeTypes"]

_Annotation = TypeVar("_Annotation")


class Default:
    """Default value of a parameter, copied or generated anew for each reader."""

    def __init__(self, value: Any = None, *, generator: Callable[[], Any] | None = None) -> None:
        self._value, self._generator = value, generator

    @property
    def value(self) -> Any:
        if self._generator is not None:
            return self._generator()
        # wrappers of C++ values have no copy protocol
        return qt.QColor(self._value) if type(self._value) is qt.QColor else copy.deepcopy(self._value)

    def __repr__(self) -> str:
        return f"Default({self._value!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Default) and self.value == other.value


class FloatRange:
    """Minimum and maximum, the first never above the second."""

    def __init__(self, minimum: float = 0, maximum: float = 0) -> None:
        self.setRange(minimum, maximum)

    @staticmethod
    def checkRange(minimum: float, maximum: float) -> None:
        if minimum > maximum:
            raise ValueError(f"minimum {minimum} must not be above maximum {maximum}")

    @property
    def minimum(self) -> float:
        return self._ends[0]

    @minimum.setter
    def minimum(self, value: float) -> None:
        self.setRange(value, self.maximum)

    @property
    def maximum(self) -> float:
        return self._ends[1]

    @maximum.setter
    def maximum(self, value: float) -> None:
        self.setRange(self.minimum, value)

    def setRange(self, minimum: float, maximum: float) -> None:
        self.checkRange(minimum, maximum)
        self._ends = (float(minimum), float(maximum))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FloatRange) and other._ends == self._ends

    def __repr__(self) -> str:
        return f"FloatRange({self.minimum}, {self.maximum})"


def splitAnnotations(possiblyAnnotatedType: Any) -> tuple[Any, list[Any]]:
    """Type and its annotations."""
    if typing.get_origin(possiblyAnnotatedType) is typing.Annotated:
        kind, *annotations = typing.get_args(possiblyAnnotatedType)
        return kind, annotations
    return possiblyAnnotatedType, []


def unannotatedType(possiblyAnnotatedType: Any) -> Any:
    return splitAnnotations(possiblyAnnotatedType)[0]


def findFirstAnnotation(annotationsList: Iterable[Any], annotationType: type[_Annotation]) -> _Annotation | None:
    return next((a for a in annotationsList if isinstance(a, annotationType)), None)


def isParameterPack(obj: object) -> bool:
    answer: bool = getattr(obj, "_is_parameter_pack", False)
    return answer


def getNodeTypes(datatype: Any) -> list[type]:
    """Node classes of a type that may be a union."""
    kind = unannotatedType(datatype)
    kinds = typing.get_args(kind) or (kind,)
    return [k for k in kinds if isinstance(k, type) and k.__name__.startswith("vtkMRML")]
