"""What the tests of the dataset share."""

from pathlib import Path

import pytest

from bot.dataset.build import build
from bot.dataset.gather import Upload
from bot.dataset.limits import Limits
from bot.dataset.report import Report


class Bench:
    """A folder with the uploads of one test, and the clean zip that is built from them without a child process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "clean.zip"
        self.sheet = folder / "clean.jpg"
        self.sha256 = ""

    def upload(self, data: bytes, name: str = "set.zip") -> Upload:
        """Put a file where the bot would have downloaded it."""
        path = self.folder / f"upload-{len(list(self.folder.iterdir()))}"
        path.write_bytes(data)
        return Upload(path, name)

    def build(self, *uploads: Upload, limits: Limits | None = None) -> Report:
        """Vet the uploads in this process."""
        report, self.sha256 = build(uploads, self.out, self.sheet, limits or Limits())
        return report


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
