"""What a run will cost and what it did cost, in integer micro-dollars; pure."""

from bot.domain.catalog import FINE_TUNE_DEV, H100_SECOND, Model, model
from bot.domain.entities import Recipe

DOLLAR = 1_000_000
TRAINING_START = 150.0  # seconds until the first step: weights, captions, latents
SECONDS_PER_STEP = 1.05  # a trainer's log of 2024 at three resolutions; 1,000 steps with 20 photos take about 20 min
SAMPLES_PER_TRAINING = 4


def dollars(micro: int | None) -> str:
    """Write an amount for people: cents where they matter, tenths of a cent below one."""
    if micro is None:
        return "unknown"
    return f"${micro / DOLLAR:.3f}" if abs(micro) < DOLLAR // 10 else f"${micro / DOLLAR:.2f}"


def training_seconds(steps: int) -> float:
    """Estimate how long a training runs at Replicate."""
    return TRAINING_START + SECONDS_PER_STEP * steps


def training_estimate(steps: int) -> int:
    """Estimate what a training costs, its sample sheet included."""
    return run_cost(H100_SECOND, training_seconds(steps)) + SAMPLES_PER_TRAINING * picture_estimate(FINE_TUNE_DEV, 1)


def picture_estimate(row: Model, count: int) -> int:
    """Estimate what pictures cost."""
    return count * row.price.per_picture + run_cost(row.price.per_second, row.seconds_per_picture * count)


def estimate(recipe: Recipe) -> int:
    """Estimate what a recipe costs."""
    return picture_estimate(model(recipe.model, recipe.variant), recipe.count)


def generation_cost(recipe: Recipe, pictures: int, seconds: float | None) -> int:
    """Say what a finished generation cost: what Replicate measured, or the estimate where it measured nothing."""
    row = model(recipe.model, recipe.variant)
    if not row.price.per_second:
        return pictures * row.price.per_picture
    return estimate(recipe) if seconds is None else run_cost(row.price.per_second, seconds)


def training_cost(seconds: float | None, steps: int) -> int:
    """Say what a finished training cost, without its samples."""
    return run_cost(H100_SECOND, training_seconds(steps) if seconds is None else seconds)


def run_cost(per_second: int, seconds: float) -> int:
    """Multiply a rate by a time, rounded up so that no run is called free."""
    return -int(-per_second * seconds // 1)
