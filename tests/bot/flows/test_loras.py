"""LoRAs from elsewhere, second ones, and adopted fine-tunes, before the sandbox's Replicate."""

import pytest

from bot.domain import sentences
from bot.domain.entities import JobState, Setting
from bot.errors import UserError
from bot.studio.requests import AdoptRequest, ImagineRequest
from bot.views.fine_tunes import Card
from sandbox.replicate.strangers import CARS, EIGHTIES, EIGHTIES_FIRST
from tests.bot.app import App
from tests.bot.conftest import Far
from tests.bot.flows.test_generate import begun, imagined
from tests.bot.flows.test_train import trained
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN

CARS_MODEL, EIGHTIES_MODEL = "fofr/flux-pixar-cars", "fofr/flux-80s-cyberpunk"


async def adopt(app: App, model: str = CARS_MODEL, name: str = "cars", word: str = "pixar car") -> Card:
    return await app.studio.fine_tunes.adopt(ANNA, AdoptRequest(name=name, trigger_word=word, model=model))


def wish(prompt: str, **settings: Setting) -> ImagineRequest:
    return ImagineRequest(prompt=prompt, settings=settings)


async def test_what_others_trained_is_adopted_and_paints(app: App, far: Far) -> None:
    card = await adopt(app)
    assert (card.fine_tune.adopted, card.fine_tune.destination) == (True, CARS_MODEL)
    assert [(version.number, version.remote) for version in card.versions] == [(1, f"{CARS_MODEL}:{CARS}")]
    told = await imagined(app, wish("a pixar car in the desert", lora_scale=1.2, go_fast=True))
    assert (told.generation.state, told.generation.fine_tune_id) == (JobState.SUCCEEDED, card.fine_tune.id)
    assert far.world.created[-1].version == CARS
    assert far.world.unlisted_fields == []


@pytest.mark.parametrize(
    ("model", "version"),
    [
        (EIGHTIES_MODEL, EIGHTIES),
        (f"{EIGHTIES_MODEL}:{EIGHTIES_FIRST}", EIGHTIES_FIRST),
        (f"https://replicate.com/{EIGHTIES_MODEL}/versions/{EIGHTIES_FIRST}", EIGHTIES_FIRST),
    ],
)
async def test_the_newest_version_is_adopted_unless_one_is_named(app: App, model: str, version: str) -> None:
    assert (await adopt(app, model)).versions[0].remote == f"{EIGHTIES_MODEL}:{version}"


async def test_an_old_version_is_sent_what_it_takes(app: App, far: Far) -> None:
    card = await adopt(app, "fofr/flux-bad-70s-food", word="bad 70s food")
    told = await imagined(app, wish("a space station, bad 70s food", lora_scale=1.5))
    assert (told.generation.state, told.generation.fine_tune_id) == (JobState.SUCCEEDED, card.fine_tune.id)
    for settings in ({"go_fast": True}, {"megapixels": "0.25"}, {"lora_scale": 2.5}, {"second_lora": CARS_MODEL}):
        with pytest.raises(UserError, match=r"takes no|must be between -1 and 2"):
            await begun(app, ImagineRequest(prompt="x", model="cars", settings=settings), "g2")
    assert far.world.unlisted_fields == []


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("someone-else/flux-hidden", "shows this bot no model"),
        ("fofr/flux-nothing", "shows this bot no model"),
        (f"{CARS_MODEL}:{EIGHTIES}", "shows this bot no model"),
        ("black-forest-labs/flux-dev", "no fine-tune of FLUX"),
        ("black-forest-labs/flux-dev-lora", "no fine-tune of FLUX"),
        ("cars", "`owner/name` or `owner/name:version`"),
    ],
)
async def test_what_is_no_fine_tune_is_not_adopted(app: App, model: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        await adopt(app, model)
    assert await app.studio.fine_tunes.list(ANNA) == []


async def test_while_replicate_is_away_nothing_is_adopted(app: App, far: Far) -> None:
    far.goes_wrong("GET /v1/models/*", status=500)
    with pytest.raises(UserError, match="cannot be reached right now"):
        await adopt(app)


async def test_nobody_adopts_what_was_trained_here_for_somebody_else(app: App, far: Far) -> None:
    await trained(app)
    [mine] = await app.studio.fine_tunes.list(ANNA)
    for actor in (BEN, ANNA_ELSEWHERE, ANNA):
        for model in (mine.fine_tune.destination, mine.versions[0].remote, mine.fine_tune.destination.upper()):
            request = AdoptRequest(name="stolen", trigger_word="ZIKI", model=model)
            with pytest.raises(UserError, match="shows this bot no model"):
                await app.studio.fine_tunes.adopt(actor, request)


async def test_what_the_account_has_from_elsewhere_is_whose_who_adopts_it_first(app: App, far: Far) -> None:
    await app.remote.ensure_model("atelier-demo/my-flux-model", "Made with the article's code")
    model = far.world.state.models["atelier-demo/my-flux-model"]
    model.versions += far.world.state.strangers[CARS_MODEL].versions
    card = await adopt(app, model.ref, word="pixar car")
    assert card.mine
    request = AdoptRequest(name="other", trigger_word="pixar car", model=model.ref)
    with pytest.raises(UserError, match="shows this bot no model"):
        await app.studio.fine_tunes.adopt(BEN, request)
    assert (await app.studio.fine_tunes.adopt(ANNA_ELSEWHERE, request)).mine


async def test_forgetting_what_was_adopted_leaves_it_to_replicate(app: App, far: Far) -> None:
    card = await adopt(app)
    await app.studio.fine_tunes.delete(ANNA, "cars")
    await app.forgets(card.fine_tune)
    assert far.asked("DELETE", "/v1/models") == 0


async def test_two_fine_tunes_paint_one_picture(app: App, far: Far) -> None:
    await trained(app)
    await adopt(app)
    told = await imagined(app, wish("ZIKI in a pixar car", second_lora="cars", second_scale=0.8))
    assert told.generation.state is JobState.SUCCEEDED
    sent = far.world.created[-1].input
    assert (sent["extra_lora"], sent["extra_lora_scale"]) == (f"{CARS_MODEL}/{CARS}", 0.8)
    other = await imagined(app, ImagineRequest(prompt="a car", model="cars", settings={"second_lora": "ziki"}), "g2")
    assert other.generation.state is JobState.SUCCEEDED
    assert far.world.created[-1].input["extra_lora"].startswith("https://replicate.delivery/")
    assert far.world.unlisted_fields == []


@pytest.mark.parametrize(
    "address",
    [
        *(EIGHTIES_MODEL, f"{EIGHTIES_MODEL}:{EIGHTIES_FIRST}", f"huggingface.co/{EIGHTIES_MODEL}"),
        "https://civitai.com/models/746602/ink-wash-flux",
        f"https://huggingface.co/{EIGHTIES_MODEL}/resolve/main/lora.safetensors",
    ],
)
@pytest.mark.parametrize("variant", ["dev", "schnell"])
async def test_plain_flux_loads_a_lora_from_anywhere(app: App, far: Far, address: str, variant: str) -> None:
    request = ImagineRequest(prompt="style of 80s cyberpunk", model=variant, settings={"lora": address})
    told = await imagined(app, request)
    assert told.generation.state is JobState.SUCCEEDED, told.generation.error
    assert far.world.created[-1].model == f"black-forest-labs/flux-{variant}-lora"
    assert far.world.unlisted_fields == []


async def test_a_lora_that_cannot_be_loaded_is_named_as_the_cause(app: App) -> None:
    told = await imagined(app, wish("a sea", lora="huggingface.co/fofr/nothing"))
    assert told.generation.state is JobState.FAILED
    assert "could not load the LoRA" in sentences.of(told.generation.error)
