"""Arrangements of blobs, tubes, pores, particles and machine parts."""

from __future__ import annotations

import numpy as np

from ..chance import chance, log_uniform
from .arrangement import Arrangement, Texture, Thing
from .outlines import Oval, Polygon, Strand, make_oval

_TURN = 2 * np.pi


def nested_blobs(random: np.random.Generator, size: int) -> Arrangement:
    """Blobs within blobs, some in touching pairs, of any contrast down to that of the noise."""
    contrast = log_uniform(random, 0.05, 0.6)
    scene = Arrangement("blobs", float(random.uniform(0.1, 0.6)), _texture(random, size, 0.5, contrast))
    for _ in range(random.integers(1, 7)):
        x, y = random.uniform(-0.42, 0.42, 2) * size
        radius = size * log_uniform(random, 0.03, 0.3)
        _add_blob(random, size, scene, make_oval(random, x, y, radius, random.choice([0, 0.1, 0.25])), -1, contrast)
        if chance(random, 0.35):
            angle = random.uniform(0, _TURN)
            twin = make_oval(random, x + 1.7 * radius * np.cos(angle), y + 1.7 * radius * np.sin(angle), radius)
            _add_blob(random, size, scene, twin, -1, contrast)
    return scene


def _add_blob(
    random: np.random.Generator, size: int, scene: Arrangement, oval: Oval, parent: int, contrast: float, depth: int = 0
) -> None:
    around = scene.things[parent].attenuation if parent >= 0 else scene.ground
    attenuation = around + float(random.choice([-1, 1])) * contrast * random.uniform(0.6, 1.4)
    index = scene.add(Thing("blob", oval, attenuation, parent, _texture(random, size, 0.25, contrast)))
    if depth < 3 and oval.radius_px > 7:
        if chance(random, 0.3):
            # a shell: the same outline, smaller
            _add_blob(random, size, scene, oval.scaled(random.uniform(0.5, 0.85)), index, contrast, depth + 1)
            return
        for _ in range(random.integers(0, 3)):
            inner = oval.radius_px * random.uniform(0.12, 0.5)
            angle, away = random.uniform(0, _TURN), random.uniform(0, 0.9) * oval.stretch * (oval.radius_px - inner)
            x, y = oval.x_px + away * np.cos(angle), oval.y_px + away * np.sin(angle)
            _add_blob(random, size, scene, make_oval(random, x, y, inner), index, contrast, depth + 1)


def tubes(random: np.random.Generator, size: int) -> Arrangement:
    """Pipes cut across, askew and along, with a wall, something in them, perhaps a lining."""
    scene = Arrangement("tubes", float(random.uniform(0, 0.3)), _texture(random, size, 0.4, 0.3))
    wall, filling = float(random.uniform(0.2, 1)), float(random.uniform(0, 0.4))
    for _ in range(random.integers(1, 8)):
        x, y = random.uniform(-0.45, 0.45, 2) * size
        radius, thin = size * log_uniform(random, 0.03, 0.3), random.uniform(0.55, 0.92)
        if chance(random, 0.6):
            outer = Oval(x, y, radius, log_uniform(random, 0.35, 1), random.uniform(0, np.pi))
            outlines: list[Oval | Strand] = [outer, outer.scaled(thin)]
        else:
            points = _wandering(random, size, x, y)
            radius *= 0.4
            outlines = [Strand(points, np.full(len(points), r)) for r in (radius, radius * thin)]
        tube = scene.add(Thing("tube", outlines[0], wall))
        scene.add(Thing("lumen", outlines[1], filling, tube, is_class=True))
        if chance(random, 0.3) and isinstance(outlines[0], Oval):
            scene.add(Thing("core of tube", outlines[0].scaled(thin * random.uniform(0.2, 0.7)), wall * 0.7, tube + 1))
    return scene


def pores(random: np.random.Generator, size: int) -> Arrangement:
    """Round holes or grains of all sizes in a matrix."""
    contrast = log_uniform(random, 0.08, 0.35)
    texture = Texture.make(random, size, contrast * random.uniform(0.03, 0.35))
    scene = Arrangement("pores", float(random.uniform(0.3, 0.6)), texture)
    is_dark = chance(random, 0.7)
    inside = scene.ground + (-contrast if is_dark else contrast)
    kind = "pore" if is_dark else "inclusion"
    largest = size * log_uniform(random, 0.03, 0.14)
    smallest = max(1.5, largest / log_uniform(random, 1.5, 12))
    waves = 0.25 if chance(random, 0.3) else 0.0
    placed: list[tuple[float, float, float]] = []
    for radius in sorted(log_uniform(random, smallest, largest) for _ in range(random.integers(8, 150)))[::-1]:
        x, y = (float(place) for place in random.uniform(-0.52, 0.52, 2) * size)
        if any(np.hypot(x - a, y - b) < 0.95 * (radius + r) for a, b, r in placed):
            continue
        placed.append((x, y, radius))
        # spheres cut off their middle look softer than those cut through it
        here = inside + (scene.ground - inside) * float(random.choice([0, 0, random.uniform(0, 0.7)]))
        oval = make_oval(random, x, y, radius, waves) if waves else Oval(x, y, radius, random.uniform(0.8, 1))
        scene.add(Thing(kind, oval, here, is_class=True))
    return scene


def particles(random: np.random.Generator, size: int) -> Arrangement:
    """Particles of an electrode: packed until they touch, some hollow or cracked, in a binder with pores."""
    binder = float(random.uniform(0.1, 0.3))
    scene = Arrangement("particles", binder, Texture.make(random, size, random.uniform(0.01, 0.08)))
    material = float(random.uniform(0.35, 0.9))
    largest = size * log_uniform(random, 0.03, 0.22)
    placed: list[tuple[float, float, float]] = []
    for _ in range(300):
        radius = largest * log_uniform(random, 0.25, 1)
        x, y = random.uniform(-0.55, 0.55, 2) * size
        if placed:
            others = np.array(placed)
            room = float((np.hypot(others[:, 0] - x, others[:, 1] - y) - others[:, 2]).min())
            radius = min(radius, room * 1.02)
        if radius < max(1.8, 0.2 * largest):
            continue
        placed.append((x, y, radius))
        index = scene.add(
            Thing(
                "particle", make_oval(random, x, y, radius, 0.12), material * random.uniform(0.85, 1.1), is_class=True
            )
        )
        if radius > 7 and chance(random, 0.25):
            hollow = make_oval(random, x, y, radius * random.uniform(0.2, 0.5), 0.2)
            scene.add(Thing("pore in particle", hollow, binder * 0.3, index))
        if radius > 7 and chance(random, 0.25):
            start, end = (np.array([x, y]) + radius * random.uniform(-0.8, 0.8, 2) for _ in range(2))
            crack = Strand(np.stack([start, end]), np.array([0.9, 0.3]))
            scene.add(Thing("crack", crack, binder * 0.3, index))
    return scene


def machine_parts(random: np.random.Generator, size: int) -> Arrangement:
    """Plates, rings, bolts, angles and profiles of metal and plastic, within and beside one another."""
    scene = Arrangement("machine parts", float(random.uniform(0, 0.1)))
    for _ in range(random.integers(2, 8)):
        x, y = random.uniform(-0.42, 0.42, 2) * size
        _add_part(random, size, scene, float(x), float(y), size * log_uniform(random, 0.04, 0.35))
    return scene


def _add_part(
    random: np.random.Generator, size: int, scene: Arrangement, x: float, y: float, reach: float, parent: int = -1
) -> None:
    metal = log_uniform(random, 0.05, 1.0)
    angle = random.choice([0, 0, np.pi / 2, random.uniform(0, np.pi)])
    kind = random.random()
    if kind < 0.35:
        outline: Oval | Polygon = Oval(x, y, reach, log_uniform(random, 0.08, 1), angle, float(random.choice([2, 20])))
    elif kind < 0.5:
        outline = Oval(x, y, reach)
    else:
        outline = Polygon(_profile(random, reach) @ _turned(angle) + (x, y))
    index = scene.add(Thing("part", outline, metal, parent))
    is_round = isinstance(outline, Oval) and outline.stretch > 0.3
    if is_round and isinstance(outline, Oval) and chance(random, 0.6):
        hole = scene.add(Thing("hole", outline.scaled(random.uniform(0.3, 0.92)), 0.01, index))
        if reach > 12 and chance(random, 0.5):
            _add_part(random, size, scene, x, y, reach * random.uniform(0.15, 0.4), hole)


def _profile(random: np.random.Generator, reach: float) -> np.ndarray:
    """Corners of an angle, a channel, a T, a nut or anything."""
    t = random.uniform(0.1, 0.5)
    if chance(random, 0.3):
        angles = np.sort(random.uniform(0, _TURN, random.integers(3, 9)))
        return np.asarray(
            reach * random.uniform(0.4, 1, (len(angles), 1)) * np.stack([np.cos(angles), np.sin(angles)], 1)
        )
    if chance(random, 0.25):
        angles = np.arange(6) * _TURN / 6
        return np.asarray(reach * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    shapes = (
        [(-1, -1), (1, -1), (1, -1 + t), (-1 + t, -1 + t), (-1 + t, 1), (-1, 1)],
        [(-1, -1), (1, -1), (1, 1), (1 - t, 1), (1 - t, -1 + t), (-1 + t, -1 + t), (-1 + t, 1), (-1, 1)],
        [(-1, -1), (1, -1), (1, -1 + t), (t / 2, -1 + t), (t / 2, 1), (-t / 2, 1), (-t / 2, -1 + t), (-1, -1 + t)],
    )
    return np.asarray(np.array(shapes[int(random.integers(3))]) * (reach, reach * random.uniform(0.4, 1)))


def _turned(angle: float) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, sin], [-sin, cos]])


def _wandering(random: np.random.Generator, size: int, x: float, y: float) -> np.ndarray:
    """(points, 2) of a line that starts somewhere and bends gently."""
    angles = random.uniform(0, _TURN) + random.normal(0, 0.25, 9).cumsum()
    way = np.stack([np.cos(angles), np.sin(angles)], axis=1).cumsum(axis=0) * size * log_uniform(random, 0.03, 0.12)
    return np.asarray(way - way.mean(axis=0) + (x, y))


def _texture(random: np.random.Generator, size: int, probability: float, contrast: float) -> Texture | None:
    """Perhaps a texture, weaker than the contrast of what is to be told apart."""
    if not chance(random, probability):
        return None
    return Texture.make(random, size, contrast * log_uniform(random, 0.03, 0.4))
