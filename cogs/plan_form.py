"""The forms behind a report: what may be changed about a training before it is paid."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain import catalog
from bot.domain.catalog import Field
from bot.domain.entities import Plan
from bot.domain.wording import cut
from cogs.forms import Form, sent_with
from cogs.interactions import Interaction

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


def plan_form(verb: str, title: str, dataset_id: str, plan: Plan, words: Sequence[str]) -> Form:
    """Ask for some of a plan's values; what is left empty is the trainer's business."""
    form, chosen = Form(verb, dataset_id, title), catalog.chosen_in(plan)
    for field in filter(None, map(catalog.find_trainer(plan.trainer).takes, words)):
        value = chosen.get(field.word, field.default)
        hint = "; ".join(filter(None, (HINTS.get(field.word), field.limits if field.high else None)))
        label = cut(field.word.replace("_", " ").capitalize(), LABEL)
        form.ask(label, _input(field, "" if value is None else f"{value}"), cut(hint, DESCRIPTION) or None)
    return form


def typed_into(interaction: Interaction, words: Sequence[str]) -> dict[str, str]:
    """Read such a form; a choice that was not made is left out, and so stays as it is."""
    sent = sent_with(interaction)
    return {word: sent.text(word) for word in words if sent.values.get(word)}


def _input(field: Field, value: str) -> discord.ui.TextInput[Any] | discord.ui.Select[Any]:
    if field.choices:
        options = [discord.SelectOption(label=one, value=one, default=one == value) for one in field.choices]
        return discord.ui.Select[Any](custom_id=field.word, options=options)
    return discord.ui.TextInput[Any](custom_id=field.word, default=value or None, required=False, max_length=200)
