"""Pictures that generations begin with: whose they may be, where they lie, and when they are gone."""

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from bot.dataset.workshop import PICTURES_EACH
from bot.domain import outcomes, sentences
from bot.domain.entities import JobState
from bot.domain.policy import Budgets, Policy
from bot.errors import UserError
from bot.flows.orphans import remove_orphans
from bot.studio.requests import Attachment, ImagineRequest, PictureRef
from bot.studio.sources import PICTURE_BYTES
from tests.bot.studio.album import CAT, MASK, Attached, colour, drawn, kept, painted
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, NOW


def begun(prompt: str = "a quiet sea", **pictures: Attachment | PictureRef) -> ImagineRequest:
    return ImagineRequest(prompt=prompt, pictures={word: [one] for word, one in pictures.items()})


async def test_an_attachment_is_kept_clean_beside_its_generation(at: Rooms) -> None:
    made = await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    assert made.recipe.model == "dev"  # as schnell takes no picture
    assert made.recipe.sources == {"image": ["sources/g1/image-1.png"]}
    with Image.open(at.services.data / "sources/g1/image-1.png") as image:
        assert (image.size, image.getpixel((5, 5))) == ((160, 80), (255, 0, 0))
    assert kept(at) == ["g1/image-1.png"]


async def test_a_mask_follows_its_picture(at: Rooms, attached: Attached) -> None:
    await at.furnish(ANNA, "ziki")
    attached.files[MASK.url] = drawn(size=(80, 40))
    made = await at.studio.generations.imagine(ANNA, "g1", begun("ZIKI at sea", mask=MASK, image=CAT))
    assert made.recipe.sources == {"image": ["sources/g1/image-1.png"], "mask": ["sources/g1/mask-1.png"]}
    with Image.open(at.services.data / "sources/g1/mask-1.png") as mask:
        assert mask.size == (160, 80)


@pytest.mark.parametrize(
    ("pictures", "words"),
    [
        ({"mask": MASK}, "takes no mask"),
        ({"control": CAT}, "takes no control"),
        ({"image": replace(CAT, url="https://cdn.discordapp.com/gone.png")}, "Attach it again"),
        ({"image": replace(CAT, size=PICTURE_BYTES + 1)}, "is 40 MiB; Atelier takes up to 40"),
        ({"image": PictureRef(job_id="nothing")}, "no longer available"),
    ],
)
async def test_what_cannot_be_begun_with_costs_nothing_and_leaves_nothing(
    at: Rooms, pictures: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        await at.studio.generations.imagine(ANNA, "g1", begun(**pictures))
    assert await at.store.generations.find("g1") is None
    assert kept(at) == []


async def test_a_member_has_few_pictures_in_line(at: Rooms) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(PICTURES_EACH):
            await stack.enter_async_context(at.services.workshop.pictures.place(ANNA))
        with pytest.raises(UserError, match="still being prepared"):
            await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
        assert (await at.studio.generations.imagine(BEN, "g2", begun(image=CAT))).recipe.sources
    assert kept(at) == ["g2/image-1.png"]


async def test_a_folder_that_cannot_be_made_leaves_nothing(at: Rooms) -> None:
    folder = at.services.data / "sources"
    folder.mkdir()
    (folder / "g1").touch()  # where its folder is to be
    with pytest.raises(FileExistsError):
        await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    assert [path.name for path in folder.iterdir()] == ["g1"]


async def test_a_mask_needs_its_picture(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki")
    with pytest.raises(UserError, match="A mask belongs to a picture"):
        await at.studio.generations.imagine(ANNA, "g1", begun("ZIKI", mask=MASK))


async def test_beyond_the_budget_nothing_is_left(at: Rooms) -> None:
    at.services.policy = Policy(Budgets(member=10, guild=10))
    with pytest.raises(UserError):
        await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    assert kept(at) == []


async def test_a_kept_picture_is_begun_with_by_those_who_saw_it(at: Rooms) -> None:
    await painted(at)
    ref = PictureRef(job_id="g0", number=1)
    made = await at.studio.generations.imagine(BEN, "g1", begun(image=ref))
    assert colour(at, made) == (0, 0, 255)
    for actor in (replace(BEN, channel_id=101), ANNA_ELSEWHERE):
        with pytest.raises(UserError, match="no longer available"):
            await at.studio.generations.imagine(actor, "g2", begun(image=ref))
    with pytest.raises(UserError, match="no longer available"):
        await at.studio.generations.imagine(ANNA, "g2", begun(image=replace(ref, number=2)))


async def test_again_has_a_copy_of_its_own(at: Rooms, attached: Attached) -> None:
    await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    again = await at.studio.generations.again(BEN, "g2", "g1")
    assert again.recipe.sources == {"image": ["sources/g2/image-1.png"]}
    assert len(attached.asked) == 1
    await at.store.generations.end("g1", JobState.SUCCEEDED, 3_000, NOW)
    await at.studio.generations.delete(ANNA, "g1")
    assert kept(at) == ["g2/image-1.png"]
    with pytest.raises(UserError, match=sentences.of(outcomes.SOURCE_GONE)):
        await at.studio.generations.again(ANNA, "g3", "g1")
    assert kept(at) == ["g2/image-1.png"]
    assert (await at.studio.generations.edit(ANNA, "g4", "g2", "a loud sea")).recipe.sources


async def test_prompts_with_choices_fetch_a_picture_once(at: Rooms, attached: Attached) -> None:
    request = replace(begun(image=CAT), prompt="a {red|blue} sea")
    batch = await at.studio.batches.prepare(ANNA, "b1", request)
    assert [wish.recipe.sources["image"] for wish in batch.wishes] == [[f"sources/b1p{n}/image-1.png"] for n in (1, 2)]
    assert len(attached.asked) == 1
    await remove_orphans(at.store, at.services.data)
    assert kept(at) == ["b1p1/image-1.png", "b1p2/image-1.png"]
    await at.studio.batches.discard(ANNA, "b1")
    assert kept(at) == []


async def test_a_start_removes_the_pictures_of_what_was_never_accepted(at: Rooms) -> None:
    await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    for name in ("g2", "g3.incoming"):
        (at.services.data / "sources" / name).mkdir()
        (at.services.data / "sources" / name / "image-1.png").write_bytes(b"left")
    await remove_orphans(at.store, at.services.data)
    assert kept(at) == ["g1/image-1.png"]
    assert not (at.services.data / "sources" / "g2").exists()
