"""Makes the files typed for the tests of CxF3 importable where they stand."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
