"""What is too large to be trained on is refused before anything is fetched, with the way out."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bot.domain import catalog
from bot.errors import UserError
from bot.flows.services import Services
from bot.studio.admission import Admission
from bot.studio.drafts import Drafts
from bot.studio.requests import Attachment, TrainRequest
from bot.studio.sources import Sources
from bot.studio.trainings import UPLOAD_BYTES, Trainings
from bot.studio.trigger_words import TriggerWords
from bot.vocabulary import Vocabulary
from tests.bot.things import ANNA

REQUEST = TrainRequest(name="anna", trigger_word="ZIKI")


async def test_too_much_is_refused_with_how_to_shrink_and_to_split_it(tmp_path: Path):
    store = SimpleNamespace(fine_tunes=None)
    given = SimpleNamespace(data=tmp_path, trainer=catalog.TRAINER, store=store, vocabulary=Vocabulary())
    services = cast(Services, given)
    sources = Sources(services)
    trainings = Trainings(services, TriggerWords(services), Drafts(services, sources), Admission(services, sources))
    parts = [Attachment(url="https://cdn.discordapp.com/x", name="x.zip", size=UPLOAD_BYTES // 3) for _ in range(4)]
    with pytest.raises(UserError) as refused:
        await trainings.prepare(ANNA, "t1", REQUEST, parts)
    for words in ("266 MiB", "200 MiB", "JPEG at 2048 pixels", "zip2, zip3 and zip4"):
        assert words in refused.value.text
