"""What people see of a training: the vetting report, the status, the model card, what went wrong; pure."""

from collections.abc import Sequence

from bot.domain.entities import JobState, Progress, Training, Version
from bot.domain.money import dollars
from bot.domain.samples import example_prompt, written
from bot.domain.wording import charged, code, duration, sentence
from bot.views.outcomes import Trained
from cogs.buttons import Button, Style
from cogs.layouts.generation import images_of
from cogs.layouts.parts import DONE, FAILED, QUIET, WORKING, Image, Post, action_row, bar, link, page, said, sparkline
from cogs.layouts.vetting import choices


def started(training: Training) -> Post:
    """Say where the training can be followed."""
    return page(f"Started. Follow **{training.plan.name}** in <#{training.channel_id}>.", colour=WORKING)


def discarded() -> Post:
    """Say that nothing is left of a dataset."""
    return page("Cancelled. The pictures are deleted and nothing was charged.")


def status(training: Training, progress: Progress | None, now: float) -> Post:
    """Show how far a training is."""
    return page(
        f"### Training {training.plan.name}",
        _steps(progress, now) if progress and progress.total else _before_steps(training, progress),
        f"-# trigger word {code(training.plan.trigger_word)} · about {dollars(training.estimate)} · "
        f"asked for by <@{training.owner_id}>",
        action_row(
            None if training.cancel_requested else Button("cancel", training.id, "Cancel", Style.danger),
            link("Open on Replicate", training.remote_url),
        ),
        colour=WORKING,
    )


def closed(training: Training) -> Post:
    """Show the status message of a training that is over."""
    ends = {JobState.SUCCEEDED: "is ready", JobState.CANCELED: "was cancelled"}
    colours = {JobState.SUCCEEDED: DONE, JobState.CANCELED: QUIET}
    return page(
        f"### Training {training.plan.name} {ends.get(training.state, 'did not work')}",
        _figures(training),
        action_row(link("Open on Replicate", training.remote_url)),
        colour=colours.get(training.state, FAILED),
    )


def sheet_of(outcome: Trained) -> list[Image]:
    """Give the sample sheet: one labelled picture, or each by itself where there is none."""
    if outcome.sheet is None:
        return [image for sample in outcome.samples for image in images_of(sample)]
    prompts = dict.fromkeys(sample.generation.recipe.prompt for sample in outcome.samples)
    told = f"The same pictures on FLUX.1 dev alone and at several LoRA scales: {' / '.join(prompts)}"
    return [Image(f"{outcome.training.id}-sheet.jpg", told, outcome.sheet)]


def card(outcome: Trained, images: Sequence[Image], *, here: bool = True) -> Post:
    """Show a finished training to its owner: the model card, or what went wrong and what to do."""
    training = outcome.training
    owner = f"<@{training.owner_id}>" + ("" if here else f", I may not write in <#{training.channel_id}>.")
    if outcome.version is None:
        return _failure(outcome, owner)
    word = training.plan.trigger_word
    return page(
        f"{owner} Your fine-tune is ready.\n## {outcome.fine_tune.name} v{outcome.version.number}",
        f"Trigger word {code(word)} · {training.plan.kind.value}\n"
        f"Use it: {code(f'/imagine prompt: {example_prompt(training.plan.kind, word)}', 200)}",
        said(*training.note),
        _vote(outcome.version) if outcome.votes and here else None,
        _figures(training),
        action_row(Button("try", outcome.fine_tune.id, "Try it", Style.primary), *ballots(outcome)) if here else None,
        colour=DONE,
        images=images,
    )


def ballots(outcome: Trained) -> list[Button]:
    """Offer the LoRA scales of the sheet for a vote, each with the votes that it has."""
    return [
        Button("vote", f"{outcome.training.id}:{written(scale)}", written(scale) + (f" · {count}" if count else ""))
        for scale, count in outcome.votes.items()
    ]


def _vote(version: Version) -> str:
    if version.lora_scale is None:
        return "Which LoRA scale shows it best? Vote below: `/imagine` then paints with the winner."
    who = "as the votes stand" if version.chosen_scale is None else "as its owner chose"
    return f"`/imagine` paints with LoRA scale **{written(version.lora_scale)}**, {who}."


def _failure(outcome: Trained, owner: str) -> Post:
    training = outcome.training
    canceled = training.state is JobState.CANCELED
    reason = said(training.error) or "Run /train again; if it fails once more, ask the person who runs Atelier."
    return page(
        f"{owner} The training of **{training.plan.name}** {'was cancelled' if canceled else 'did not work'}.",
        None if canceled and not training.error else reason,
        _figures(training),
        colour=QUIET if canceled else FAILED,
    )


def _before_steps(training: Training, progress: Progress | None) -> str:
    if training.cancel_requested:
        return "Cancelling …"
    return sentence(progress.phase) if progress and progress.phase else "Waiting for a machine …"


def _steps(progress: Progress, now: float) -> str:
    lines = [f"{bar(progress.fraction)} step {progress.step:,} of {progress.total:,}"]
    if progress.losses:
        lines.append(f"loss `{sparkline(progress.losses)}` {progress.losses[-1]:.3f}")
    if progress.seconds_left is not None:
        lines.append(f"ready <t:{round(now + progress.seconds_left)}:R>")
    return "\n".join(lines)


def _figures(training: Training) -> str:
    took = None if training.started_at is None or training.ended_at is None else training.ended_at - training.started_at
    return "-# " + " · ".join(
        [
            *choices(training.plan),
            *([duration(took)] if took is not None else []),
            charged(training.cost),
        ]
    )
