"""The real bot, hurried, on a machine whose clock on the wall jumps by as many seconds as a file says."""

import os
import sys
import time
from pathlib import Path

from tests.faults import hurried

JUMP = "FAULTS_JUMP"
"""Names the variable that says where the file is; without the file the clock is right."""
true_time = time.time


def main() -> int:
    """Run the bot."""
    file = Path(os.environ[JUMP])

    def skewed_time() -> float:
        return true_time() + (float(file.read_text()) if file.exists() else 0.0)

    time.time = skewed_time
    return hurried.main()


if __name__ == "__main__":
    sys.exit(main())
