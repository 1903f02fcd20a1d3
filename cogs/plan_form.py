"""The forms behind a report: what may be changed about a training before it is paid."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.client import AtelierClient
from bot.domain import catalog
from bot.domain.catalog import Field
from bot.domain.entities import Plan
from bot.domain.wording import cut
from cogs.interactions import Form, acknowledge, actor_of, show
from cogs.layouts.vetting import report

LABEL, DESCRIPTION = 45, 100  # characters that Discord takes
HINTS = {
    "resolution": "Sides that are trained at, multiples of 64 with commas between",
    "learning_rate": "How far each step goes; too much burns the pictures",
    "batch_size": "Pictures a step; more take longer",
    "lora_rank": "How much it can learn: 16 for faces, 32 or more for styles",
    "autocaption_prefix": "What captions of the model begin with, such as: a photo of ZIKI,",
    "autocaption_suffix": "What captions of the model end with, such as: in the style of ZIKI",
    "caption_dropout_rate": "How often a caption is hidden; more suits styles",
    "layers_to_optimize_regex": "Which layers learn, as a regular expression; all if empty",
}


class PlanForm(Form):
    """Asks for some of a plan's values; what is left empty is the trainer's business."""

    def __init__(self, client: AtelierClient, title: str, dataset_id: str, plan: Plan, words: Sequence[str]) -> None:
        super().__init__(client, title)
        self._trainings = client.studio.trainings
        self._dataset_id = dataset_id
        self._inputs: dict[str, discord.ui.TextInput[Any] | discord.ui.Select[Any]] = {}
        chosen = catalog.chosen_in(plan)
        for field in filter(None, map(catalog.trainer(plan.trainer).takes, words)):
            value = chosen.get(field.word, field.default)
            self._inputs[field.word] = made = _input(field, "" if value is None else f"{value}")
            hint = "; ".join(filter(None, (HINTS.get(field.word), field.limits if field.high else None)))
            label = cut(field.word.replace("_", " ").capitalize(), LABEL)
            self.add_item(discord.ui.Label(text=label, description=cut(hint, DESCRIPTION) or None, component=made))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Change the plan and show the report with its new price."""
        typed = {word: _typed(made) for word, made in self._inputs.items()}
        await acknowledge(interaction)
        await show(interaction, report(await self._trainings.change(actor_of(interaction), self._dataset_id, typed)))


def _input(field: Field, value: str) -> discord.ui.TextInput[Any] | discord.ui.Select[Any]:
    if field.choices:
        options = [discord.SelectOption(label=one, value=one, default=one == value) for one in field.choices]
        return discord.ui.Select[Any](custom_id=field.word, options=options)
    return discord.ui.TextInput[Any](custom_id=field.word, default=value or None, required=False, max_length=200)


def _typed(made: discord.ui.TextInput[Any] | discord.ui.Select[Any]) -> str:
    if isinstance(made, discord.ui.TextInput):
        return made.value
    return "".join(made.values) or next((option.value for option in made.options if option.default), "")
