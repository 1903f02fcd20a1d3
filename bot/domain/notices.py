"""What a member is to read of a job or an upload, as it is kept: a code with its values, never a sentence; pure.

`bot.domain.sentences` puts it into words where it is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OLDER = "older"
"""The code of what an older version kept as a sentence."""
WRITTEN = "written"
"""The name of the value that holds such a sentence."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A stable code, and the values that its sentence needs: texts, numbers and lists of them, as JSON has them."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def of(cls, code: str, **values: object) -> "Notice":
        """Make one with its values named."""
        return cls(code, values)

    @classmethod
    def written(cls, sentence: str, code: str = OLDER) -> "Notice":
        """Make one of a sentence that an older version kept."""
        return cls(code, {WRITTEN: sentence})
