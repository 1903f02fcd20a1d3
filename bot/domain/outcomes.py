"""What a run's end means for the member, as a sentence that says what to do next; pure."""

from bot.domain.addresses import without_secrets

NSFW = ("nsfw", "flagged as sensitive", "(e005)")
NO_LORA = (
    *("download tarball", "safetensors file", "failed to parse", "weights not found", "model not found on civitai"),
    *("download weights failed", "unauthorized for url: https://huggingface.co"),
)
PASSING = ("interrupted", "e9828", "e6716", "(code: pa)")
TRAINING = (
    (
        ("regex",),
        "layers_to_optimize_regex fits no layer of FLUX. Run /train again and correct it, or leave it empty.",
    ),
    (
        ("zip", "cannot identify image", "no images"),
        "The trainer could not read the photos. Save them as JPEG, zip them again and run /train.",
    ),
    (
        ("out of memory", "e1001"),
        "The trainer ran out of memory. Run /train again with a smaller lora_rank or batch_size.",
    ),
    (
        ("given up",),
        "The training did not finish in time. Run /train again; if it happens twice, tell your operator.",
    ),
)


def picture_failure(error: str) -> str:
    """Explain why a generation gave no pictures."""
    told = error.lower()
    if any(mark in told for mark in NSFW):
        return "The safety check held every picture back. Press *Again*, or describe the scene differently."
    if any(mark in told for mark in PASSING):
        return "Replicate was interrupted while painting. Press *Again*; that usually helps."
    if any(mark in told for mark in NO_LORA):
        return (
            "Replicate could not load the LoRA. Check its address, and that everybody may download it: `owner/name` is "
            "a model on Replicate, `huggingface.co/owner/name` one on Hugging Face."
        )
    if told.startswith("given up"):
        return "Replicate did not finish in time. Press *Again* in a few minutes."
    return "Replicate could not paint this. Press *Again*, or change the prompt; if it stays, tell your operator."


def training_failure(error: str) -> str:
    """Explain why a training made no version."""
    told = error.lower()
    if any(mark in told for mark in PASSING):
        return "Replicate was interrupted while training. Run /train again with the same zip."
    found = (sentence for marks, sentence in TRAINING if any(mark in told for mark in marks))
    return next(found, "The trainer stopped with an error. Run /train again; if it happens twice, tell your operator.")


def import_failure(error: str) -> str:
    """Explain why an import made no version."""
    told = error.lower()
    if "pget" in told or "invalid url" in told:
        return "Hugging Face did not hand the file over. See that its address opens without an account, and try again."
    return training_failure(error).replace(" with the same zip", "")


def held_back(count: int) -> str:
    """Say that the safety check kept some of the pictures."""
    return f"The safety check held {count} of the pictures back; press *Again* for others."


def refusal(status: int, detail: str) -> str:
    """Explain why Replicate did not take a request at all; nothing was charged."""
    if status in (401, 403):
        return "Replicate does not accept this bot's key. Nothing was charged; your operator has to renew it."
    if status == 402:
        return "The team's Replicate account has no credit left. Nothing was charged; ask your operator to top it up."
    if status == 404:
        return "Replicate no longer has this model. Choose another one, or train it again."
    if status == 422:
        reason = without_secrets(" ".join(detail.split()))[:200]
        return f"Replicate refused one of the settings ({reason}). Change it and try again; nothing was charged."
    return f"Replicate refused the request (status {status}). Nothing was charged; try again later."


UNCLEAR = (
    "Replicate does not answer, and we will not risk paying twice. The estimate is charged, as it may have run; try "
    "again in a few minutes."
)
LATER = "Replicate cannot be reached right now. Nothing was charged; try again in a few minutes."
CANCELED = "Cancelled. What had run until then is charged; nothing else."
CANCELED_IN_DOUBT = (
    "Cancelled. Replicate did not say whether it had begun, so the estimate is charged; your operator can see at "
    "Replicate whether it ran."
)
ENDED = "Replicate ended this before it was done. Try again in a few minutes; what had run until then is charged."
LOST = "The pictures were painted but could not be fetched before Replicate removed them. Press *Again*."
NOT_COPIED = "It is not copied to Hugging Face: your operator has no private repository for it there; the log says why."
PHOTOS_GONE = "The photos are no longer here. Nothing was charged; run /train again with the same files."
SOURCE_GONE = "The picture to begin with was deleted in the meantime. Choose another one and run the command again."
BROKEN = "Something went wrong on our side (error `{id}`). Try again; if it comes back, give this id to your operator."
NO_LANGUAGE_MODEL = "The language model that ATELIER_ENRICH_MODEL names takes no prompt; tell your operator."
WORDLESS = "The language model gave no answer."
