"""``python -m RWTHSAMLib.batch``: the command ``rwthsam`` where it is not installed as a script."""

import sys

from .cli import main

sys.exit(main())
