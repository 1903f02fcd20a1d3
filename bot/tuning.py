"""What this process asks of Python and the C library; each figure was measured (docs/performance.md)."""

import contextlib
import ctypes
import sys

TURN = 0.0005  # seconds that a thread may keep the interpreter from the event loop; Python's own is ten times that
LARGE = 1 << 20  # bytes from which memory is a mapping of its own
M_MMAP_THRESHOLD = -3  # in glibc's malloc.h


def tune() -> None:
    """Set what must be set before the first thread; without glibc, memory stays as it is."""
    sys.setswitchinterval(TURN)
    # Else glibc keeps and wipes the two canvases that every WebP is opened with: 5 ms of page faults a picture.
    with contextlib.suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
