"""Video: capture, VP8, packets, frame assembly, scaling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
"""A raw picture: `height x width x 3`, red, green, blue."""
