"""How a training's plan comes of a member's choices, and changes with them; pure."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain import catalog
from bot.domain.entities import Plan, Setting
from bot.domain.hugging_face import download_address
from bot.domain.prompts import check_name
from bot.domain.trigger_words import check_trigger_word
from bot.errors import UserError
from bot.studio.requests import ImportRequest, TrainRequest

USUAL = {"steps": catalog.STEPS, "lora_rank": 16, "autocaption": True}
"""What a plan has a field of its own for, with what it is when nobody chooses."""


def planned(request: TrainRequest, operators: str) -> Plan:
    """Make a plan of the options of /train, for the operator's trainer or the one asked for; raises UserError."""
    ref = _trainer(request, operators)
    plan = Plan(
        name=check_name(request.name),
        trigger_word=check_trigger_word(request.trigger_word),
        kind=request.kind,
        trainer=ref,
    )
    wanted = {"steps": request.steps, "lora_rank": request.lora_rank, "autocaption": request.autocaption}
    usual = {word for word, value in USUAL.items() if wanted[word] in (None, value)}
    return with_values(plan, {word: value for word, value in wanted.items() if word not in usual})


def imported(request: ImportRequest, operators: str) -> Plan:
    """Make a plan that takes a LoRA over; raises UserError."""
    if catalog.find_trainer(operators).takes(catalog.PRETRAINED) is None:
        raise UserError(
            "The trainer that your operator chose cannot import a LoRA. Ask them, or train with /train zip."
        )
    return Plan(
        name=check_name(request.name),
        trigger_word=check_trigger_word(request.trigger_word),
        kind=request.kind,
        trainer=operators,
        pretrained=download_address(request.url),
    )


def with_values(plan: Plan, values: Mapping[str, Setting | None]) -> Plan:
    """Change values of a plan, by what members call them; None takes one back. Raises UserError."""
    given = {word: value for word, value in values.items() if value is not None}
    checked: dict[str, Setting | None] = {**values, **catalog.find_trainer(plan.trainer).check(given)}
    own = {word: USUAL[word] if value is None else value for word, value in checked.items() if word in USUAL}
    settings = {**plan.settings, **{word: value for word, value in checked.items() if word not in USUAL}}
    kept = {word: value for word, value in settings.items() if value is not None}
    return replace(plan, settings=kept, **own)


def typed_values(plan: Plan, typed: Mapping[str, str]) -> dict[str, Setting | None]:
    """Read what was typed into a form; what is empty, or as it is anyway, is nobody's choice. Raises UserError."""
    rules = catalog.find_trainer(plan.trainer)
    values: dict[str, Setting | None] = {}
    for word, text in typed.items():
        field = rules.takes(word)
        if field is None:
            raise UserError(f"{rules.remote} takes no {word}. Run /train again.")
        value = field.check(text.strip()) if text.strip() else None
        values[word] = None if value == field.default else value
    return values


def _trainer(request: TrainRequest, operators: str) -> str:
    """Choose between the standard trainer and the fast one, where the operator leaves that open."""
    is_fast = catalog.find_trainer(operators).remote == catalog.FAST_TRAINER
    if request.fast is None or request.fast == is_fast:
        return operators
    if operators != catalog.TRAINER:
        raise UserError("Your operator has chosen the trainer for this server. Leave `trainer` out.")
    return catalog.FAST_TRAINER
