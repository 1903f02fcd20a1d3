"""Pictures that generations begin with: whose they may be, where they lie, and when they are gone."""

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PIL import Image

from bot.domain import outcomes
from bot.domain.entities import Generation, JobState, Picture
from bot.downloads import DownloadFailed
from bot.errors import OverBudget, UserError
from bot.replicate_api import Replicate
from bot.store import Budgets, Store
from bot.studio.requests import Attachment, ImagineRequest, PictureRef
from bot.studio.sources import PICTURE_BYTES
from bot.tidy import tidy
from tests.bot.studio.conftest import NOWHERE
from tests.bot.studio.rooms import Rooms, rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, NOW

CAT = Attachment(url="https://cdn.discordapp.com/attachments/1/2/cat.png", name="cat.png", size=999)
MASK = Attachment(url="https://cdn.discordapp.com/attachments/1/3/mask.png", name="mask.png", size=999)


def drawn(colour: str = "white", size: tuple[int, int] = (160, 80)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@dataclass
class Cdn:
    """In the place of downloads: gives what is there, and counts how often it was asked."""

    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list[str])

    async def save(self, url: str, path: Path, *, hosts: Sequence[str], cap: int, seconds: float) -> int:
        assert (hosts, cap) == (("cdn.discordapp.com", "media.discordapp.net"), PICTURE_BYTES)
        self.asked.append(url)
        if url not in self.files:
            raise DownloadFailed("404")
        return await asyncio.to_thread(path.write_bytes, self.files[url])


@pytest.fixture
def cdn() -> Cdn:
    return Cdn({CAT.url: drawn("red"), MASK.url: drawn()})


@pytest.fixture
async def at(store: Store, tmp_path: Path, cdn: Cdn) -> AsyncIterator[Rooms]:
    remote = Replicate("r8_nowhere", base_url=NOWHERE)
    yield rooms(store, tmp_path, remote, cdn)
    await remote.close()


def begun(prompt: str = "a quiet sea", **pictures: Attachment | PictureRef) -> ImagineRequest:
    return ImagineRequest(prompt=prompt, pictures={word: [one] for word, one in pictures.items()})


def kept(at: Rooms) -> list[str]:
    folder = at.context.data / "sources"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def painted(at: Rooms, job_id: str = "g0") -> Generation:
    """Have a finished generation of Anna's with one picture."""
    made = await at.studio.generations.imagine(ANNA, job_id, ImagineRequest(prompt="a quiet sea"))
    await at.store.generations.conclude(job_id, JobState.SUCCEEDED, 3_000, NOW)
    path = at.context.data / "pictures" / job_id / "1.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(drawn("blue"))
    row = Picture(
        generation_id=job_id,
        number=1,
        path=f"pictures/{job_id}/1.png",
        media_type="image/png",
        width=160,
        height=80,
        size=99,
    )
    await at.store.keep_pictures(job_id, [row])
    return made


async def test_an_attachment_is_kept_clean_beside_its_generation(at: Rooms) -> None:
    made = await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    assert made.recipe.model == "dev"  # as schnell takes no picture
    assert made.recipe.sources == {"image": ["sources/g1/image-1.png"]}
    with Image.open(at.context.data / "sources/g1/image-1.png") as image:
        assert (image.size, image.getpixel((5, 5))) == ((160, 80), (255, 0, 0))
    assert kept(at) == ["g1/image-1.png"]


async def test_a_mask_follows_its_picture(at: Rooms, cdn: Cdn) -> None:
    await at.furnish(ANNA, "ziki")
    cdn.files[MASK.url] = drawn(size=(80, 40))
    made = await at.studio.generations.imagine(ANNA, "g1", begun("ZIKI at sea", mask=MASK, image=CAT))
    assert made.recipe.sources == {"image": ["sources/g1/image-1.png"], "mask": ["sources/g1/mask-1.png"]}
    with Image.open(at.context.data / "sources/g1/mask-1.png") as mask:
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
    at: Rooms, pictures: dict[str, Attachment | PictureRef], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        await at.studio.generations.imagine(ANNA, "g1", begun(**pictures))
    assert await at.store.generations.get("g1") is None
    assert kept(at) == []


async def test_a_mask_needs_its_picture(at: Rooms) -> None:
    await at.furnish(ANNA, "ziki")
    with pytest.raises(UserError, match="A mask belongs to a picture"):
        await at.studio.generations.imagine(ANNA, "g1", begun("ZIKI", mask=MASK))


async def test_beyond_the_budget_nothing_is_left(at: Rooms) -> None:
    at.context.budgets = Budgets(member=10, guild=10)
    with pytest.raises(OverBudget):
        await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    assert kept(at) == []


async def test_a_kept_picture_is_begun_with_by_those_who_saw_it(at: Rooms) -> None:
    await painted(at)
    ref = PictureRef(job_id="g0", number=1)
    made = await at.studio.generations.imagine(BEN, "g1", begun(image=ref))
    with Image.open(at.context.data / made.recipe.sources["image"][0]) as image:
        assert image.getpixel((5, 5)) == (0, 0, 255)
    for actor in (replace(BEN, channel_id=101), ANNA_ELSEWHERE):
        with pytest.raises(UserError, match="no longer available"):
            await at.studio.generations.imagine(actor, "g2", begun(image=ref))
    with pytest.raises(UserError, match="no longer available"):
        await at.studio.generations.imagine(ANNA, "g2", begun(image=replace(ref, number=2)))


async def test_again_has_a_copy_of_its_own(at: Rooms, cdn: Cdn) -> None:
    await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    again = await at.studio.generations.again(BEN, "g2", "g1")
    assert again.recipe.sources == {"image": ["sources/g2/image-1.png"]}
    assert len(cdn.asked) == 1
    await at.store.generations.conclude("g1", JobState.SUCCEEDED, 3_000, NOW)
    await at.studio.generations.delete(ANNA, "g1")
    assert kept(at) == ["g2/image-1.png"]
    with pytest.raises(UserError, match=outcomes.SOURCE_GONE):
        await at.studio.generations.again(ANNA, "g3", "g1")
    assert kept(at) == ["g2/image-1.png"]
    assert (await at.studio.generations.edit(ANNA, "g4", "g2", "a loud sea")).recipe.sources


async def test_prompts_with_choices_fetch_a_picture_once(at: Rooms, cdn: Cdn) -> None:
    request = replace(begun(image=CAT), prompt="a {red|blue} sea")
    batch = await at.studio.batches.prepare(ANNA, "b1", request)
    assert [wish.recipe.sources["image"] for wish in batch.wishes] == [[f"sources/b1p{n}/image-1.png"] for n in (1, 2)]
    assert len(cdn.asked) == 1
    await tidy(at.store, at.context.data)
    assert kept(at) == ["b1p1/image-1.png", "b1p2/image-1.png"]
    await at.studio.batches.discard(ANNA, "b1")
    assert kept(at) == []


async def test_a_start_removes_the_pictures_of_what_was_never_accepted(at: Rooms) -> None:
    await at.studio.generations.imagine(ANNA, "g1", begun(image=CAT))
    for name in ("g2", "g3.incoming"):
        (at.context.data / "sources" / name).mkdir()
        (at.context.data / "sources" / name / "image-1.png").write_bytes(b"left")
    await tidy(at.store, at.context.data)
    assert kept(at) == ["g1/image-1.png"]
    assert not (at.context.data / "sources" / "g2").exists()
