"""How far a training is, read from its log; pure."""

import re

from bot.domain.entities import Progress

BAR = re.compile(
    r"flux_train_replicate:\s+\d+%\|[^|]*\|\s*(?P<step>\d+)/(?P<total>\d+)\s*"
    r"\[(?:[^<\]]+)<(?P<left>[^,\]]+)(?:,[^\]]*?loss:\s*(?P<loss>[0-9.e+-]+))?"
)
PHASES = (
    ("Loading Flux model", "Loading FLUX"),
    ("Caption for", "Describing the pictures"),
    ("Extracted", "Unpacking the pictures"),
    ("Downloaded base weights", "Unpacking the pictures"),
    ("Downloading", "Fetching the FLUX weights"),
)
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
        float(text or "")
    except ValueError:
        return False
    return True


def _seconds(clock: str) -> float | None:
    """Read tqdm's 09:04 or 1:02:03."""
    total = 0
    for part in clock.strip().split(":"):
        if not part.isdigit():
            return None
        total = total * 60 + int(part)
    return float(total)
