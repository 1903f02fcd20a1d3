"""Why an upload is refused as a whole; each refusal has a stable word and a sentence for the member."""

from __future__ import annotations

from collections.abc import Sequence

from bot.dataset.report import LeftOut
from bot.errors import UserError


class DatasetRefused(UserError):
    """The upload cannot become a training set; `code` and `detail` are for operators, the text for the member."""

    def __init__(self, code: str, text: str, detail: str = "", left_out: Sequence[LeftOut] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.detail = detail
        self.left_out = tuple(left_out)
