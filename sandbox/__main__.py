"""The command line: `python -m sandbox` opens the page, `tour` and `load` have their own words."""

import importlib
import sys
from collections.abc import Sequence

OTHERS = ("tour", "load")


def main(arguments: Sequence[str]) -> int:
    """Run a subcommand, or the page when none is named."""
    name, rest = (arguments[0], arguments[1:]) if arguments and arguments[0] in OTHERS else ("page", arguments)
    return importlib.import_module(f"sandbox.{name}").main(rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
