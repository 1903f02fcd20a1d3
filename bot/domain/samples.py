"""The sample sheet by which every new fine-tune shows itself, and a short example for its owner; pure."""

from collections.abc import Mapping

from bot.domain.catalog import DEV, FINE_TUNE_DEV
from bot.domain.entities import Generation, Recipe, Training, Version
from bot.domain.money import SHEET_PROMPTS, SHEET_SCALES, PriceList
from bot.errors import UserError

SAMPLE_SEED = 20241125
USUAL_SCALE = 1.0  # what a LoRA is trained for
SAMPLES = {
    "subject": (
        "A studio portrait of {trigger}, soft window light, plain grey background, sharp focus, 85 mm lens",
        "An ink and watercolour illustration of {trigger} reading in a garden full of blooming flowers",
    ),
    "style": (
        "A lighthouse on a cliff above a stormy sea, in the style of {trigger}",
        "A portrait of an old fisherman with a woollen hat, in the style of {trigger}",
    ),
    "product": (
        "A product photograph of {trigger} on a marble table, soft daylight, shallow depth of field",
        "{trigger} on a wooden desk beside a cup of coffee and a notebook, seen from above",
    ),
}


EXAMPLES = {
    "subject": "a photo of {trigger} on a windy beach",
    "style": "a lighthouse in the style of {trigger}",
    "product": "{trigger} on a marble table",
}


def sample_prompts(kind: str, trigger_word: str) -> list[str]:
    """Give the prompts of a new fine-tune's sample sheet."""
    return [prompt.format(trigger=trigger_word) for prompt in SAMPLES[kind][:SHEET_PROMPTS]]


def example_prompt(kind: str, trigger_word: str) -> str:
    """Give a short prompt to begin with."""
    return EXAMPLES[kind].format(trigger=trigger_word)


def sample_sheet(training: Training, version: Version, prices: PriceList, now: float) -> list[Generation]:
    """Make the generations of a training's sample sheet, row by row, always with the same prompts and seed.

    A row is one prompt: on FLUX.1 dev alone, where that is offered, then with the LoRA at every scale.
    """
    recipes: list[Recipe] = []
    for prompt in sample_prompts(training.plan.kind, training.plan.trigger_word):
        if prices.offers(DEV):
            base = Recipe(prompt=prompt, model=DEV.key, remote=DEV.remote, seed=SAMPLE_SEED, settings=DEV.choose({}))
            recipes.append(base)
        recipes += [
            Recipe(
                prompt=prompt,
                model=FINE_TUNE_DEV.key,
                remote=version.remote,
                seed=SAMPLE_SEED,
                settings=FINE_TUNE_DEV.choose({"lora_scale": scale}),
            )
            for scale in SHEET_SCALES
        ]
    return [
        Generation(
            id=f"{training.id}s{number:02}",
            guild_id=training.guild_id,
            owner_id=training.owner_id,
            channel_id=training.channel_id,
            fine_tune_id=training.fine_tune_id if recipe.model == FINE_TUNE_DEV.key else None,
            estimate=prices.estimate(recipe),
            created_at=now,
            delivered="kept",  # the model card shows it
            recipe=recipe,
            version=version.number if recipe.model == FINE_TUNE_DEV.key else None,
            parent_id=training.id,
        )
        for number, recipe in enumerate(recipes, 1)
    ]


def written(scale: float) -> str:
    """Write a LoRA scale for people: with one decimal, or as many as it has."""
    return f"{scale:.1f}" if round(scale, 1) == scale else f"{scale:g}"


def read_scales(text: str) -> tuple[float, ...]:
    """Read LoRA scales written like `0.6, 0.8, 1`; raises UserError."""
    try:
        return tuple(dict.fromkeys(float(part) for part in text.replace(",", " ").split()))
    except ValueError as error:
        raise UserError("LoRA scales are numbers with commas between them, such as `0.6, 0.8, 1`.") from error


def winner(votes: Mapping[float, int]) -> float | None:
    """Choose the scale with the most votes, of several the one nearest to the usual; None where nobody has voted."""
    if not any(votes.values()):
        return None
    return min(votes, key=lambda scale: (-votes[scale], round(abs(scale - USUAL_SCALE), 6), scale))
