"""What people see of a prompt that is made prose: that it is being written, then the old one and the new one; pure."""

from bot.domain.entities import Enrichment
from bot.domain.money import dollars
from bot.domain.prompting import enriching, presets
from bot.domain.wording import code, quote
from cogs.buttons import Button, Style
from cogs.layouts.parts import DONE, WORKING, Post, action_row, page, said

OLD_SHOWN, NEW_SHOWN = 800, 2400  # characters; a message holds 4,000


def status(enrichment: Enrichment) -> Post:
    """Show that the language model is at work."""
    return page(
        f"{code(enrichment.model)} is writing …",
        quote(enrichment.prompt, OLD_SHOWN),
        f"-# {_price(enrichment, enrichment.estimate)} of the budget set aside",
        action_row(Button("show-prompt", enrichment.id, "Show")),
        colour=WORKING,
    )


def proposal(enrichment: Enrichment) -> Post:
    """Show the old prompt and the new one, or that it is still being written."""
    if not enrichment.state.is_over:
        return status(enrichment)
    return page(
        "### Your prompt, as prose",
        f"**Before**\n{quote(enrichment.prompt, OLD_SHOWN)}",
        f"**After**\n{quote(enriching.proposal(enrichment), NEW_SHOWN)}",
        _origin(enrichment),
        action_row(
            Button("paint-this", enrichment.id, "Paint this", Style.primary),
            Button("reword", enrichment.id, "Edit"),
            Button("put-away", enrichment.id, "Discard"),
        ),
        colour=DONE,
    )


def put_away() -> Post:
    """Say that nothing is painted."""
    return page("-# Discarded; nothing is painted.")


def _origin(enrichment: Enrichment) -> str:
    preset = f"preset *{presets.find(enrichment.preset).title}*"
    if not enrichment.model:
        return f"-# by the {preset}, free of charge"
    cost = f"{_price(enrichment, enrichment.cost)} of the budget counted" if enrichment.cost else "nothing charged"
    if enrichment.answer:
        return f"-# by {code(enrichment.model)} · {cost}"
    return f"-# {said(enrichment.error)} This is by the {preset} instead. · {cost}"


def _price(enrichment: Enrichment, amount: int) -> str:
    return ("price unknown, " if enrichment.is_guess else "") + dollars(amount)
