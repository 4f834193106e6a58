"""The fuzzing tools lie beside their tests, because they are run by hand as well."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
