"""What a run will cost and what it did cost, in integer micro-dollars; pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.catalog import DEV, FINE_TUNE_DEV, PRICES, Model, Price, find_model, find_trainer
from bot.domain.entities import Plan, Recipe
from bot.domain.notices import Notice

DOLLAR = 1_000_000
SHEET_PROMPTS = 2
SHEET_SCALES = (0.8, 1.0, 1.2)
"""What the sample sheet of a training has: every prompt at every LoRA scale, and on FLUX.1 dev without the LoRA."""
SOURCE_MEGAPIXELS = 4  # the most: sources are kept at 2048 pixels a side


def dollars(micro: int | None) -> str:
    """Write an amount for people: cents where they matter, tenths of a cent below one."""
    if micro is None:
        return "unknown"
    return f"${micro / DOLLAR:.3f}" if abs(micro) < DOLLAR // 10 else f"${micro / DOLLAR:.2f}"


def read_dollars(text: str) -> int:
    """Read an amount in US dollars as micro-dollars; raises ValueError."""
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", text.strip(), re.ASCII):
        raise ValueError("must be an amount in US dollars, such as 20 or 7.50")
    return round(float(text) * DOLLAR)


@dataclass(frozen=True, slots=True)
class PriceList:
    """What everything costs and what is offered: the catalog's word, and the operator's where it differs."""

    own: Mapping[str, Price] = field(default_factory=dict[str, Price])
    switched: Mapping[str, bool] = field(default_factory=dict[str, bool])

    def of(self, key: str) -> Price:
        """Find the price of a model by its key in the catalog, or of a trainer by its name."""
        return self.own.get(key) or PRICES[key]

    def offers(self, row: Model) -> bool:
        """Tell whether members may use a model."""
        return self.switched.get(row.key, not row.off)

    def training_estimate(self, plan: Plan) -> int:
        """Estimate what a training costs, its sample sheet included."""
        return self.training_cost(None, plan) + self.sheet_estimate()

    def sheet_estimate(self) -> int:
        """Estimate what a sample sheet costs; without the base model where that is switched off."""
        base = self.picture_estimate(DEV, 1) if self.offers(DEV) else 0
        return SHEET_PROMPTS * (base + len(SHEET_SCALES) * self.picture_estimate(FINE_TUNE_DEV, 1))

    def training_basis(self, plan: Plan) -> str:
        """Say what the estimate of a training is made of, for people."""
        row = find_trainer(plan.trainer)
        rate = f"${self.of(row.remote).per_second / DOLLAR:g} a second on {row.machine}"
        if plan.pretrained:
            return f"{row.seconds(plan):g} s, a guess, at {rate}"
        grows = ", which grow with resolution and batch_size" if row.takes("batch_size") else ""
        return f"{row.start:g} s and {row.step_seconds(plan):.2g} s a step{grows}, at {rate}"

    def picture_estimate(self, row: Model, count: int) -> int:
        """Estimate what pictures of the usual size cost, painted from words."""
        price = self.of(row.key)
        seconds = run_cost(price.per_second, row.seconds_per_picture * count)
        return price.per_run + count * (price.per_picture + price.per_megapixel) + seconds

    def estimate(self, recipe: Recipe) -> int:
        """Estimate what a recipe costs."""
        more = megapixels(recipe) - recipe.count
        return (
            self.picture_estimate(find_model(recipe.model), recipe.count) + more * self.of(recipe.model).per_megapixel
        )

    def basis(self, recipe: Recipe) -> tuple[Notice, ...]:
        """Say what an estimate is made of; nothing where it is one price for one picture."""
        price, row = self.of(recipe.model), find_model(recipe.model)
        made: list[Notice] = []
        if price.per_second:
            seconds = row.seconds_per_picture * recipe.count
            made.append(Notice.of("by-second", seconds=seconds, rate=price.per_second))
        elif price.per_megapixel:
            made.append(Notice.of("by-megapixel", price=price.per_megapixel, most=megapixels(recipe)))
        elif recipe.count > 1:
            made.append(Notice.of("by-picture", count=recipe.count, price=price.per_picture))
        return (*made, Notice("guess")) if price.is_guess else tuple(made)

    def generation_cost(self, recipe: Recipe, pictures: int, seconds: float | None) -> int:
        """Say what a finished generation cost: what Replicate measured, or the estimate where it measured nothing."""
        price = self.of(recipe.model)
        if price.per_second:
            return self.estimate(recipe) if seconds is None else run_cost(price.per_second, seconds)
        if price.per_megapixel:
            return self.estimate(recipe) if pictures else 0
        return pictures * price.per_picture

    def training_cost(self, seconds: float | None, plan: Plan) -> int:
        """Say what a finished training cost, without its samples."""
        row = find_trainer(plan.trainer)
        return run_cost(self.of(row.remote).per_second, row.seconds(plan) if seconds is None else seconds)


def megapixels(recipe: Recipe) -> int:
    """Count the megapixels that go in and come out, each picture rounded up; a source is at most four."""
    wide, high = recipe.settings.get("width"), recipe.settings.get("height")
    named = str(recipe.settings.get("resolution") or recipe.settings.get("output_megapixels") or "1").removesuffix(
        " MP"
    )
    sources = sum(len(paths) for paths in recipe.sources.values())
    if wide and high:
        out = math.ceil(int(wide) * int(high) / 2**20)
    else:
        out = SOURCE_MEGAPIXELS if named == "match_input_image" else math.ceil(float(named))
    return recipe.count * out + SOURCE_MEGAPIXELS * sources


def run_cost(per_second: int, seconds: float) -> int:
    """Multiply a rate by a time, rounded up so that no run is called free."""
    return -int(-per_second * seconds // 1)
