"""What Replicate says of a run, in our words: a total reading of its JSON, however odd; pure."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, cast

from bot.replicate_api.answers import readable

RunKind = Literal["trainings", "predictions"]

IDENTITY = re.compile(r"[0-9A-Za-z_-]{1,64}")  # Replicate gives 26 letters and digits; it becomes part of a path
VERSION = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}:[0-9A-Za-z]{1,64}", re.ASCII)
HTTPS = re.compile(r"https://[!-~]{1,2000}")
PAGE = re.compile(r"https://replicate\.com/[!-~]{1,200}")  # members press a button that leads there
MOST_OUTPUTS = 10_000  # a language model gives a few words each
LONGEST_ERROR = 4000  # characters, from its beginning
LONGEST_LOGS = 1 << 20  # characters, from their end: the bars of 9,000 steps
LONGEST_NAME = 200  # characters


class RunState(StrEnum):
    """Where a run stands at Replicate."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"  # ended before it began; Replicate does not charge it

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self not in (RunState.STARTING, RunState.PROCESSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A training or a prediction at Replicate."""

    id: str
    state: RunState
    model: str = ""
    version: str = ""
    outputs: tuple[str, ...] = ()
    """Addresses of finished pictures."""
    trained: str | None = None
    """owner/name:hash of the version that a training made."""
    weights: str = ""
    """Where the weights lie that a training made."""
    error: str = ""
    logs: str = ""
    seconds: float | None = None
    """How long it ran, as Replicate measured; what it charges for.

    Of a run that failed or was cancelled, and that it did not measure, the time between its beginning and its end.
    """
    images: int | None = None
    """How many pictures Replicate counted; what it charges for, where the price is by the picture."""
    created_at: float = 0.0
    web: str | None = None
    """Its page for people."""
    input: Mapping[str, Any]
    destination: str | None = None
    removed: bool = False
    """Whether Replicate has already forgotten input and output."""
    given_up: bool = False
    """Whether this is not Replicate's word, but ours after waiting for too long."""


def read_run(raw: object) -> Run | None:
    """Read a training or a prediction; None for what is no run, or has an id that is none."""
    told = _dict(raw)
    identity = _text(told.get("id"))
    if not IDENTITY.fullmatch(identity):
        return None
    output, state = told.get("output"), _state(told.get("status"))
    return Run(
        id=identity,
        state=state,
        model=_text(told.get("model"))[:LONGEST_NAME],
        version=_text(told.get("version"))[:LONGEST_NAME],
        outputs=_addresses(output),
        trained=_trained(output),
        weights=_fitting(HTTPS, _dict(output).get("weights")) or "",
        error=_text(told.get("error"))[:LONGEST_ERROR],
        logs=_text(told.get("logs"))[-LONGEST_LOGS:],
        seconds=_seconds(told, state),
        images=_whole(_dict(told.get("metrics")).get("image_count")),
        created_at=_time(told.get("created_at")),
        web=_fitting(PAGE, _dict(told.get("urls")).get("web")) or f"https://replicate.com/p/{identity}",
        input=_dict(told.get("input")),
        destination=_text(told.get("destination"))[:LONGEST_NAME] or None,
        removed=told.get("data_removed") is True,
    )


def _seconds(told: Mapping[str, Any], state: RunState) -> float | None:
    measured = _number(_dict(told.get("metrics")).get("predict_time"))
    if measured is not None or state not in (RunState.FAILED, RunState.CANCELED):
        return measured
    began, ended = _time(told.get("started_at")), _time(told.get("completed_at"))
    return ended - began if 0 < began < ended else None


def _state(word: object) -> RunState:
    try:
        return RunState(_text(word))
    except ValueError:
        return RunState.PROCESSING  # a word of the future: wait, until the deadline ends it


def _dict(raw: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", raw) if isinstance(raw, dict) else {}


def _text(raw: object) -> str:
    return readable(raw) if isinstance(raw, str) else ""


def _fitting(form: re.Pattern[str], raw: object) -> str | None:
    text = _text(raw)
    return text if form.fullmatch(text) else None


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return float(raw) if 0 <= raw < 1e7 else None


def _whole(raw: object) -> int | None:
    number = _number(raw)
    return int(number) if number is not None and number.is_integer() else None


def _addresses(output: object) -> tuple[str, ...]:
    if isinstance(output, str):
        return (readable(output),)
    if isinstance(output, list):
        first = cast("Sequence[object]", output)[:MOST_OUTPUTS]
        return tuple(readable(item) for item in first if isinstance(item, str))
    return ()


def _trained(output: object) -> str | None:
    return _fitting(VERSION, _dict(output).get("version"))


def _time(raw: object) -> float:
    text = _text(raw)
    head, dot, fraction = text.removesuffix("Z").partition(".")
    try:
        # Replicate gives up to nine digits after the point; Python 3.11 takes six.
        moment = datetime.datetime.fromisoformat(head + dot + fraction[:6])
    except ValueError:
        return 0.0
    return moment.replace(tzinfo=moment.tzinfo or datetime.UTC).timestamp()
