"""What stands on a labelled sheet, and how each picture is called there; it draws nothing itself."""

from collections.abc import Sequence
from itertools import groupby

from bot.domain.catalog import find_model
from bot.domain.entities import JobState
from bot.domain.samples import written
from bot.files.pictures import Band, Tile
from bot.views.outcomes import Compared, Painted


def by_prompt(cells: Sequence[Painted]) -> list[Band]:
    """Put each prompt's pictures of one fine-tune side by side, below the prompt."""
    prompts = groupby(cells, key=lambda cell: cell.generation.recipe.prompt)
    return [Band(prompt, [_tile(cell, scale_of(cell)) for cell in row]) for prompt, row in prompts]


def labelled(outcome: Compared) -> list[Band]:
    """Put the pictures of a comparison side by side."""
    return [
        Band("", [_tile(cell, label) for cell, label in zip(outcome.cells, outcome.comparison.labels, strict=True)])
    ]


def scale_of(cell: Painted) -> str:
    """Name the LoRA scale of a picture, or the model that painted it without a LoRA."""
    scale = cell.generation.recipe.settings.get("lora_scale")
    return find_model(cell.generation.recipe.model).title if scale is None else f"LoRA scale {written(float(scale))}"


def _tile(cell: Painted, label: str) -> Tile:
    path = next((path for _, path in cell.pictures), None)
    canceled = cell.generation.state is JobState.CANCELED
    return Tile(label, path, "cancelled" if canceled else "no picture came out")
