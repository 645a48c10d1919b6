"""Outlines of what is drawn in a picture: contours between pixels, simplified, as a font has them."""

from __future__ import annotations

import numpy as np

LEVEL = 0.5  # ink from which a place is inside
TOLERANCE = 0.12  # pixels that a simplified contour may be away, at most
SMOOTH_ANGLE = np.radians(50.0)  # turns by less are parts of a curve
SMOOTH_LENGTH = 3.0  # pixels of a side; longer ones are straight strokes
MIN_AREA = 0.3  # square pixels; smaller specks are no strokes
Contour = np.ndarray  # x and y in pixels from the upper left corner, float, shape [points, 2]; closed


def contours(ink: np.ndarray) -> list[Contour]:
    """Lines where ink passes LEVEL, linear between the centers of pixels (marching squares, Lorensen & Cline 1987).

    All run with the ink on the same side, clockwise around it where y points upward, as TrueType has it; holes turn the
    other way.

    Args:
        ink: from 0 (paper) to 1, float, shape [height, width]; beyond its edges there is paper.
    """
    field = np.pad(np.asarray(ink, float), 1)
    following = _links(field)
    found = []
    while following:
        edge, after = following.popitem()
        line = [edge]
        while after != edge:
            line.append(after)
            after = following.pop(after)
        found.append(np.array([_crossing(field, each) for each in reversed(line)]) - 0.5)  # a pixel of padding
    return [contour for contour in found if abs(area(contour)) >= MIN_AREA]


def area(contour: Contour) -> float:
    """Within a contour, square pixels; its sign says in which direction it turns."""
    x, y = contour.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0


def simplified(contour: Contour, tolerance: float = TOLERANCE) -> Contour:
    """Fewer points, from which none of the others was further away (Douglas & Peucker 1973)."""
    contour = np.roll(contour, -int(np.argmin(contour.sum(axis=1))), axis=0)  # begins at a corner rather than on a side
    furthest = int(np.argmax(np.square(contour - contour[0]).sum(axis=1)))
    closed = np.concatenate([contour, contour[:1]])
    kept = {0, furthest}
    spans = [(0, furthest), (furthest, len(contour))]
    while spans:
        start, end = spans.pop()
        if end - start < 2:
            continue
        distances = _distances(closed[start + 1 : end], closed[start], closed[end])
        furthest = int(np.argmax(distances))
        if distances[furthest] > tolerance:
            middle = start + 1 + furthest
            kept.add(middle)
            spans += [(start, middle), (middle, end)]
    return contour[sorted(kept)]


def is_smooth(contour: Contour) -> np.ndarray:
    """Which points of a simplified contour lie on a curve, and not at a corner; bool, shape [points]."""
    before, after = contour - np.roll(contour, 1, axis=0), np.roll(contour, -1, axis=0) - contour
    lengths = [np.hypot(*side.T) for side in (before, after)]
    turns = np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1))
    return (np.abs(turns) < SMOOTH_ANGLE) & (np.maximum(*lengths) < SMOOTH_LENGTH)


Edge = tuple[int, int, int]  # 0: between a pixel and the one to the right, 1: and the one below; row, column


def _links(field: np.ndarray) -> dict[Edge, Edge]:
    """Where each crossed edge is followed by which: a line enters a cell of four pixels there, and leaves it."""
    inside = field >= LEVEL
    counts = sum(inside[row : row + len(inside) - 1, column : column + inside.shape[1] - 1].astype(int)
                 for row in (0, 1) for column in (0, 1))  # fmt: skip
    following: dict[Edge, Edge] = {}
    for row, column in np.argwhere((counts > 0) & (counts < 4)).tolist():
        corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]  # clockwise
        edges = [(0, row, column), (1, row, column + 1), (0, row + 1, column), (1, row, column)]
        ink = [bool(inside[corner]) for corner in corners]
        enters = [side for side in range(4) if not ink[side] and ink[(side + 1) % 4]]
        leaves = [side for side in range(4) if ink[side] and not ink[(side + 1) % 4]]
        joined = len(enters) == 2 and np.mean([field[corner] for corner in corners]) >= LEVEL
        for enter in enters:
            turn = -1 if joined else 1  # two corners of ink: joined through the middle, or apart
            steps = min(step for step in (1, 2, 3) if (enter + turn * step) % 4 in leaves)
            following[edges[enter]] = edges[(enter + turn * steps) % 4]
    return following


def _crossing(field: np.ndarray, edge: Edge) -> tuple[float, float]:
    """Where the ink passes LEVEL between two pixels: x and y."""
    down, row, column = edge
    one, other = field[row, column], field[row + down, column + 1 - down]
    share = (LEVEL - one) / (other - one)
    return (column + (1 - down) * share, row + down * share)


def _distances(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Of points from the straight line between two others."""
    along = end - start
    length = float(np.hypot(*along))
    away = points - start
    if length == 0.0:
        return np.hypot(*away.T)
    return np.abs(along[0] * away[:, 1] - along[1] * away[:, 0]) / length
