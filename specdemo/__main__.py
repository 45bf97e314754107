"""`python -m specdemo` is the command `specdemo`."""

import sys

from specdemo._command import main

if __name__ == "__main__":
    sys.exit(main())
