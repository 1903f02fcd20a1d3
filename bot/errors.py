"""Every error of our own.

AtelierError
├── SettingsError          the environment is missing something; names every problem at once
├── UserError              its text is a sentence for the member, shown as it is
├── NameTaken              a member has a fine-tune of this name already
├── Overtaken              another press came first: what was to be accepted is gone, or changed
└── RemoteError            Replicate did not do what we asked
    ├── RemoteRefused      it said no, and nothing happened
    │   └── RemoteThrottled    it said: later
    └── RemoteUnclear      no answer, or a broken one: it may have happened
"""

from collections.abc import Sequence


class AtelierError(Exception):
    """The root of the tree."""


class SettingsError(AtelierError):
    """Every missing or malformed setting, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UserError(AtelierError):
    """What the member did cannot be done; the text says what to do instead."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class NameTaken(AtelierError):
    """Its owner has a fine-tune of this name already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the name {name} is taken")
        self.name = name


class Overtaken(AtelierError):
    """Another press came first: what was to be accepted is gone, or is not as it was read."""


class RemoteError(AtelierError):
    """Replicate did not do what we asked."""


class RemoteRefused(RemoteError):
    """Replicate answered that it will not do this; nothing happened there."""

    def __init__(self, status: int, detail: str, fields: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(f"Replicate refused with {status}: {detail}")
        self.status = status
        self.detail = detail
        self.fields = tuple(fields)
        """(field, what is wrong with it), for a 422."""


class RemoteThrottled(RemoteRefused):
    """Replicate asks us to come back later."""

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(429, detail)
        self.retry_after = retry_after


class RemoteUnclear(RemoteError):
    """No answer, or one that does not tell whether the request took effect."""
