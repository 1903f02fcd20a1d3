"""What people see of a training before anything is paid: the report, its price, what may be changed; pure."""

import math
from collections.abc import Sequence

from bot.discord_client.apologies import notice
from bot.domain import catalog
from bot.domain.entities import FineTune, Plan
from bot.domain.money import dollars
from bot.domain.training_advice import changes_of
from bot.domain.wording import code, cut, duration, plural, sentence
from bot.views.drafts import Draft
from cogs.buttons import Button, Style
from cogs.layouts.parts import FAILED, WORKING, Image, Item, Post, action_row, page, said

LEFT_OUT_SHOWN = 6
FINDINGS_SHOWN = 5
SAID_ELSEWHERE = {"captions", "shrunk"}  # findings that ask nothing of anybody
CONSENT = "By pressing *Start* you declare: these pictures are mine or I have the consent of the people in them."
IMPORT_CONSENT = (
    "By pressing *Start* you declare: these weights are mine, or their licence lets me use them here, and I have the "
    "consent of the people whom they show."
)
EXPOSED = (
    "Everybody on the internet could find it at Replicate, paint with it and download its weights: with them, pictures "
    "of whoever the photos show. The photos themselves, and what is painted here, stay private. What others have "
    "copied cannot be taken back, and Replicate lets Atelier neither hide nor delete a public model."
)
ADVANCED = ("steps", "lora_rank", "learning_rate", "resolution", "batch_size")
CAPTIONS = ("autocaption_prefix", "autocaption_suffix", "caption_dropout_rate", "optimizer", "layers_to_optimize_regex")
"""What the two forms ask for, as far as the trainer takes it."""
VALUE_SHOWN = 24
RIVALS_SHOWN = 3


def in_line(ahead: int, seconds: float) -> Post:
    """Say where an upload is in line; uploads of others are checked one at a time, members in turn."""
    minutes = max(1, math.ceil(seconds / 60))
    return page(
        f"Your files are number {ahead + 1} in line: about {plural(minutes, 'minute')}.",
        "-# The report comes here. If it takes over 15 minutes, a message in this channel offers it to you. "
        "If nothing comes for an hour, the bot was restarted: run /train again.",
        colour=WORKING,
    )


def ready(draft: Draft) -> Post:
    """Offer a report that is for its owner alone in a message that everybody sees."""
    dataset = draft.dataset
    return page(
        f"<@{dataset.owner_id}>, your files for **{dataset.plan.name}** are checked.",
        "Only you see the report. Nothing is charged before *Start*, which waits there for a day.",
        action_row(Button("show-report", dataset.id, "Show the report", Style.primary)),
        colour=WORKING,
    )


def ready_elsewhere(draft: Draft) -> Post:
    """Say why a report cannot be offered where its owner waits for it."""
    dataset = draft.dataset
    return page(
        f"Your files for **{dataset.plan.name}** are checked, but I may not write in <#{dataset.channel_id}>.",
        "Ask someone who runs the server to allow that, or go to another channel, and run /train again there.",
        colour=FAILED,
    )


def refused(text: str) -> Post:
    """Say why an upload is not taken."""
    return Post(notice(sentence(text)))


def report(draft: Draft) -> Post:
    """Show what was found in an upload, or is to be imported, and what a training would cost."""
    plan = draft.dataset.plan
    if plan.pretrained:
        return _page(draft, "import of a LoRA", f"Its weights: {code(plan.pretrained, 300)}", IMPORT_CONSENT)
    pictures = plural(draft.report.images, "picture")
    return _page(
        draft, f"{pictures} to train on", _captions(draft), CONSENT, _left_out(draft), _findings(draft), _advice(draft)
    )


def _page(draft: Draft, what: str, head: str, consent: str, *found: str | None) -> Post:
    plan = draft.dataset.plan
    return page(
        f"### {plan.name} v{draft.version}: {what}",
        head,
        *found,
        f"**{dollars(draft.dataset.estimate)}**, about {duration(draft.seconds)}\n"
        f"-# {', '.join(choices(plan))}, trigger word {code(plan.trigger_word)}, {plan.kind.value}\n"
        f"-# {draft.basis}; a sheet of samples is included in the price. Nothing is charged before *Start*.",
        rivals(plan.trigger_word, draft.rivals),
        _by_name(draft),
        *map(sentence, draft.notices),
        _gave_way(draft),
        "**Public:** everybody will see it at Replicate, may paint with it and download it." if draft.public else None,
        consent,
        action_row(
            Button("start", draft.dataset.id, "Start", Style.success), Button("discard", draft.dataset.id, "Cancel")
        ),
        _changes(draft),
        colour=WORKING,
        images=_sheet(draft),
    )


def rivals(words: str, others: Sequence[FineTune]) -> str | None:
    """Name what else a trigger loads, or may load, for this member."""
    if not others:
        return None
    named = ", ".join(f"**{other.name}** of <@{other.owner_id}>" for other in others[:RIVALS_SHOWN])
    more = f" and {len(others) - RIVALS_SHOWN} more" if len(others) > RIVALS_SHOWN else ""
    return (
        f"{code(words)} also names {named}{more}: FLUX cannot tell them apart, and a prompt loads your own first, then "
        "the oldest. Choose another trigger word, or name the fine-tune with `model` whenever you paint."
    )


def _by_name(draft: Draft) -> str | None:
    plan = draft.dataset.plan
    if not draft.by_name:
        return None
    return (
        f"{code(plan.trigger_word)} is made of ordinary words, so it will load this fine-tune by itself for you alone; "
        f"others, once you share it, name it: `/imagine model: {plan.name}`. For all to load it by the words, press "
        "*Cancel* and add one that means nothing."
    )


def _gave_way(draft: Draft) -> str | None:
    names = ", ".join(code(name) for name in draft.gave_way)
    if not names:
        return None
    return f"Your oldest upload that waited for *Start* made room for this one: {names}. Bring it again if you want it."


def _sheet(draft: Draft) -> list[Image]:
    words = f"Contact sheet of {plural(draft.report.images, 'picture')}"
    return [Image("contact-sheet.jpg", words, draft.contact_sheet)] if draft.contact_sheet else []


def confirm_public(draft: Draft) -> Post:
    """Ask before a new fine-tune is made public."""
    return page(
        f"Make **{draft.dataset.plan.name}** public?",
        EXPOSED,
        action_row(
            Button("go-public", draft.dataset.id, "Make it public", Style.danger),
            Button("stay-private", draft.dataset.id, "Keep it private"),
        ),
        colour=FAILED,
    )


def choices(plan: Plan) -> list[str]:
    """Name the values of a training that matter or were chosen, for people."""
    if plan.pretrained:
        return ["taken over as it is"]
    rules = catalog.find_trainer(plan.trainer)
    return [
        *(["fast trainer"] if rules.remote == catalog.FAST_TRAINER else []),
        plural(plan.steps, "step"),
        *([f"rank {plan.lora_rank}"] if rules.takes("lora_rank") else []),
        *(f"{word} {code(str(value), VALUE_SHOWN)}" for word, value in plan.settings.items()),
    ]


def _changes(draft: Draft) -> Item | None:
    plan, key = draft.dataset.plan, draft.dataset.id
    takes = catalog.find_trainer(plan.trainer).takes
    forms = {} if plan.pretrained else {"advanced": ("Advanced", ADVANCED), "captions": ("Captions, layers", CAPTIONS)}
    visibility = Button("stay-private", key, "Keep it private") if draft.public else Button("ask-public", key, "Public")
    return action_row(
        *(Button(verb, key, label) for verb, (label, words) in forms.items() if any(map(takes, words))),
        Button("advise", key, "Use the advice", Style.primary) if changes_of(draft.advice) else None,
        visibility if draft.is_new else None,
    )


def _captions(draft: Draft) -> str:
    own, images = draft.report.captions, draft.report.images
    rest = images - own
    described = "a model describes" if draft.dataset.plan.autocaption else "nothing describes"
    shrunk = next((f"\n-# {said(finding.advice)}" for finding in draft.report.findings if finding.code == "shrunk"), "")
    if not own:
        return f"No captions of yours; {described} the pictures.{shrunk}"
    others = f"; {described} the other {rest}." if rest else ", one for each picture."
    return f"Captions of yours: {own}{others}{shrunk}"


def _left_out(draft: Draft) -> str | None:
    left_out = draft.report.left_out
    if not left_out:
        return None
    total = len(left_out) + draft.report.left_out_more
    lines = [f"- {code(item.name, 40)}: {cut(said(item.reason), 90)}" for item in left_out[:LEFT_OUT_SHOWN]]
    more = total - len(lines)
    return "\n".join([f"**Left out: {total}**", *lines, *([f"… and {more} more"] if more else [])])


def _advice(draft: Draft) -> str | None:
    lines = [f"- {cut(sentence(one.text), 120)}" for one in draft.advice]
    return "\n".join(["**Would probably train better**", *lines]) if lines else None


def _findings(draft: Draft) -> str | None:
    findings = [finding for finding in draft.report.findings if finding.code not in SAID_ELSEWHERE]
    lines = [f"- {cut(said(finding.advice), 180)}" for finding in findings[:FINDINGS_SHOWN]]
    more = len(findings) - len(lines)
    return "\n".join(["**Worth a look**", *lines, *([f"… and {more} more"] if more else [])]) if lines else None
