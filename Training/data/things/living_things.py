"""Arrangements as in scans of bodies: chest, belly, limbs, and trees of vessels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..chance import chance, log_uniform, spread
from .arrangement import Arrangement, Texture, Thing
from .outlines import Oval, Strand, make_oval

_TURN = 2 * np.pi
# attenuation relative to water
_AIR, _LUNG, _FAT, _MUSCLE, _ORGAN, _BLOOD, _MARROW, _BONE = 0.0, 0.2, 0.9, 1.05, 1.08, 1.12, 1.15, 1.9


def chest(random: np.random.Generator, size: int) -> Arrangement:
    """Skin and fat, two lungs with vessels, heart, spine and ribs."""
    scene, body = _body(random, size, "chest")
    half = body.radius_px
    for side in (-1, 1):
        if chance(random, 0.93):
            _add_lung(random, size, scene, body, side)
    x, y = body.x_px + half * random.uniform(-0.05, 0.2), body.y_px + half * body.stretch * random.uniform(-0.3, 0.1)
    heart = scene.add(
        Thing("heart", make_oval(random, x, y, half * random.uniform(0.2, 0.36), 0.1), _value(random, _ORGAN), 0)
    )
    if chance(random, 0.5):
        room = make_oval(random, x, y, half * random.uniform(0.08, 0.16))
        scene.add(Thing("ventricle", room, _value(random, _BLOOD * 1.1), heart))
    _add_spine(random, size, scene, body)
    for angle in np.linspace(0, _TURN, random.integers(10, 18), endpoint=False) + random.uniform(0, 1):
        x = body.x_px + 0.9 * half * np.cos(angle)
        y = body.y_px + 0.9 * half * body.stretch * np.sin(angle)
        rib = Oval(x, y, half * random.uniform(0.03, 0.09), random.uniform(0.25, 0.7), angle + np.pi / 2)
        _add_bone(random, scene, rib, "rib")
    return scene


def belly(random: np.random.Generator, size: int) -> Arrangement:
    """Organs that hardly differ, kidneys, spine, bowel with gas."""
    scene, body = _body(random, size, "belly")
    half, high = body.radius_px, body.radius_px * body.stretch
    places = {"liver": (-0.4, -0.1, 0.42), "spleen": (0.55, 0.1, 0.2), "stomach": (0.3, -0.35, 0.22)}
    places |= {"kidney": (-0.38, 0.35, 0.14), "other kidney": (0.4, 0.38, 0.14), "aorta": (0.05, 0.3, 0.06)}
    for kind, (x, y, radius) in places.items():
        if chance(random, 0.85):
            x, y = body.x_px + half * (x + random.normal(0, 0.05)), body.y_px + high * (y + random.normal(0, 0.05))
            oval = make_oval(random, x, y, half * spread(random, radius), 0.15)
            organ = scene.add(
                Thing(kind.rpartition(" ")[2], oval, _value(random, _ORGAN, 0.05), 0, _grain(random, size))
            )
            if "kidney" in kind and chance(random, 0.6):
                scene.add(Thing("pelvis of kidney", oval.scaled(0.4), _value(random, _FAT), organ))
    for _ in range(random.integers(0, 9)):
        angle, away = random.uniform(0, _TURN), random.uniform(0, 0.6)
        x, y = body.x_px + half * away * np.cos(angle), body.y_px + high * (away * np.sin(angle) - 0.2)
        bowel = make_oval(random, x, y, half * random.uniform(0.05, 0.13), 0.15)
        loop = scene.add(Thing("bowel", bowel, _value(random, _MUSCLE), 0))
        if chance(random, 0.4):
            scene.add(Thing("gas", bowel.scaled(random.uniform(0.4, 0.8)), _AIR, loop, is_class=True))
    _add_spine(random, size, scene, body)
    return scene


def limb(random: np.random.Generator, size: int) -> Arrangement:
    """Muscles round one or two bones."""
    scene, body = _body(random, size, "limb")
    for _ in range(random.integers(2, 8)):
        angle, away = random.uniform(0, _TURN), body.radius_px * random.uniform(0.2, 0.6)
        x, y = body.x_px + away * np.cos(angle), body.y_px + body.stretch * away * np.sin(angle)
        muscle = make_oval(random, x, y, body.radius_px * random.uniform(0.15, 0.4), 0.15)
        scene.add(Thing("muscle", muscle, _value(random, _MUSCLE, 0.04), 0, _grain(random, size)))
    for _ in range(random.integers(1, 3)):
        x, y = body.x_px + random.normal(0, 0.2) * body.radius_px, body.y_px + random.normal(0, 0.2) * body.radius_px
        _add_bone(random, scene, make_oval(random, x, y, body.radius_px * random.uniform(0.1, 0.3), 0.15), "bone")
    return scene


def vessels(random: np.random.Generator, size: int) -> Arrangement:
    """Trees that branch in a soft ground: vessels, roots, cracks."""
    ground = float(random.uniform(0.1, 0.6))
    scene = Arrangement("vessels", ground, Texture.make(random, size, random.uniform(0.01, 0.08)))
    contrast = float(random.choice([-1, 1]) * log_uniform(random, 0.1, 0.5))
    for _ in range(random.integers(1, 4)):
        x, y = random.uniform(-0.45, 0.45, 2) * size
        angle = np.arctan2(-y, -x) + random.normal(0, 0.5)
        _add_tree(random, scene, (x, y), angle, size * log_uniform(random, 0.008, 0.04), size, ground + contrast, -1)
    return scene


def _body(random: np.random.Generator, size: int, name: str) -> tuple[Arrangement, Oval]:
    """Air round a body of fat and, within, muscle; the body is thing 0."""
    scene = Arrangement(name, _AIR)
    radius = size * log_uniform(random, 0.38, 0.75)
    x, y = random.uniform(-0.08, 0.08, 2) * size * (1 if radius < 0.5 * size else 3)
    power = float(random.uniform(2, 3))
    body = Oval(x, y, radius, random.uniform(0.6, 0.95), random.normal(0, 0.1), power)
    scene.add(Thing("body", body, _value(random, _FAT), -1, _grain(random, size)))
    within = body.scaled(random.uniform(0.82, 0.97))
    scene.add(Thing("inside of body", within, _value(random, _MUSCLE), 0, _grain(random, size)))
    if chance(random, 0.5):
        table = Oval(x, y + radius * body.stretch * 1.12, radius * 1.2, 0.04, 0, 8)
        scene.add(Thing("table", table, _value(random, 0.6)))
    return scene, within


def _add_lung(random: np.random.Generator, size: int, scene: Arrangement, body: Oval, side: int) -> None:
    x = body.x_px + side * body.radius_px * random.uniform(0.42, 0.52)
    y = body.y_px + body.radius_px * body.stretch * random.normal(0, 0.06)
    high = body.radius_px * body.stretch * random.uniform(0.45, 0.8)
    waves = tuple(complex(wave) for wave in random.normal(0, 0.06, (3, 2)) @ (1, 1j))
    outline = Oval(x, y, high, random.uniform(0.45, 0.65), np.pi / 2 + side * random.uniform(0, 0.3), 2.0, waves)
    lung = scene.add(Thing("lung", outline, _value(random, _LUNG, 0.25), 0, _grain(random, size), is_class=True))
    root = (x - side * 0.45 * high * outline.stretch, y)
    for _ in range(random.integers(2, 7)):
        angle = random.uniform(-1.2, 1.2) + (0 if side > 0 else np.pi)
        _add_tree(random, scene, root, angle, high * random.uniform(0.015, 0.05), 1.1 * high, _MUSCLE, lung)


def _add_spine(random: np.random.Generator, size: int, scene: Arrangement, body: Oval) -> None:
    x, y = body.x_px + random.normal(0, 0.03) * body.radius_px, body.y_px + 0.55 * body.radius_px * body.stretch
    radius = body.radius_px * random.uniform(0.1, 0.16)
    _add_bone(random, scene, make_oval(random, x, y, radius, 0.08), "vertebra", Texture.make(random, size, 0.12))
    arch = Oval(x, y + 1.3 * radius, radius * 0.8, 0.7, 0)
    index = scene.add(Thing("arch of vertebra", arch, _value(random, _BONE), 0))
    scene.add(Thing("spinal canal", arch.scaled(0.6), _value(random, _MUSCLE), index))
    tip = Strand(np.array([(x, y + 2 * radius), (x, y + random.uniform(2.2, 2.8) * radius)]), np.full(2, 0.2 * radius))
    scene.add(Thing("spine", tip, _value(random, _BONE), index))


def _add_bone(
    random: np.random.Generator, scene: Arrangement, oval: Oval, kind: str, texture: Texture | None = None
) -> None:
    bone = scene.add(Thing(kind, oval, _value(random, _BONE), 0, is_class=kind == "rib"))
    if oval.radius_px * oval.stretch > 3:
        scene.add(Thing("marrow", oval.scaled(random.uniform(0.5, 0.85)), _value(random, _MARROW), bone, texture))


def _add_tree(
    random: np.random.Generator,
    scene: Arrangement,
    root: tuple[float, float],
    angle: float,
    radius: float,
    reach: float,
    attenuation: float,
    parent: int,
) -> None:
    tree = scene.add(Thing("tree", None, attenuation, parent))
    for points, radii in _branches(random, np.array(root), angle, radius, reach):
        scene.add(Thing("branch", Strand(points, radii), attenuation, tree, is_target=False))


def _branches(
    random: np.random.Generator, start: np.ndarray, angle: float, radius: float, reach: float, depth: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if radius < 0.5 or depth > 4:
        return
    length = reach * random.uniform(0.15, 0.4)
    middle = start + 0.5 * length * np.array([np.cos(angle), np.sin(angle)])
    angle += random.normal(0, 0.3)
    end = middle + 0.5 * length * np.array([np.cos(angle), np.sin(angle)])
    thinner = radius * random.uniform(0.65, 0.9)
    yield np.stack([start, middle, end]), np.array([radius, (radius + thinner) / 2, thinner])
    for side in (-1, 1):
        turn = side * random.uniform(0.2, 0.8)
        yield from _branches(random, end, angle + turn, thinner * random.uniform(0.6, 0.95), 0.85 * reach, depth + 1)


def _value(random: np.random.Generator, middle: float, share: float = 0.03) -> float:
    return spread(random, middle, share)


def _grain(random: np.random.Generator, size: int) -> Texture | None:
    return Texture.make(random, size, log_uniform(random, 0.005, 0.05)) if chance(random, 0.4) else None
