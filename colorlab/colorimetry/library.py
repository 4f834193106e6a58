"""The one door to colour-science."""

from __future__ import annotations

from types import ModuleType

import numpy as np


def colour_science() -> ModuleType:
    """The library, imported when it is first needed."""
    # Importing colour-science switches NumPy's print mode for the whole process; keep that inside.
    with np.printoptions():
        import colour
    module: ModuleType = colour
    return module
