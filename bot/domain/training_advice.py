"""What would probably train better, by kind and size of the set: each with what to do about it; pure.

From the trainer's own field descriptions and Replicate's guide (10 photos or more, 1,000 steps for about 20, higher
rank for more complex things, more caption dropout for styles); the numbers between are rules of thumb.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.catalog import STEPS, chosen_in, find_trainer
from bot.domain.entities import Kind, Plan, Setting

FEW, MANY = 8, 30  # photos
STEPS_PER_PHOTO = 80
FEWEST_STEPS = 500  # the trainer recommends 500 to 4,000
STYLE_STEPS, MOST_STEPS = 1500, 2000
STYLE_RANK = 32
STYLE_DROPOUT = 0.1


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence, and the values that follow it, by what members call them."""

    text: str
    changes: Mapping[str, Setting] = field(default_factory=dict[str, Setting])


def advice(plan: Plan, photos: int, captions: int) -> Sequence[Advice]:
    """List what a plan for so many photos, of which so many have a caption, could do better."""
    if plan.pretrained or not photos:
        return ()
    takes, chosen = find_trainer(plan.trainer).takes, chosen_in(plan)
    return [
        one
        for one in (*_steps(plan, photos), *_style(plan), *_captions(plan, photos, captions))
        if all(takes(word) for word in one.changes)
        and (not one.changes or any(chosen.get(word) != value for word, value in one.changes.items()))
    ]


def changes_of(advised: Sequence[Advice]) -> dict[str, Setting]:
    """Gather the values of all advice."""
    return {word: value for one in advised for word, value in one.changes.items()}


def _steps(plan: Plan, photos: int) -> Iterator[Advice]:
    """Advise on steps where the usual number was left as it is; who chose another one knows why."""
    if plan.steps not in (STEPS, STYLE_STEPS, MOST_STEPS):
        return
    if photos < FEW:
        steps = max(FEWEST_STEPS, photos * STEPS_PER_PHOTO)
        yield Advice(f"So few photos are learnt by heart early: take {steps:,} steps, or add photos.", {"steps": steps})
    elif photos > MANY:
        yield Advice(f"So many photos need longer: take {MOST_STEPS:,} steps.", {"steps": MOST_STEPS})
    elif plan.kind is Kind.STYLE:
        yield Advice(f"A style takes longer than a face: take {STYLE_STEPS:,} steps.", {"steps": STYLE_STEPS})


def _style(plan: Plan) -> Iterator[Advice]:
    if plan.kind is not Kind.STYLE:
        return
    if plan.lora_rank < STYLE_RANK:
        yield Advice(f"A style has more to remember: take rank {STYLE_RANK}.", {"lora_rank": STYLE_RANK})
    if "caption_dropout_rate" not in plan.settings:
        yield Advice(
            f"Hiding captions now and then ties a style to no single thing: take a caption dropout of {STYLE_DROPOUT}.",
            {"caption_dropout_rate": STYLE_DROPOUT},
        )


def _captions(plan: Plan, photos: int, captions: int) -> Iterator[Advice]:
    missing = photos - captions
    if not find_trainer(plan.trainer).takes("autocaption"):
        return
    if not missing:
        yield Advice("Every photo has a caption of yours: autocaption is not needed.", {"autocaption": False})
    elif not plan.autocaption and plan.kind is Kind.STYLE:
        yield Advice("A style is learnt from what its captions leave out: turn autocaption on.", {"autocaption": True})
    elif plan.autocaption and not {"autocaption_prefix", "autocaption_suffix"} & plan.settings.keys():
        word, words = _frame(plan)
        yield Advice(f"Captions that name the trigger word bind it better: let each have “{words}”.", {word: words})


def _frame(plan: Plan) -> tuple[str, str]:
    if plan.kind is Kind.STYLE:
        return "autocaption_suffix", f", in the style of {plan.trigger_word}"
    return "autocaption_prefix", f"a photo of {plan.trigger_word},"
