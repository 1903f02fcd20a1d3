"""What members may ask for: the use cases behind every command and button. It knows nothing of Discord."""

from bot.flows.services import Services
from bot.studio.admission import Admission
from bot.studio.batches import Batches
from bot.studio.comparisons import Comparisons
from bot.studio.drafts import Drafts
from bot.studio.enriching import Enriching
from bot.studio.fine_tunes import FineTunes
from bot.studio.gallery import Gallery
from bot.studio.generations import Generations
from bot.studio.jobs import JobList, Spending
from bot.studio.pictures import Pictures
from bot.studio.recipes import Recipes
from bot.studio.sources import Sources
from bot.studio.team import Leading
from bot.studio.trainings import Trainings
from bot.studio.trigger_words import TriggerWords
from bot.studio.votes import Votes


class Studio:
    """The use cases, by what they are about."""

    def __init__(self, services: Services) -> None:
        words = TriggerWords(services)
        sources = Sources(services)
        admission = Admission(services, sources)
        self.drafts = Drafts(services, sources)
        self.trainings = Trainings(services, words, self.drafts, admission)
        self.fine_tunes = FineTunes(services, words)
        self.votes = Votes(services)
        recipes = Recipes(services, self.fine_tunes, words, sources, admission)
        self.generations = Generations(services, self.fine_tunes, words, sources, recipes)
        self.pictures = Pictures(services, self.generations, sources, recipes, self.drafts)
        self.batches = Batches(services, self.generations, self.fine_tunes, sources, self.drafts, admission=admission)
        self.comparisons = Comparisons(services, self.generations, self.fine_tunes, words, self.drafts)
        self.enriching = Enriching(services, self.generations, words, admission)
        self.gallery = Gallery(services, self.fine_tunes, self.drafts)
        self.jobs = JobList(services)
        self.spending = Spending(services)
        self.leading = Leading(services)
