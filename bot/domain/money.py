"""What a run will cost and what it did cost, in integer micro-dollars; pure."""

from collections.abc import Mapping

from bot.domain.catalog import FINE_TUNE_DEV, H100_SECOND, PRICES, Model, Price, model
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


class PriceList:
    """What everything costs: the catalog's prices, and the operator's own where they differ."""

    def __init__(self, own: Mapping[str, Price] | None = None) -> None:
        self._prices = {**PRICES, **(own or {})}

    def of(self, key: str) -> Price:
        """Find the price of a model by its key in the catalog."""
        return self._prices[key]

    def training_estimate(self, steps: int) -> int:
        """Estimate what a training costs, its sample sheet included."""
        samples = SAMPLES_PER_TRAINING * self.picture_estimate(FINE_TUNE_DEV, 1)
        return run_cost(H100_SECOND, training_seconds(steps)) + samples

    def picture_estimate(self, row: Model, count: int) -> int:
        """Estimate what pictures cost."""
        price = self.of(row.key)
        return count * price.per_picture + run_cost(price.per_second, row.seconds_per_picture * count)

    def estimate(self, recipe: Recipe) -> int:
        """Estimate what a recipe costs."""
        return self.picture_estimate(model(recipe.model), recipe.count)

    def generation_cost(self, recipe: Recipe, pictures: int, seconds: float | None) -> int:
        """Say what a finished generation cost: what Replicate measured, or the estimate where it measured nothing."""
        price = self.of(recipe.model)
        if not price.per_second:
            return pictures * price.per_picture
        return self.estimate(recipe) if seconds is None else run_cost(price.per_second, seconds)

    def training_cost(self, seconds: float | None, steps: int) -> int:
        """Say what a finished training cost, without its samples."""
        return run_cost(H100_SECOND, training_seconds(steps) if seconds is None else seconds)


def run_cost(per_second: int, seconds: float) -> int:
    """Multiply a rate by a time, rounded up so that no run is called free."""
    return -int(-per_second * seconds // 1)
