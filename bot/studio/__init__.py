"""What members may ask for: the use cases behind every command and button. It knows nothing of Discord."""

import random
from collections.abc import Callable, Mapping

from bot.domain.entities import Progress
from bot.studio.batches import Batches
from bot.studio.comparisons import Comparisons
from bot.studio.context import Context
from bot.studio.drafts import Drafts
from bot.studio.enriching import Enriching
from bot.studio.fine_tunes import FineTunes
from bot.studio.gallery import Gallery
from bot.studio.generations import Generations
from bot.studio.jobs import JobList, Purse
from bot.studio.orders import Orders
from bot.studio.pictures import Pictures
from bot.studio.sources import Sources
from bot.studio.trainings import Trainings
from bot.studio.trigger_words import TriggerWords
from bot.studio.votes import Votes

__all__ = ["Context", "Studio"]


class Studio:
    """The use cases, by what they are about."""

    def __init__(
        self, context: Context, *, dice: random.Random, progress: Callable[[], Mapping[str, Progress]]
    ) -> None:
        words = TriggerWords(context)
        sources = Sources(context)
        self.drafts = Drafts(context, sources)
        self.trainings = Trainings(context, words, self.drafts)
        self.fine_tunes = FineTunes(context, words)
        self.votes = Votes(context)
        orders = Orders(context, self.fine_tunes, words, sources, dice)
        self.generations = Generations(context, self.fine_tunes, words, sources, orders)
        self.pictures = Pictures(context, self.generations, sources, orders, self.drafts)
        self.batches = Batches(context, self.generations, self.fine_tunes, sources, self.drafts)
        self.comparisons = Comparisons(context, self.generations, self.fine_tunes, words, self.drafts)
        self.enriching = Enriching(context, self.generations, words, dice)
        self.gallery = Gallery(context, self.fine_tunes, self.drafts)
        self.jobs = JobList(context, progress)
        self.purse = Purse(context)
