"""What a job is charged: the one rule for every way in which it can end, and what Replicate measured; pure."""

from collections.abc import Callable

from bot.domain.entities import Enrichment, Generation, Job, Training
from bot.domain.money import PriceList
from bot.replicate_api import Run, RunState


def charge(job: Job, run: Run | None, measure: Callable[[Run], int]) -> int:
    """Say at how many micro-dollars a run of a job is booked, whatever became of it; None where none is known.

    A run that can be looked up is booked at its measured cost; one that may have run and cannot be looked up, at the
    job's estimate; one that surely never ran, at 0.
    """
    if run is not None and not run.given_up:
        return measure(run)
    return job.estimate if job.intent_at is not None else 0


def of_generation(prices: PriceList, job: Generation, run: Run) -> int:
    """Say what a prediction that is over did cost; only one that succeeded is paid by the picture."""
    if run.state is RunState.SUCCEEDED:
        return prices.generation_cost(job.recipe, made(job, run) if run.images is None else run.images, run.seconds)
    return prices.generation_cost(job.recipe, 0, run.seconds) if run.seconds else 0


def of_training(prices: PriceList, job: Training, run: Run) -> int:
    """Say what a training that is over did cost, without its samples: its time, if it had any."""
    worked = run.seconds or run.state is RunState.SUCCEEDED
    return prices.training_cost(run.seconds, job.plan) if worked else 0


def of_enrichment(_: PriceList, job: Enrichment, run: Run) -> int:
    """Say what counts for the answer of a language model, if it wrote at all: no list of ours has prices by token."""
    return job.estimate if run.seconds or run.state is RunState.SUCCEEDED else 0


def made(job: Generation, run: Run) -> int:
    """Count the pictures of a run that succeeded, forgotten ones as well, and no more than were asked for."""
    return job.recipe.count if run.removed else min(len(run.outputs), job.recipe.count)
