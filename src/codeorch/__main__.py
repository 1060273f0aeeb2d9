"""Run codeorch with `python -m codeorch`."""

import sys

from codeorch.cli import main

if __name__ == "__main__":
    sys.exit(main())
