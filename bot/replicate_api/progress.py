"""How far a training is, read from its log; pure."""

import math
import re

from bot.domain.entities import Progress

# Each part is bounded: over a log of a megabyte that begins a bar ten thousand times and ends none, it takes no longer.
BAR = re.compile(
    r"flux_train_replicate:\s{1,8}\d{1,3}%\|[^|]{0,200}\|\s{0,8}(?P<step>\d{1,9})/(?P<total>\d{1,9})\s{0,8}"
    r"\[(?:[^<\]]{1,20})<(?P<left>[^,\]]{1,20})(?:,[^\]]{0,200}?loss:\s{0,8}(?P<loss>[0-9.e+-]{1,20}))?"
)
PHASES = (
    ("Loading Flux model", "Loading FLUX"),
    ("Caption for", "Describing the pictures"),
    ("Extracted", "Unpacking the pictures"),
    ("Downloaded base weights", "Unpacking the pictures"),
    ("Downloading", "Fetching the FLUX weights"),
)
CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})")
KEPT_LOSSES = 30


def read_progress(logs: str) -> Progress:
    """Read the last progress bar of a trainer's log, or the phase before the bar begins."""
    bars = list(BAR.finditer(logs))
    if not bars:
        phase = next((words for mark, words in PHASES if mark in logs), "Waiting for a machine")
        return Progress(phase=phase)
    last = bars[-1]
    losses = [float(bar["loss"]) for bar in bars if _is_number(bar["loss"])]
    return Progress(
        phase="Training",
        step=int(last["step"]),
        total=int(last["total"]),
        seconds_left=_seconds(last["left"]),
        losses=tuple(losses[:: max(1, len(losses) // KEPT_LOSSES)]),
    )


def _is_number(text: str | None) -> bool:
    try:
        return math.isfinite(float(text or "nan"))
    except ValueError:
        return False


def _seconds(clock: str) -> float | None:
    """Read tqdm's 09:04 or 1:02:03."""
    read = CLOCK.fullmatch(clock.strip())
    if read is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in read.groups())
    return float(hours * 3600 + minutes * 60 + seconds)
