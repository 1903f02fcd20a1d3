"""What became of a run at Replicate, in sentences that say what to do next."""

from collections.abc import Callable, Mapping

SENTENCES: Mapping[str, Callable[..., str]] = {
    # Pictures
    "nsfw": "The safety check held every picture back. Press *Again*, or describe the scene differently.".format,
    "held-back": "The safety check held {count} of the pictures back; press *Again* for others.".format,
    "painting-interrupted": "Replicate was interrupted while painting. Press *Again*; that usually helps.".format,
    "no-lora": (
        "Replicate could not load the LoRA. Check its address, and that everybody may download it: `owner/name` is "
        "a model on Replicate, `huggingface.co/owner/name` one on Hugging Face."
    ).format,
    "painting-late": "Replicate did not finish in time. Press *Again* in a few minutes.".format,
    "not-painted": (
        "Replicate could not paint this. Press *Again*, or change the prompt; if it stays, tell your operator."
    ).format,
    "lost": ("The pictures were painted but could not be fetched before Replicate removed them. Press *Again*.").format,
    "source-gone": (
        "The picture to begin with was deleted in the meantime. Choose another one and run the command again."
    ).format,
    # Trainings
    "training-interrupted": "Replicate was interrupted while training. Run /train again with the same zip.".format,
    "import-interrupted": "Replicate was interrupted while training. Run /train again.".format,
    "regex": (
        "layers_to_optimize_regex fits no layer of FLUX. Run /train again and correct it, or leave it empty."
    ).format,
    "photos-unreadable": (
        "The trainer could not read the photos. Save them as JPEG, zip them again and run /train."
    ).format,
    "out-of-memory": ("The trainer ran out of memory. Run /train again with a smaller lora_rank or batch_size.").format,
    "training-late": (
        "The training did not finish in time. Run /train again; if it happens twice, tell your operator."
    ).format,
    "training-failed": (
        "The trainer stopped with an error. Run /train again; if it happens twice, tell your operator."
    ).format,
    "not-handed-over": (
        "Hugging Face did not hand the file over. See that its address opens without an account, and try again."
    ).format,
    "not-copied": (
        "It is not copied to Hugging Face: your operator has no private repository for it there; the log says why."
    ).format,
    "photos-gone": "The photos are no longer here. Nothing was charged; run /train again with the same files.".format,
    # Prose by a language model
    "no-prompt-field": "The language model that ATELIER_ENRICH_MODEL names takes no prompt; tell your operator.".format,
    "wordless": "The language model gave no answer.".format,
    "no-prose": "The language model gave no prompt, so its answer is not used.".format,
    "long-prose": (
        "The language model wrote {length:,} characters, of which FLUX takes {most:,}, so its answer is not used."
    ).format,
    "trigger-lost": (
        "The language model left out or changed the trigger word `{word}`, so its answer is not used."
    ).format,
    "lettering-changed": "The language model changed the lettering, so its answer is not used.".format,
    "lettering-added": "The language model made up lettering, so its answer is not used.".format,
    # Refused by Replicate
    "key-refused": (
        "Replicate does not accept this bot's key. Nothing was charged; your operator has to renew it."
    ).format,
    "no-credit": (
        "The team's Replicate account has no credit left. Nothing was charged; ask your operator to top it up."
    ).format,
    "spend-limit": (
        "The team's Replicate account has reached its spend limit. Nothing was charged; ask your operator to raise it."
    ).format,
    "not-allowed": (
        "Replicate does not let this team's account do that. Nothing was charged; choose another model, or ask your "
        "operator."
    ).format,
    "model-gone": "Replicate no longer has this model. Choose another one, or train it again.".format,
    "setting-refused": (
        "Replicate refused one of the settings ({reason}). Change it and try again; nothing was charged."
    ).format,
    "refused": "Replicate refused the request (status {status}). Nothing was charged; try again later.".format,
    # In doubt, cancelled, broken
    "unclear": (
        "Replicate does not answer, and we will not risk paying twice. The estimate is charged, as it may have run; "
        "try again in a few minutes."
    ).format,
    "unreachable": "Replicate cannot be reached right now. Nothing was charged; try again in a few minutes.".format,
    "cancelled": "Cancelled. What had run until then is charged; nothing else.".format,
    "cancelled-in-doubt": (
        "Cancelled. Replicate did not say whether it had begun, so the estimate is charged; your operator can see at "
        "Replicate whether it ran."
    ).format,
    "ended": (
        "Replicate ended this before it was done. Try again in a few minutes; what had run until then is charged."
    ).format,
    "broken": (
        "Something went wrong on our side (error `{id}`). Try again; if it comes back, give this id to your operator."
    ).format,
}
