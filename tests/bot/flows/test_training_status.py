"""The status message of a training: one, whatever becomes of it, and known after a restart."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bot.domain.entities import Progress, Training
from bot.flows.announcing import Announcer
from bot.flows.services import Services
from bot.flows.training import TrainingKind
from bot.store import Store
from tests.bot.things import NOW, RICH, accept_training, dataset, fine_tune, keep_waiting, training

PROGRESS = [Progress(phase="", step=step, total=100) for step in (1, 2, 3)]


class Channel:
    """Says which message shows the status, and notes what it was given."""

    def __init__(self, *answers: int | None) -> None:
        self.answers = list(answers)
        self.known: list[int | None] = []

    async def training_status(self, training: Training, progress: Progress | None, *, look_first: bool) -> int | None:
        self.known.append(training.message_id)
        return self.answers.pop(0)


@pytest.fixture
async def job(store: Store) -> Training:
    await keep_waiting(store, dataset())
    return (await accept_training(store, training(), fine_tune(), RICH))[0]


def flow_of(store: Store, channel: Channel) -> TrainingKind:
    services = cast(Services, SimpleNamespace(store=store, progress={}, now=lambda: NOW, data=Path()))
    return TrainingKind(services, cast(Announcer, channel), {})


async def test_a_message_posted_anew_is_the_one_that_the_next_process_edits(store: Store, job: Training):
    channel = Channel(7, 7, 8, 8)
    before = flow_of(store, channel)
    await before._show_status(await store.trainings.get(job.id))
    for progress in PROGRESS[:2]:  # somebody deletes message 7 between the two
        await before._show(job.id, progress, at_once=True)
    assert (await store.trainings.get(job.id)).message_id == 8

    after = flow_of(store, channel)
    await after._show_status(await store.trainings.get(job.id))
    await after._show(job.id, PROGRESS[2], at_once=True)
    assert channel.known == [None, 7, 7, 8]


async def test_a_channel_that_takes_nothing_is_tried_again(store: Store, job: Training):
    channel = Channel(None, 9)
    flow = flow_of(store, channel)
    await flow._show_status(await store.trainings.get(job.id))
    await flow._show(job.id, PROGRESS[0], at_once=True)
    assert (await store.trainings.get(job.id)).message_id == 9
