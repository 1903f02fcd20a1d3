"""What people see of an upload before anything is paid: the report, its price, its two buttons; pure."""

from bot.domain.money import dollars
from bot.domain.wording import code, cut, duration, plural, sentence
from bot.studio.requests import Draft
from cogs.buttons import Button, Style
from cogs.layouts.parts import WORKING, Image, Post, page, row

LEFT_OUT_SHOWN = 10
FINDINGS_SHOWN = 8
SAID_ELSEWHERE = {"captions", "shrunk"}  # findings that ask nothing of anybody
CONSENT = "By pressing *Start* you declare: these pictures are mine or I have the consent of the people in them."


def report(draft: Draft) -> Post:
    """Show what was found in an upload and what a training on it would cost."""
    plan = draft.dataset.plan
    sheet = Image(
        "contact-sheet.jpg", f"Contact sheet of {plural(draft.report.images, 'picture')}", draft.contact_sheet
    )
    return page(
        f"### {plan.name} v{draft.version}: {plural(draft.report.images, 'picture')} to train on",
        _captions(draft),
        _left_out(draft),
        _advice(draft),
        f"**{dollars(draft.dataset.estimate)}**, about {duration(draft.seconds)}\n"
        f"-# {plural(plan.steps, 'step')}, rank {plan.lora_rank}, trigger word {code(plan.trigger_word)}, "
        f"{plan.kind.value}; a sheet of samples is included in the price. Nothing is charged before *Start*.",
        CONSENT,
        row(
            Button("start", draft.dataset.id, "Start", Style.success),
            Button("discard", draft.dataset.id, "Cancel"),
        ),
        colour=WORKING,
        images=[sheet],
    )


def _captions(draft: Draft) -> str:
    own, images = draft.report.captions, draft.report.images
    rest = images - own
    described = "a model describes" if draft.dataset.plan.autocaption else "nothing describes"
    shrunk = next((f"\n-# {finding.text}" for finding in draft.report.findings if finding.code == "shrunk"), "")
    if not own:
        return f"No captions of yours; {described} the pictures.{shrunk}"
    others = f"; {described} the other {rest}." if rest else ", one for each picture."
    return f"Captions of yours: {own}{others}{shrunk}"


def _left_out(draft: Draft) -> str | None:
    left_out = draft.report.left_out
    if not left_out:
        return None
    total = len(left_out) + draft.report.left_out_more
    lines = [f"- {code(item.name, 40)}: {cut(sentence(item.reason), 90)}" for item in left_out[:LEFT_OUT_SHOWN]]
    more = total - len(lines)
    return "\n".join([f"**Left out: {total}**", *lines, *([f"… and {more} more"] if more else [])])


def _advice(draft: Draft) -> str | None:
    findings = [finding for finding in draft.report.findings if finding.code not in SAID_ELSEWHERE]
    lines = [f"- {cut(sentence(finding.text), 180)}" for finding in findings[:FINDINGS_SHOWN]]
    more = len(findings) - len(lines)
    return "\n".join(["**Worth a look**", *lines, *([f"… and {more} more"] if more else [])]) if lines else None
