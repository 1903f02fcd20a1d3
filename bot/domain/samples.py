"""The sample sheet by which every new fine-tune shows itself, and a short example for its owner; pure."""

from bot.domain.catalog import FINE_TUNE_DEV
from bot.domain.entities import Generation, Recipe, Training, Version
from bot.domain.money import PriceList

SAMPLE_SEED = 20241125
SAMPLES = {
    "subject": (
        "A studio portrait of {trigger}, soft window light, plain grey background, sharp focus, 85 mm lens",
        "{trigger} walking along a rainy city street at night, neon signs reflected in the puddles, film photograph",
        "An ink and watercolour illustration of {trigger} reading in a garden full of blooming flowers",
        "A cinematic wide shot of {trigger} on a mountain ridge at sunrise, mist in the valley below",
    ),
    "style": (
        "A lighthouse on a cliff above a stormy sea, in the style of {trigger}",
        "A portrait of an old fisherman with a woollen hat, in the style of {trigger}",
        "A quiet street with a small café on a spring morning, in the style of {trigger}",
        "A fox sleeping under a tree full of red leaves, in the style of {trigger}",
    ),
    "product": (
        "A product photograph of {trigger} on a marble table, soft daylight, shallow depth of field",
        "{trigger} floating in front of a bright orange background, hard studio light, advertising photograph",
        "{trigger} on a wooden desk beside a cup of coffee and a notebook, seen from above",
        "A poster that shows {trigger} large in the middle, bold lettering above it reads “NEW”",
    ),
}


EXAMPLES = {
    "subject": "a photo of {trigger} on a windy beach",
    "style": "a lighthouse in the style of {trigger}",
    "product": "{trigger} on a marble table",
}


def sample_prompts(kind: str, trigger_word: str) -> list[str]:
    """Give the four prompts of a new fine-tune's sample sheet."""
    return [prompt.format(trigger=trigger_word) for prompt in SAMPLES[kind]]


def example_prompt(kind: str, trigger_word: str) -> str:
    """Give a short prompt to begin with."""
    return EXAMPLES[kind].format(trigger=trigger_word)


def sample_sheet(training: Training, version: Version, prices: PriceList, now: float) -> list[Generation]:
    """Make the generations of a training's sample sheet, always with the same prompts and seed."""
    sheet: list[Generation] = []
    for number, prompt in enumerate(sample_prompts(training.plan.kind, training.plan.trigger_word), 1):
        recipe = Recipe(
            prompt=prompt,
            model=FINE_TUNE_DEV.key,
            remote=version.remote,
            seed=SAMPLE_SEED,
            settings=FINE_TUNE_DEV.choose({}),
        )
        sample = Generation(
            id=f"{training.id}s{number}",
            guild_id=training.guild_id,
            owner_id=training.owner_id,
            channel_id=training.channel_id,
            fine_tune_id=training.fine_tune_id,
            estimate=prices.estimate(recipe),
            created_at=now,
            delivered="kept",  # the model card shows it
            recipe=recipe,
            version=version.number,
            training_id=training.id,
        )
        sheet.append(sample)
    return sheet
