"""What people see of fine-tunes; pure."""

from collections.abc import Sequence

from bot.domain.entities import FineTune, Version
from bot.domain.samples import written
from bot.domain.wording import code, plural
from bot.views.fine_tunes import Card, Visibility
from cogs.buttons import Button, Style
from cogs.layouts.parts import FAILED, Post, action_row, link, page
from cogs.layouts.vetting import EXPOSED, rivals

LISTED = 25
VERSIONS_LISTED = 10


def listing(cards: Sequence[Card]) -> Post:
    """List the fine-tunes that a member may use: their own, then those that others share."""
    if not cards:
        return page(
            "There is no fine-tune here yet.",
            "Make the first one: `/train zip` with 10 to 20 photos, a name and a trigger word.",
        )
    lines = [_line(card) for card in sorted(cards, key=lambda card: not card.mine)]
    more = len(lines) - LISTED
    return page(
        "### Fine-tunes",
        "\n".join(lines[:LISTED]),
        f"… and {more} more; `/models show` finds them by their name." if more > 0 else None,
    )


def detail(card: Card) -> Post:
    """Show one fine-tune with its versions."""
    fine_tune = card.fine_tune
    return page(
        f"## {fine_tune.name}",
        f"Trigger word {code(fine_tune.trigger_word)} · {fine_tune.kind.value} · {_sharing(card)}",
        _by_name(card),
        _versions(card),
        f"Used for {plural(card.generations, 'generation')}.",
        f"{card.training.plan.steps:,} more steps are being trained now; `/jobs` shows them."
        if card.training
        else None,
        _adopted(card),
        action_row(
            Button("try", fine_tune.id, "Try it", Style.primary) if card.versions else None,
            link("Open on Replicate", address(card)) if card.mine and card.versions else None,
        ),
    )


def adopted(card: Card) -> Post:
    """Confirm that a LoRA from elsewhere is a fine-tune now."""
    fine_tune = card.fine_tune
    return page(
        f"**{fine_tune.name}** is yours to paint with; its trigger word is {code(fine_tune.trigger_word)}.",
        rivals(fine_tune.trigger_word, card.rivals),
        _adopted(card),
        action_row(
            Button("try", fine_tune.id, "Try it", Style.primary),
            link("Open on Replicate", address(card)),
        ),
    )


def _by_name(card: Card) -> str | None:
    """Say for whom the trigger word does nothing."""
    if not card.by_name:
        return None
    words, who = code(card.fine_tune.trigger_word), "Others name" if card.mine else "Name"
    return (
        f"{words} is made of ordinary words, so it loads this fine-tune by itself for its owner alone. "
        f"{who} it: `/imagine model: {card.fine_tune.name}`."
    )


def address(card: Card) -> str:
    """Give the page of a fine-tune's model, which is for its owner's eyes: private models show to nobody else."""
    return f"https://replicate.com/{card.fine_tune.destination}"


def shared(card: Card) -> Post:
    """Confirm that the server may use it."""
    fine_tune = card.fine_tune
    word = code(fine_tune.trigger_word)
    head = f"Everybody in this server may now paint with **{fine_tune.name}**; its trigger word is {word}."
    return page(head, _by_name(card))


def unshared(fine_tune: FineTune) -> Post:
    """Confirm that it is private again."""
    return page(f"**{fine_tune.name}** is yours alone again. Pictures already painted stay in their channels.")


def confirm_publish(card: Card) -> Post:
    """Ask before everybody may see a fine-tune."""
    fine_tune = card.fine_tune
    return page(
        f"Make **{fine_tune.name}** public at Replicate?",
        EXPOSED,
        action_row(
            Button("publish", fine_tune.id, "Make it public", Style.danger),
            Button("unpublish", fine_tune.id, "Keep it private"),
        ),
        colour=FAILED,
    )


def visibility(seen: Visibility) -> Post:
    """Say who may see a fine-tune at Replicate, and what is left to do."""
    fine_tune, settings = seen.fine_tune, f"https://replicate.com/{seen.fine_tune.destination}/settings"
    wanted = "public" if fine_tune.public else "private"
    head = f"**{fine_tune.name}** is to be {wanted} at Replicate."
    if seen.now == wanted:
        address = f"https://replicate.com/{fine_tune.destination}" if fine_tune.public else None
        return page(f"**{fine_tune.name}** is {wanted} at Replicate.", action_row(link("Open at Replicate", address)))
    if not seen.now:
        return page(head, "Replicate has no model of it yet, or does not answer. One that is made for it will be so.")
    return page(
        head,
        f"It still is {seen.now}, and Replicate changes that on its own pages only: ask the person who runs Atelier to "
        "set it there, then run the command again to see that it is done."
        + ("" if fine_tune.public else " Until then, nothing new is trained into it."),
        action_row(link("Settings at Replicate", settings)),
    )


def renamed(fine_tune: FineTune) -> Post:
    """Confirm the new name."""
    return page(f"It is called **{fine_tune.name}** now. Its trigger word stays {code(fine_tune.trigger_word)}.")


def default(card: Card) -> Post:
    """Confirm which version paints, and at which LoRA scale."""
    number = card.fine_tune.default_version
    chosen = f"Version {number}" if number else "The newest version"
    return page(
        f"{chosen} of **{card.fine_tune.name}** paints from now on when none is named"
        f"{_scale(card.default) if card.default else ''}."
    )


def dropped(fine_tune: FineTune) -> Post:
    """Confirm that it is gone."""
    return page(f"**{fine_tune.name}** is deleted, with all its versions.")


def kept() -> Post:
    """Confirm that nothing happened."""
    return page("Nothing was deleted.")


def confirm_delete(card: Card) -> Post:
    """Ask before a fine-tune is deleted for good."""
    fine_tune = card.fine_tune
    return page(
        f"Delete **{fine_tune.name}** for good?",
        f"Its {plural(len(card.versions), 'version')} will be {_where(fine_tune)}, and nobody can paint with it any "
        "more. Pictures already painted stay in their channels.",
        action_row(
            Button("drop", fine_tune.id, "Delete for good", Style.danger), Button("keep", fine_tune.id, "Keep it")
        ),
        colour=FAILED,
    )


def _where(fine_tune: FineTune) -> str:
    if fine_tune.adopted:
        return "forgotten here, while Replicate keeps what was trained elsewhere"
    if fine_tune.public:
        return "deleted here, while what is public at Replicate has to be deleted there by your operator"
    return "deleted here and at Replicate"


def _adopted(card: Card) -> str | None:
    """Say where it comes from; the name of the model is for its owner alone."""
    if not card.fine_tune.adopted:
        return None
    model = f": {code(card.versions[0].remote, 150)}" if card.mine and card.versions else "."
    return f"-# Adopted: it was trained elsewhere on Replicate{model}"


def _line(card: Card) -> str:
    fine_tune = card.fine_tune
    newest = f"v{card.versions[-1].number}" if card.versions else "not trained yet"
    owner = "yours" if card.mine else f"by <@{fine_tune.owner_id}>"
    shared = ", shared" if card.mine and fine_tune.shared else ""
    training = ", in training" if card.training else ""
    adopted = ", adopted" if fine_tune.adopted else ""
    return f"**{fine_tune.name}** {code(fine_tune.trigger_word)} · {newest} · {owner}{shared}{training}{adopted}"


def _scale(version: Version) -> str:
    if version.lora_scale is None:
        return ""
    who = "as the team voted" if version.chosen_scale is None else "as its owner chose"
    return f", at LoRA scale {written(version.lora_scale)} {who}"


def _sharing(card: Card) -> str:
    public = ", public at Replicate" if card.fine_tune.public else ""
    if not card.mine:
        return f"shared by <@{card.fine_tune.owner_id}>{public}"
    return _own_sharing(card) + public


def _own_sharing(card: Card) -> str:
    return "yours, shared with this server" if card.fine_tune.shared else "yours alone"


def _versions(card: Card) -> str:
    if not card.versions:
        return "No version is finished yet."
    default = card.default.number if card.default else None
    newest_first = sorted(card.versions, key=lambda version: -version.number)
    lines = [
        f"v{version.number} · {'adopted' if card.fine_tune.adopted else 'trained'} <t:{round(version.created_at)}:D>"
        + (" · paints when none is named" if version.number == default else "")
        + _scale(version)
        for version in newest_first[:VERSIONS_LISTED]
    ]
    more = len(newest_first) - VERSIONS_LISTED
    return "\n".join([*lines, *([f"… and {more} older"] if more > 0 else [])])
