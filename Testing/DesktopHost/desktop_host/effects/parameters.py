"""Effect parameters: string attributes of the segment editor node."""

from __future__ import annotations

from typing import Any

from ..pythonqt.runtime import complain


def number_text(value: float) -> str:
    """A double as ``QString::number`` writes it: six significant digits."""
    return f"{value:g}"


class EffectParameters:
    """The part of the abstract effect that keeps its parameters, which begin with its name."""

    _name = ""
    _node: Any = None

    def name(self) -> str:
        if not self._name:
            complain("qSlicerSegmentEditorAbstractEffect::name: Empty effect name!")
        return self._name

    def parameter(self, name: str) -> str:
        value = self._attribute(f"{self.name()}.{name}")
        if value is None:
            value = self._attribute(name)
        if value is None:
            if self._node is not None:
                complain(f"Parameter named {name!r} cannot be found for effect {self.name()!r}")
            return ""
        return value

    def _attribute(self, name: str) -> str | None:
        return self._node.GetAttribute(name) if self._node is not None else None

    def integerParameter(self, name: str) -> int:
        text = self.parameter(name)
        try:
            return int(text)
        except ValueError:
            complain(f"Parameter named {name!r} cannot be converted to integer!")
            return 0

    def doubleParameter(self, name: str) -> float:
        text = self.parameter(name)
        try:
            return float(text)
        except ValueError:
            complain(f"Parameter named {name!r} cannot be converted to floating point number!")
            return 0.0

    def parameterDefined(self, name: str) -> bool:
        return self.commonParameterDefined(f"{self.name()}.{name}")

    def commonParameterDefined(self, name: str) -> bool:
        return bool(self._attribute(name))

    def setParameter(self, name: str, value: str | int | float) -> None:
        self.setCommonParameter(f"{self.name()}.{name}", value)

    def setParameterDefault(self, name: str, value: str | int | float) -> None:
        if not self.parameterDefined(name):
            self.setParameter(name, value)

    def setCommonParameterDefault(self, name: str, value: str | int | float) -> None:
        if not self.commonParameterDefined(name):
            self.setCommonParameter(name, value)

    def setCommonParameter(self, name: str, value: str | int | float) -> None:
        node = self._node
        if node is None:
            complain(f"Invalid segment editor parameter set node set to effect {self.name()!r}")
            return
        text = number_text(value) if isinstance(value, float) else str(value)
        old = node.GetAttribute(name)
        if old == text or (old is None and not text):
            return
        # a parameter change is no full Modified event
        disabled = node.GetDisableModifiedEvent()
        node.SetDisableModifiedEvent(1)
        node.SetAttribute(name, text)
        node.SetDisableModifiedEvent(disabled)
        node.InvokeCustomModifiedEvent(node.EffectParameterModified)

    def nodeReference(self, name: str) -> Any:
        if self._node is None:
            return None
        return self._node.GetNodeReference(f"{self.name()}.{name}") or self._node.GetNodeReference(name)

    def setNodeReference(self, name: str, target: Any) -> None:
        self.setCommonNodeReference(f"{self.name()}.{name}", target)

    def setCommonNodeReference(self, name: str, target: Any) -> None:
        node = self._node
        if node is None:
            complain(f"Invalid segment editor parameter set node set to effect {self.name()!r}")
            return
        if node.GetNodeReference(name) is target:
            return
        disabled = node.GetDisableModifiedEvent()
        node.SetDisableModifiedEvent(1)
        node.SetNodeReferenceID(name, target.GetID() if target is not None else None)
        node.SetDisableModifiedEvent(disabled)
        node.InvokeCustomModifiedEvent(node.EffectParameterModified)
