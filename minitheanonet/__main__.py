"""``python -m minitheanonet``: see `command`."""

import sys

from minitheanonet.command.main import main

sys.exit(main())
