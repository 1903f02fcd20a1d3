"""The fake studio takes and has exactly what the real one does, or the tests beside it would prove nothing."""

import inspect

import pytest

from bot.studio.batches import Batches
from bot.studio.comparisons import Comparisons
from bot.studio.enriching import Enriching
from bot.studio.fine_tunes import FineTunes
from bot.studio.gallery import Gallery
from bot.studio.generations import Generations
from bot.studio.jobs import JobList, Spending
from bot.studio.pictures import Pictures
from bot.studio.team import Leading
from bot.studio.trainings import Trainings
from bot.studio.votes import Votes
from tests.cogs import fake_studio

PAIRS = [
    (fake_studio.FakeTrainings, Trainings),
    (fake_studio.FakeGenerations, Generations),
    (fake_studio.FakePictures, Pictures),
    (fake_studio.FakeBatches, Batches),
    (fake_studio.FakeComparisons, Comparisons),
    (fake_studio.FakeEnriching, Enriching),
    (fake_studio.FakeFineTunes, FineTunes),
    (fake_studio.FakeJobs, JobList),
    (fake_studio.FakeGallery, Gallery),
    (fake_studio.FakeSpending, Spending),
    (fake_studio.FakeLeading, Leading),
    (fake_studio.FakeVotes, Votes),
]


@pytest.mark.parametrize(("fake", "real"), PAIRS)
def test_the_fake_is_like_the_real_one(fake: type, real: type):
    coroutines = inspect.getmembers(fake, inspect.iscoroutinefunction)
    assert coroutines
    for name, method in coroutines:
        assert inspect.signature(method, eval_str=True) == inspect.signature(getattr(real, name), eval_str=True)
