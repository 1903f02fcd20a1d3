"""What tests share: the folder of contracts and corpora beside the repository, and how long to wait for ever."""

from pathlib import Path

import pytest

FOREVER = 300.0  # seconds after which what is waited for will not come; far beyond what a busy machine needs
SHARED = Path(__file__).parent.parent.parent / "shared"


def shared(name: str) -> Path:
    """Return a file or folder of the shared folder, or skip the test where there is none."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} of the shared folder is not beside this repository")
    return path
