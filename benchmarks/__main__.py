"""Runs the benchmarks by name, or all of them, and prints one table each."""

import argparse
import asyncio
import time
from pathlib import Path

from benchmarks import acknowledgement, crowd, delivery, history, loop, memory, vetting
from benchmarks.tables import machine, place

ALL = {
    "acknowledgement": acknowledgement,
    "delivery": delivery,
    "crowd": crowd,
    "loop": loop,
    "memory": memory,
    "vetting": vetting,
    "history": history,
}


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Print Atelier's figures, a table each.")
    parser.add_argument("name", nargs="*", choices=[*ALL, []], help="all of them if left out")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this document, too")
    options = parser.parse_args()
    print(machine())
    if options.write:
        place(options.write, "machine", machine())
    for name in options.name or ALL:
        began = time.monotonic()
        table = asyncio.run(ALL[name].measure())
        print(f"\n## {table.title}\n\n{table.text()}\n({time.monotonic() - began:.0f} s)", flush=True)
        if options.write:
            place(options.write, name, table.text())


if __name__ == "__main__":
    main()
