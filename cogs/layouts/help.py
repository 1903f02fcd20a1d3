"""The page of /help: what this member may do here, an example each; pure."""

from collections.abc import Sequence

from bot.domain.money import dollars
from bot.domain.samples import example_prompt
from bot.domain.wording import code
from bot.views.fine_tunes import Card
from bot.views.jobs import Allowance
from cogs.buttons import Button, Style
from cogs.layouts.parts import QUIET, WORKING, Post, action_row, page

TRAIN = (
    "**Teach FLUX a face, a style or a product**\n"
    "`/train zip` with a zip of 10 to 20 photos, a name and a trigger word that means nothing else: `ZIKI`, or up to "
    "five words. No zip at hand? `/train photos` takes up to ten loose pictures, `/train import` a LoRA from Hugging "
    "Face.\n"
    "-# Zip too large for Discord? Split it over `zip`, `zip2`, `zip3` and `zip4`, or save the photos as JPEG with "
    "quality 90 and 2,048 pixels at the longer side. You see a report and the price before anything is paid, "
    "and can change steps, rank and captions there."
)
PROSE = (
    "**FLUX reads sentences**\n"
    "A few words become prose with the option `preset`, or with `/enrich`, which shows you the new prompt first. "
    "`a {red|blue} fox` stands for two prompts, and `/compare` paints one with several models or LoRA scales, on one "
    "sheet; you see the price of all before they are painted."
)
MORE = (
    "**Two in one picture, and LoRAs from elsewhere**\n"
    "`second_lora` loads a second fine-tune beside the first. `lora` loads one from Replicate, Hugging Face or CivitAI "
    "into plain FLUX. `/models adopt` makes what you trained elsewhere on Replicate a fine-tune of yours.\n"
    "-# The options of `/imagine` offer what the chosen model takes; `more` has the rarer ones."
)
PICTURES = (
    "**From a picture to the next**\n"
    "The buttons below a picture vary it, edit it by a sentence, enlarge it, or begin the next one with it. `/picture "
    "edit`, `fill`, `vary`, `trace` and `upscale` do so with a picture that you attach; in the menu of a message "
    "(right click, *Apps*), *Use in Atelier* takes anybody's, and *Show recipe* tells how one was made."
)
OTHERS = (
    "`/jobs` shows what runs, and cancels it. `/gallery` finds pictures again by the words of their prompts. "
    "`/models list` shows the fine-tunes; `share`, `rename`, `default` and `delete` are for your own. A fine-tune is "
    "yours alone until you share it."
)


def guide(cards: Sequence[Card], allowance: Allowance) -> Post:
    """Show what a member may do: first steps for a newcomer, their own words for everybody else."""
    if not allowance.left:
        return page(
            "### Atelier",
            "This month's budget is spent, so nothing new can be painted or trained until the month is over. "
            "The person who runs Atelier can raise it.",
            OTHERS,
            _budget(allowance),
        )
    usable = [card for card in cards if card.versions]
    best = next(iter(sorted(usable, key=lambda card: (not card.mine, card.by_name))), None)
    first = best.fine_tune if best else None
    return page(
        "### Atelier paints with FLUX",
        _paint(best),
        PROSE,
        MORE,
        PICTURES,
        TRAIN,
        OTHERS,
        _budget(allowance),
        action_row(Button("try", first.id, f"Try {first.name}", Style.primary)) if first else None,
        colour=WORKING if first else QUIET,
    )


def _paint(card: Card | None) -> str:
    if card is None:
        example = "a lighthouse at dusk, oil painting"
        return f"**Paint a picture**\n{code(f'/imagine prompt: {example}')}\n-# Takes some seconds and a cent or less."
    fine_tune = card.fine_tune
    example = example_prompt(fine_tune.kind, fine_tune.trigger_word)
    if card.by_name and not card.mine:
        example += f" model: {fine_tune.name}"
        told = f"Its trigger word {code(fine_tune.trigger_word)} is of ordinary words, so the fine-tune is named, too."
    else:
        told = f"The trigger word {code(fine_tune.trigger_word)} loads {fine_tune.name} by itself."
    return f"**Paint a picture**\n{code(f'/imagine prompt: {example}', 200)}\n-# {told}"


def _budget(allowance: Allowance) -> str:
    return (
        f"-# Left for you this month: {dollars(allowance.left)} "
        f"(you {dollars(allowance.member_spent)} of {dollars(allowance.member_budget)}, "
        f"this server {dollars(allowance.guild_spent)} of {dollars(allowance.guild_budget)})"
    )
