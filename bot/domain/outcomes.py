"""What a run's end means for the member, as a notice; pure."""

from bot.domain.addresses import without_secrets
from bot.domain.notices import Notice

NSFW = ("nsfw", "flagged as sensitive", "(e005)")
NO_LORA = (
    *("download tarball", "safetensors file", "failed to parse", "weights not found", "model not found on civitai"),
    *("download weights failed", "unauthorized for url: https://huggingface.co"),
)
PASSING = ("interrupted", "e9828", "e6716", "(code: pa)")
TRAINING = {
    "regex": ("regex",),
    "photos-unreadable": ("zip", "cannot identify image", "no images"),
    "out-of-memory": ("out of memory", "e1001"),
    "training-late": ("given up",),
}
"""Marks in the error of a trainer, by what they mean."""
LONGEST_REASON = 200  # characters


def picture_failure(error: str) -> Notice:
    """Say why a generation gave no pictures."""
    told = error.lower()
    if any(mark in told for mark in NSFW):
        return Notice("nsfw")
    if any(mark in told for mark in PASSING):
        return Notice("painting-interrupted")
    if any(mark in told for mark in NO_LORA):
        return Notice("no-lora")
    is_late = told.startswith("given up")
    return Notice("painting-late" if is_late else "not-painted")


def training_failure(error: str) -> Notice:
    """Say why a training made no version."""
    told = error.lower()
    if any(mark in told for mark in PASSING):
        return Notice("training-interrupted")
    found = (code for code, marks in TRAINING.items() if any(mark in told for mark in marks))
    return Notice(next(found, "training-failed"))


def import_failure(error: str) -> Notice:
    """Say why an import made no version."""
    told = error.lower()
    if "pget" in told or "invalid url" in told:
        return Notice("not-handed-over")
    if any(mark in told for mark in PASSING):
        return Notice("import-interrupted")
    return training_failure(error)


def held_back(count: int) -> Notice:
    """Say that the safety check kept some of the pictures."""
    return Notice.of("held-back", count=count)


def refusal(status: int, detail: str) -> Notice:
    """Say why Replicate did not take a request at all; nothing was charged."""
    known = {401: "key-refused", 403: "not-allowed", 402: "no-credit", 404: "model-gone"}
    if status == 402 and "spend limit" in detail.lower():  # of the account's own, which a top-up does not lift
        return Notice("spend-limit")
    if status in known:
        return Notice(known[status])
    if status == 422:
        return Notice.of("setting-refused", reason=without_secrets(" ".join(detail.split()))[:LONGEST_REASON])
    return Notice.of("refused", status=status)


def broken(error_id: str) -> Notice:
    """Say that our own code failed; the operator finds the id in the log."""
    return Notice.of("broken", id=error_id)


UNCLEAR = Notice("unclear")
LATER = Notice("unreachable")
CANCELED = Notice("cancelled")
CANCELED_IN_DOUBT = Notice("cancelled-in-doubt")
ENDED = Notice("ended")
LOST = Notice("lost")
NOT_COPIED = Notice("not-copied")
PHOTOS_GONE = Notice("photos-gone")
SOURCE_GONE = Notice("source-gone")
NO_LANGUAGE_MODEL = Notice("no-prompt-field")
WORDLESS = Notice("wordless")
