"""What a place of a battery can belong to."""

from __future__ import annotations

from enum import IntEnum


class Part(IntEnum):
    """Part at a place of the view; 0 is the surroundings."""

    OUTSIDE = 0
    HOLDER = 1
    CAN = 2
    CAP = 3
    GASKET = 4
    INSULATOR = 5
    TAB = 6
    CORE = 7
    PIN = 8
    CATHODE = 9
    CATHODE_FOIL = 10
    ANODE = 11
    ANODE_FOIL = 12
    SEPARATOR = 13
    FILLING = 14
    GAS = 15
    POUCH = 16
    PARTICLE = 17
    CRACK = 18
    GAP = 19
    SPRING = 20


LAYERS = (Part.CATHODE, Part.CATHODE_FOIL, Part.ANODE, Part.ANODE_FOIL, Part.SEPARATOR)
GRAINY = (Part.CATHODE, Part.ANODE)
SHELL = (Part.CAN, Part.CAP, Part.POUCH, Part.INSULATOR)
