"""What train() of replicate/flux-fine-tuner refuses although the schema lets it through, in the words of its source."""

import re

from sandbox.replicate.fields import Json

BLOCKS = {
    "transformer.transformer_blocks": (
        19,
        (
            *("norm1.linear", "norm1_context.linear", "attn.to_q", "attn.to_k", "attn.to_v", "attn.add_k_proj"),
            *("attn.add_v_proj", "attn.add_q_proj", "attn.to_out.0", "attn.to_add_out", "ff.net.0.proj", "ff.net.2"),
            *("ff_context.net.0.proj", "ff_context.net.2"),
        ),
    ),
    "transformer.single_transformer_blocks": (
        38,
        ("norm.linear", "proj_mlp", "proj_out", "attn.to_q", "attn.to_k", "attn.to_v"),
    ),
}
LAYERS = [
    f"{name}.{block}.{part}" for name, (count, parts) in BLOCKS.items() for block in range(count) for part in parts
]
OPTIMIZERS = {  # of ai-toolkit's optimizer.py, beside all that begins with prodigy or dadaptation
    *("adam8", "adamw8", "adam8bit", "adamw8bit", "ademamix8bit", "lion8bit", "adam", "adamw", "lion"),
    *("adagrad", "adafactor", "automagic"),
}
REPOSITORY = re.compile(r"[\w.-]{1,96}(?:/[\w.-]{1,96})?")


def before_the_zip(values: Json) -> str | None:
    """Say what stops a training before it looks at its pictures."""
    if not values.get("input_images"):
        return "input_images must be provided"
    pattern = values.get("layers_to_optimize_regex")
    if pattern:
        try:
            matching = [layer for layer in LAYERS if re.search(pattern, layer)]
        except re.error as error:
            return f"Failed to compile regex '{pattern}': {error}"
        if not matching:
            listed = "\n".join(LAYERS)
            return f"The regex '{pattern}' didn't match any layers. These layers can be optimized:\n{listed}"
    for side in str(values.get("resolution") or "512").split(","):
        if not re.fullmatch(r"\s*[+-]?\d+\s*", side):
            return f"invalid literal for int() with base 10: {side!r}"
    key = values.get("wandb_api_key")
    if key and len(key) != 40:
        return f"API key must be 40 characters long, yours was {len(key)}"
    return None


def after_the_captions(values: Json) -> str | None:
    """Say what stops a training once the job itself starts: its optimizer and its batches."""
    optimizer, rate = str(values.get("optimizer") or "adamw8bit"), values.get("learning_rate", 0.0004)
    if optimizer.lower() not in OPTIMIZERS and not optimizer.lower().startswith(("prodigy", "dadaptation")):
        return f"Unknown optimizer type {optimizer}"
    if rate < 0:
        return f"Invalid learning rate: {rate}"
    batch = values.get("batch_size", 1)
    return f"batch_size should be a positive integer value, but got batch_size={batch}" if batch < 1 else None


def upload_problem(repository: str, token: str) -> str | None:
    """Say why Hugging Face takes no upload; the training goes on without it."""
    if not REPOSITORY.fullmatch(repository):
        return f"Repo id must use alphanumeric chars or '-', '_', '.', '--' and '..' are forbidden: '{repository}'."
    if not token.startswith("hf_"):
        return "401 Client Error: Unauthorized for url: https://huggingface.co/api/repos/create"
    return None
