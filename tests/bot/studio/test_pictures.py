"""What can be done with a picture: which model does it, with what, and what it refuses before anything is paid."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain import catalog, sentences
from bot.domain.catalog import Task
from bot.domain.entities import Variant
from bot.domain.money import PriceList
from bot.errors import UserError
from bot.flows.orphans import remove_orphans
from bot.studio.requests import Attachment, ImagineRequest, PictureRef, ToolRequest
from tests.bot.studio.album import CAT, MASK, Attached, colour, drawn, finished, kept, painted
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN

REF = PictureRef(job_id="g0")
BLUE = (0, 0, 255)


def tool(task: Task, prompt: str = "", **options: Any) -> ToolRequest:
    pictures = {word: [options.pop(word)] for word in ("image", "mask") if word in options} or {"image": [CAT]}
    own = {name: options.pop(name) for name in ("model", "count") if name in options}
    return ToolRequest(task=task, pictures=pictures, prompt=prompt, settings=options, **own)


@pytest.mark.parametrize(
    ("request_", "key", "settings"),
    [
        (tool(Task.EDIT, "make it night"), "kontext-pro", {"aspect_ratio": "match_input_image"}),
        (tool(Task.EDIT, "make it night", model="2-pro"), "2-pro", {"aspect_ratio": "match_input_image"}),
        (tool(Task.FILL, "a hat", image=CAT, mask=MASK), "fill-pro", {"steps": 50}),
        (tool(Task.FILL, "a hat", image=CAT, mask=MASK, count=2), "fill-dev", {"num_inference_steps": 28}),
        (tool(Task.FILL, "a sea", outpaint="Zoom out 2x"), "fill-pro", {"outpaint": "Zoom out 2x"}),
        (tool(Task.VARY), "redux-dev", {"guidance": 3.0}),
        (tool(Task.VARY, model="redux-schnell", count=4), "redux-schnell", {"num_inference_steps": 4}),
        (tool(Task.TRACE, "a robot", model="depth-dev"), "depth-dev", {"guidance": 10.0}),
        (tool(Task.UPSCALE), "real-esrgan", {"scale": 2.0}),
        (tool(Task.UPSCALE, scale=4, face_enhance=True), "real-esrgan", {"scale": 4.0, "face_enhance": True}),
        (tool(Task.UPSCALE, model="crisp-upscale"), "crisp-upscale", {}),
    ],
    ids=lambda value: value.task if isinstance(value, ToolRequest) else None,
)
async def test_each_tool_takes_the_first_model_that_takes_what_is_asked(
    at: Rooms, request_: ToolRequest, key: str, settings: dict[str, object]
) -> None:
    made = await at.studio.pictures.make(ANNA, "g1", request_)
    row = catalog.find_model(key)
    assert (made.recipe.model, made.recipe.remote, made.recipe.count) == (key, row.remote, request_.count)
    assert settings.items() <= made.recipe.settings.items()
    assert set(made.recipe.sources) == {
        next(one.name for one in row.pictures if one.word == w) for w in request_.pictures
    }
    assert made.estimate == at.services.prices.estimate(made.recipe) > 0
    assert made.recipe.prompt == request_.prompt


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (tool(Task.FILL, "a hat"), "Say where to paint"),
        (tool(Task.FILL, "a hat", outpaint="None"), "Say where to paint"),
        (tool(Task.FILL, "a hat", outpaint="sideways"), "outpaint must be one of"),
        (tool(Task.FILL, "a hat", model="fill-dev", outpaint="Zoom out 2x"), "takes no outpaint"),
        (tool(Task.EDIT), "prompt is empty"),
        (tool(Task.EDIT, "x", model="real-esrgan"), "not offered here for that"),
        (tool(Task.EDIT, "x", model="kontext-dev"), "not offered here for that"),  # known by hearsay
        (tool(Task.EDIT, "x", count=2, model="kontext-pro"), "one picture at a time"),
        (tool(Task.VARY, count=5), "between 1 and 4"),
        (tool(Task.UPSCALE, scale=11), "scale must be between 1 and 10"),
        (tool(Task.UPSCALE, scale=2, model="crisp-upscale"), "takes no scale"),
        (replace(tool(Task.VARY), pictures={}), "begins with a picture"),
        (replace(tool(Task.EDIT, "x", model="kontext-pro"), pictures={"image": [CAT, CAT]}), "at most 1"),
    ],
)
async def test_what_a_tool_does_not_take_costs_nothing_and_fetches_nothing(
    at: Rooms, attached: Attached, request_: ToolRequest, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        await at.studio.pictures.make(ANNA, "g1", request_)
    assert (await at.store.generations.find("g1"), attached.asked) == (None, [])


@pytest.mark.parametrize(
    ("size", "scale", "words"),
    [((1600, 1400), 2, "as many pixels as 1448 × 1448"), ((1448, 200), 6, "8,688 pixels long")],
)
async def test_what_an_upscaler_would_fail_on_is_refused(
    at: Rooms, attached: Attached, size: tuple[int, int], scale: float, words: str
) -> None:
    attached.files[CAT.url] = drawn("red", size)
    with pytest.raises(UserError, match=words):
        await at.studio.pictures.make(ANNA, "g1", tool(Task.UPSCALE, scale=scale))
    assert kept(at) == []


async def test_several_pictures_are_edited_by_what_takes_several(at: Rooms) -> None:
    request = replace(tool(Task.EDIT, "her hat on him"), pictures={"image": [CAT, CAT]})
    made = await at.studio.pictures.make(ANNA, "g1", request)
    assert made.recipe.model == "2-pro"
    assert made.recipe.sources == {"input_images": [f"sources/g1/input_images-{n}.png" for n in (1, 2)]}


async def test_what_the_operator_switched_off_gives_way(at: Rooms) -> None:
    at.services.prices = PriceList(switched={"kontext-pro": False, "redux-dev": False, "redux-schnell": False})
    assert [choice.value for choice in at.studio.pictures.models(Task.EDIT)][:2] == ["kontext-max", "2-pro"]
    assert (await at.studio.pictures.make(ANNA, "g1", tool(Task.EDIT, "x"))).recipe.model == "kontext-max"
    with pytest.raises(UserError, match="ask your operator"):
        await at.studio.pictures.make(ANNA, "g2", tool(Task.VARY))


@pytest.mark.parametrize(("strength", "share"), [("subtle", 0.5), ("strong", 0.85)])
async def test_a_picture_of_a_fine_tune_is_varied_by_the_same(at: Rooms, strength: str, share: float) -> None:
    tuned = await at.furnish(ANNA, "ziki")
    first = await painted(at, model="ziki", count=3, settings={"aspect_ratio": "16:9", "lora_scale": 0.9})
    made = await at.studio.pictures.vary(ANNA, "g1", REF, strength)
    assert (made.fine_tune_id, made.version, made.recipe.count) == (tuned.id, 1, 3)
    assert (made.recipe.prompt, made.recipe.strength) == (first.recipe.prompt, strength)
    assert (made.recipe.seed == first.recipe.seed + 1) == (strength == "subtle")
    expected = {**first.recipe.settings, "prompt_strength": share}
    assert made.recipe.settings == {name: value for name, value in expected.items() if name != "aspect_ratio"}
    assert colour(at, made) == BLUE


async def test_what_cannot_begin_with_a_picture_is_varied_by_dev_and_says_so(at: Rooms) -> None:
    first = await painted(at, count=2)
    made = await at.studio.pictures.vary(BEN, "g1", REF, "strong")
    assert (made.recipe.model, made.recipe.count, made.recipe.prompt) == ("dev", 2, first.recipe.prompt)
    assert (made.recipe.settings["prompt_strength"], made.recipe.strength) == (0.85, "strong")
    assert "aspect_ratio" not in made.recipe.settings
    assert "FLUX.1 schnell cannot begin with a picture, so FLUX.1 dev varies it" in sentences.all_of(made.note)


async def test_what_was_not_painted_from_words_is_varied_by_redux(at: Rooms) -> None:
    await painted(at)
    await at.studio.pictures.make(ANNA, "g1", tool(Task.EDIT, "make it night", image=REF))
    await finished(at, "g1")
    made = await at.studio.pictures.vary(ANNA, "g2", PictureRef(job_id="g1"), "subtle")
    assert (made.recipe.model, made.recipe.prompt) == ("redux-dev", "make it night")
    assert await at.studio.pictures.words(ANNA, "g0") == "a quiet sea"
    assert await at.studio.pictures.words(ANNA, "g1") == ""  # which is an instruction, and describes nothing


async def test_a_start_picture_keeps_its_fine_tune(at: Rooms) -> None:
    tuned = await at.furnish(ANNA, "ziki")
    await painted(at, model="ziki", variant=Variant.SCHNELL)
    made = await at.studio.pictures.begin(ANNA, "g1", REF, "at sea", 0.6)
    assert (made.fine_tune_id, made.recipe.prompt, made.recipe.model) == (tuned.id, "ZIKI, at sea", "fine-tune-schnell")
    assert made.recipe.settings["prompt_strength"] == 0.6
    assert colour(at, made) == BLUE


async def test_a_fine_tune_that_is_not_shared_starts_nothing_for_others(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki")
    await painted(at, model="ziki")
    for attempt in (
        at.studio.pictures.begin(BEN, "g1", REF, "at sea", 0.6),
        at.studio.pictures.vary(BEN, "g1", REF, "subtle"),
    ):
        with pytest.raises(UserError, match="no fine-tune"):
            await attempt
    assert kept(at) == []
    upscaled = await at.studio.pictures.make(BEN, "g2", tool(Task.UPSCALE, image=REF))  # anybody may save it as well
    assert upscaled.recipe.prompt == "ZIKI, a quiet sea"


async def test_any_start_picture_is_begun_with_by_dev_or_by_the_trigger_word(at: Rooms) -> None:
    tuned = await at.furnish(ANNA, "ziki")
    await painted(at)
    plain = await at.studio.pictures.begin(ANNA, "g1", REF, "a loud sea", 0.6)
    assert (plain.recipe.model, plain.recipe.settings["prompt_strength"]) == ("dev", 0.6)
    tuned_one = await at.studio.pictures.begin(ANNA, "g2", REF, "ZIKI at sea", 0.6)
    assert tuned_one.fine_tune_id == tuned.id
    with pytest.raises(UserError, match="prompt_strength must be between 0 and 1"):
        await at.studio.pictures.begin(ANNA, "g3", REF, "a loud sea", 1.5)


async def test_pictures_of_a_message_wait_a_day_for_their_finder_alone(at: Rooms) -> None:
    found = await at.studio.pictures.select(BEN, "s1", [CAT, CAT])
    assert await at.studio.pictures.numbers(BEN, "s1") == [1, 2]
    assert await at.studio.pictures.words(BEN, "s1") == ""
    for actor in (ANNA, replace(BEN, guild_id=ANNA_ELSEWHERE.guild_id)):
        with pytest.raises(UserError, match="no longer available"):
            await at.studio.pictures.numbers(actor, "s1")
    ref = PictureRef(job_id=found.id, number=2)
    assert (await at.studio.pictures.vary(BEN, "g1", ref, "subtle")).recipe.model == "redux-dev"
    assert (await at.studio.pictures.begin(BEN, "g2", ref, "a sea", 0.5)).recipe.model == "dev"
    await remove_orphans(at.store, at.services.data)
    assert [name for name in kept(at) if name.startswith("s1/")] == ["s1/image-1.png", "s1/image-2.png"]
    await at.a_day_later()
    assert [name for name in kept(at) if name.startswith("s")] == []
    with pytest.raises(UserError, match="no longer available"):
        await at.studio.pictures.vary(BEN, "g3", ref, "subtle")


@pytest.mark.parametrize("files", [[], [MASK, replace(CAT, url="https://cdn.discordapp.com/gone.png")]])
async def test_what_cannot_be_selected_leaves_nothing(at: Rooms, files: list[Attachment]) -> None:
    with pytest.raises(UserError):
        await at.studio.pictures.select(ANNA, "s1", files)
    assert kept(at) == []
    assert await at.store.undecided.selection("s1") is None


async def test_a_message_knows_what_it_shows(at: Rooms) -> None:
    made = await at.studio.generations.imagine(ANNA, "g1", ImagineRequest(prompt="a quiet sea"))
    await at.studio.generations.place(made, 42)
    found = await at.studio.generations.shown_in(BEN, 42)
    assert found is not None
    assert found.id == "g1"
    assert await at.studio.generations.shown_in(ANNA_ELSEWHERE, 42) is None
    assert await at.studio.generations.shown_in(ANNA, 43) is None
