"""Scenes that fill the whole view: grains, foams, fibres, sponges, layers, patches of texture."""

from __future__ import annotations

import numpy as np

from ..chance import chance, log_uniform
from ..drawing.canvas import Canvas
from ..drawing.grid import Grid, SmoothField, rough_field, summed
from ..drawing.plane import make_warp
from ..drawing.targets import centre_line, components, usable
from ..sample import Target


class Cellular:
    """Cells about scattered points: grains of their own grey, foam with walls, packed fibres."""

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self.name = str(random.choice(["grains", "foam", "fibres"]))
        self._cell_px = size * log_uniform(random, 0.03, 0.25)
        self._stretch = log_uniform(random, 0.3, 1) if chance(random, 0.4) else 1.0
        self._angle = float(random.uniform(0, np.pi))
        self._warp = make_warp(random, size, 0.04 * size)
        count = int(1.6 * size / self._cell_px / self._stretch) + 8
        self._points = random.uniform(0.1, 0.9, (count, count, 2)).astype(np.float32)
        spread = log_uniform(random, 0.03, 0.3)
        self._values = (random.uniform(0.2, 0.7) + spread * random.standard_normal(count * count)).astype(np.float32)
        self._wall_px = max(0.8, self._cell_px * log_uniform(random, 0.02, 0.2))
        self._wall = float(random.uniform(0, 1))
        self._hollow = float(random.uniform(0, 1))
        self._radius = random.uniform(0.35, 0.5, count * count).astype(np.float32)
        self._grain = rough_field(random, max(4, size // 8), 2, log_uniform(random, 0.003, 0.05))

    def draw(self, canvas: Canvas) -> None:
        """Draw all cells; `layer` is the cell's number, `part` 1 in a cell and 2 between cells."""
        cell, near, next_px = self._nearest(canvas.grid)
        canvas.layer[:] = cell % 32000
        if self.name == "fibres":
            is_between = near > self._radius[cell]
            values = self._values[cell]
        else:
            is_between = (next_px - near) * self._cell_px < self._wall_px
            values = self._values[cell] if self.name == "grains" else np.full(cell.shape, self._hollow, np.float32)
        canvas.attenuation[:] = np.where(is_between, np.float32(self._wall), values) + summed(self._grain, canvas.grid)
        canvas.part[:] = np.where(is_between, 2, 1)

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Single cells, all of them, and what is between."""
        is_cell = truth.part == 1
        single = {"grains": "grain", "foam": "pore", "fibres": "fibre"}[self.name]
        numbers = random.permutation(np.unique(truth.layer[is_cell]))[:10]
        found = [Target(single, is_cell & (truth.layer == number)) for number in numbers]
        if self.name != "grains" or self._wall_px > 1.5:
            found += [Target(f"all of {single}", is_cell), Target("matrix", ~is_cell)]
        return usable(found)

    def _nearest(self, grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Number of the nearest point, distance to it and to the next, in cells."""
        cos, sin = np.float32(np.cos(self._angle)), np.float32(np.sin(self._angle))
        x, y = grid.x + self._warp[0].on(grid), grid.y + self._warp[1].on(grid)
        u = (x * cos + y * sin) / np.float32(self._cell_px)
        v = (y * cos - x * sin) / np.float32(self._cell_px * self._stretch)
        count = len(self._points)
        u, v = u + count / 2, v + count / 2
        column = np.clip(u.astype(np.int32), 1, count - 2)
        row = np.clip(v.astype(np.int32), 1, count - 2)
        nearest, second = np.full(u.shape, 9, np.float32), np.full(u.shape, 9, np.float32)
        which = np.zeros(u.shape, np.int32)
        flat = self._points.reshape(-1, 2)
        base = row * count + column
        left, upper = u - column, v - row
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                index = base + (down * count + right)
                distance = (left - right - flat[index, 0]) ** 2 + (upper - down - flat[index, 1]) ** 2
                is_nearer = distance < nearest
                second = np.where(is_nearer, nearest, np.minimum(second, distance))
                nearest = np.minimum(nearest, distance)
                which[is_nearer] = index[is_nearer]
        return which, np.sqrt(nearest), np.sqrt(second)


class Sponge:
    """A network of struts, as in cancellous bone, perhaps under a dense shell."""

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self.name = "sponge"
        self._field = rough_field(random, int(log_uniform(random, 4, 28)), int(random.integers(1, 3)))
        self._level = float(random.uniform(-0.7, 0.9))
        self._is_network = chance(random, 0.5)
        self._solid, self._void = float(random.uniform(0.3, 1)), float(random.uniform(0, 0.25))
        self._outline = [SmoothField(random, 2)]
        self._shell_level = float(random.uniform(-1.5, 0.5))
        self._shell = log_uniform(random, 0.05, 0.5) if chance(random, 0.6) else 0.0
        self._is_bounded = chance(random, 0.6)
        self._outside = float(random.uniform(0, 0.2))

    def draw(self, canvas: Canvas) -> None:
        """`part` 1 is solid, 2 void, 0 outside."""
        field = summed(self._field, canvas.grid)
        is_solid = np.abs(field) < 0.35 + 0.25 * self._level if self._is_network else field > self._level
        depth = summed(self._outline, canvas.grid) - self._shell_level
        is_solid = is_solid | (np.abs(depth - self._shell) < self._shell)
        canvas.part[:] = np.where(is_solid, 1, 2)
        canvas.attenuation[:] = np.where(is_solid, np.float32(self._solid), np.float32(self._void))
        if self._is_bounded:
            canvas.draw(depth < 0, 0, self._outside)

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """All that is solid, single voids, and the whole."""
        found = [Target("solid", truth.part == 1), Target("sponge", truth.part > 0), Target("voids", truth.part == 2)]
        return usable(found + components("void", truth.part == 2, random, 6))


class Strata:
    """Layers that lie on one another or round one another, bent, some broken by a fault."""

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self.name = "strata"
        self._is_round = chance(random, 0.3)
        self._middle = random.uniform(-0.4, 0.4, 2) * size
        self._angle = float(random.uniform(0, np.pi))
        self._warp = make_warp(random, size, 0.06 * size)
        count = int(random.integers(3, 40))
        thickness = random.uniform(0.4, 1.6, count) * log_uniform(random, 2.5, max(3.0, 1.5 * size / count))
        self._bounds = (thickness.cumsum() - (0 if self._is_round else thickness.sum() / 2)).astype(np.float32)
        kinds = random.uniform(0, 1, random.integers(2, 6))
        values = random.choice(kinds, count + 1) if chance(random, 0.5) else kinds[np.arange(count + 1) % len(kinds)]
        self._kind = np.searchsorted(np.sort(kinds), values)
        self._values = values.astype(np.float32)
        self._fault = float(random.uniform(0.3, 3) * thickness.mean()) if chance(random, 0.2) else 0.0
        self._grain = rough_field(random, max(4, size // 10), 2, log_uniform(random, 0.003, 0.06))

    def draw(self, canvas: Canvas) -> None:
        """`layer` is the layer's number, `part` the number of its material plus one."""
        grid = canvas.grid
        x, y = grid.x + self._warp[0].on(grid), grid.y + self._warp[1].on(grid)
        cos, sin = np.float32(np.cos(self._angle)), np.float32(np.sin(self._angle))
        along, depth = x * cos + y * sin, y * cos - x * sin
        if self._is_round:
            x, y = x - np.float32(self._middle[0]), y - np.float32(self._middle[1])
            depth = np.hypot(x, y)
            along = np.arctan2(y, x) * depth
        depth = depth + np.where(along > 0, np.float32(self._fault), np.float32(0))
        number = np.searchsorted(self._bounds, depth)
        canvas.layer[:] = number
        canvas.along[:] = along
        canvas.part[:] = self._kind[number] + 1
        canvas.attenuation[:] = self._values[number] + summed(self._grain, grid)

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Single layers, all of one material, and several neighbours together."""
        numbers = random.permutation(np.unique(truth.layer))
        # neighbours of one material look like one layer
        same = [int(number) for number in numbers if not self._looks_like_its_neighbour(int(number))]
        found = []
        for number in same[:8]:
            mask = truth.layer == number
            found.append(Target("layer", mask, centre_line(mask, truth.along) if mask.any() else None))
        found += [Target("material", truth.part == kind) for kind in np.unique(truth.part)]
        first = int(random.choice(numbers))
        found.append(Target("layers", (truth.layer >= first) & (truth.layer < first + 3)))
        return usable(found)

    def _looks_like_its_neighbour(self, number: int) -> bool:
        beside = [other for other in (number - 1, number + 1) if 0 <= other < len(self._values)]
        return any(self._values[other] == self._values[number] for other in beside)


class Patches:
    """Regions that differ by their texture more than by their brightness."""

    def __init__(self, random: np.random.Generator, size: int) -> None:
        self.name = "patches"
        count = int(random.integers(2, 5))
        cells = int(random.integers(2, 6))
        self._regions = [rough_field(random, cells, int(random.integers(1, 4))) for _ in range(count)]
        self._means = random.uniform(0.3, 0.6) + log_uniform(random, 0.005, 0.15) * random.standard_normal(count)
        self._textures = [_make_texture(random, size) for _ in range(count)]
        self._deviations = [log_uniform(random, 0.02, 0.2) for _ in range(count)]
        self._stripes = [
            (random.uniform(0, np.pi), log_uniform(random, 3, 16), log_uniform(random, 0.05, 0.3))
            if chance(random, 0.35)
            else None
            for _ in range(count)
        ]

    def draw(self, canvas: Canvas) -> None:
        """`part` is the number of the region."""
        grid = canvas.grid
        region = np.argmax([summed(fields, grid) for fields in self._regions], axis=0)
        canvas.part[:] = region
        for number, mean in enumerate(self._means):
            where = region == number
            values = np.float32(mean) + self._deviations[number] * summed(self._textures[number], grid)
            stripes = self._stripes[number]
            if stripes is not None:
                angle, period, height = stripes
                phase = (grid.x * np.float32(np.cos(angle)) + grid.y * np.float32(np.sin(angle))) * np.float32(
                    2 * np.pi / period
                )
                values = values + np.float32(height) * np.sin(phase)
            canvas.attenuation[where] = values[where]

    def targets(self, truth: Canvas, random: np.random.Generator) -> list[Target]:
        """Regions, and their connected parts."""
        found = [Target("texture", truth.part == number) for number in range(len(self._means))]
        for number in range(len(self._means)):
            found += components("patch", truth.part == number, random, 2)
        return usable(found)


def _make_texture(random: np.random.Generator, size: int) -> list[SmoothField]:
    octaves = int(random.integers(1, 3))
    return rough_field(random, int(log_uniform(random, 8, max(9.0, size / 2 / octaves))), octaves)
