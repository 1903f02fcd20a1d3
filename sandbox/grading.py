"""Gives the shades of a picture the colours of a palette."""

from collections.abc import Sequence

import numpy as np

from sandbox.scenery import Picture


def graded(light: Picture, places: Sequence[float] | Picture, palette: Picture) -> Picture:
    """Colour `light` (height x width) by `palette` (n x 3), whose colours stand at rising `places` of brightness."""
    parts: list[Picture] = [np.interp(light, places, palette[:, part]).astype(np.float32) for part in range(3)]
    return np.stack(parts, axis=2)
