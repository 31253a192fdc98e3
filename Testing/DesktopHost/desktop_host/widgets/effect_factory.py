"""The effects that every segment editor offers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from ..pythonqt.runtime import complain
from .base import implements


@implements()
class qSlicerSegmentEditorEffectFactory(QObject):
    """Prototypes of effects by name."""

    effectRegistered = Signal(str)
    _only: Any = None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._effects: list[Any] = []

    @classmethod
    def instance(cls) -> qSlicerSegmentEditorEffectFactory:
        if cls._only is None:
            cls._only = cls()
        only: qSlicerSegmentEditorEffectFactory = cls._only
        return only

    @classmethod
    def forget(cls) -> None:
        """Start anew with the next host."""
        cls._only = None

    def registerEffect(self, effect: Any) -> bool:
        if effect is None or not effect.name():
            complain("qSlicerSegmentEditorEffectFactory::registerEffect: Cannot register effect with empty name!")
            return False
        if any(known.name() == effect.name() for known in self._effects):
            complain(f'Effect "{effect.name()}" has already been registered')
            return False
        # C++ owns a registered prototype
        effect.setParent(self)
        wrapper = effect._pythonqt_wrapper() if hasattr(effect, "_pythonqt_wrapper") else None
        effect._pythonqt_keep = wrapper
        self._effects.append(effect)
        self.effectRegistered.emit(effect.name())
        return True

    def registeredEffects(self) -> list[Any]:
        return list(self._effects)

    def copies(self) -> list[Any]:
        """One clone of each prototype, for one editor."""
        made = [(effect, effect.clone()) for effect in self._effects]
        return [clone for _effect, clone in made if clone is not None]
