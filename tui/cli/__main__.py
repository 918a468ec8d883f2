"""`python -m tui.cli`: the same as `sotto`."""

import sys

from tui.cli import main

sys.exit(main())
