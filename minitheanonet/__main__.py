"""``python -m minitheanonet``: see `command`."""

import sys

from minitheanonet.command.main import main

if __name__ == "__main__":
    sys.exit(main())
