"""What a run that is over did cost, from what Replicate measured; pure.

A run of which nothing was measured did not begin, unless it was given up: then it counts as estimated.
"""

from bot.domain.entities import Enrichment, Generation, Training
from bot.domain.money import PriceList
from bot.replicate_api import Run, RunState


def of_generation(prices: PriceList, job: Generation, run: Run) -> int:
    """Give what a prediction cost, in micro-dollars; only one that succeeded is paid by the picture."""
    if run.given_up:
        return job.estimate
    if run.state is RunState.SUCCEEDED:
        made = job.recipe.count if run.removed else len(run.outputs)
        return prices.generation_cost(job.recipe, made if run.images is None else run.images, run.seconds)
    return prices.generation_cost(job.recipe, 0, run.seconds) if run.seconds else 0


def of_training(prices: PriceList, job: Training, run: Run) -> int:
    """Give what a training cost without its samples, in micro-dollars."""
    ran = run.seconds or run.given_up or run.state is RunState.SUCCEEDED
    return prices.training_cost(run.seconds, job.plan) if ran else 0


def of_enrichment(_: PriceList, job: Enrichment, run: Run) -> int:
    """Give what counts for an answer of a language model, in micro-dollars: no list of ours has prices by the token."""
    return job.estimate if run.seconds or run.given_up or run.state is RunState.SUCCEEDED else 0
