"""``python -m RWTHSAMLib.cli``: the command ``rwthsam`` where it is not installed as a script."""

import sys

from .main import main

sys.exit(main())
