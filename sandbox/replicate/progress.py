"""Writes progress as tqdm does, which is how models report it."""


def clock_text(seconds: float) -> str:
    """Write a duration as tqdm does: 01:05, or 1:01:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def bar(done: int, total: int, elapsed: float, *, prefix: str = "", width: int = 10, note: str = "") -> str:
    """Draw one state of a tqdm bar, without its line end."""
    share = done / total if total else 1.0
    eighths = int(share * width * 8)
    blocks = "█" * (eighths // 8)
    if eighths % 8:
        blocks += " ▏▎▍▌▋▊▉"[eighths % 8]
    left = f"{prefix}{share * 100:3.0f}%|{blocks:<{width}}| {done}/{total} "
    if not done or not elapsed:
        return f"{left}[00:00<?, ?it/s{note}]"
    pace = elapsed / done
    speed = f"{pace:5.2f}s/it" if pace > 1 else f"{1 / pace:5.2f}it/s"
    return f"{left}[{clock_text(elapsed)}<{clock_text(pace * (total - done))}, {speed}{note}]"
