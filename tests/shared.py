"""Where the folder of contracts and corpora beside the repository is, for the tests that need it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parent.parent.parent / "shared"


def shared(name: str) -> Path:
    """Return a file or folder of the shared folder, or skip the test where there is none."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} of the shared folder is not beside this repository")
    return path
