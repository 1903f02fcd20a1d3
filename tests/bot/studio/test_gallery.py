"""Members page through what they may see, and nothing that was deleted or taken back stands in the way."""

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from bot.domain.entities import JobState, Picture
from bot.errors import UserError
from bot.studio.gallery import GONE, PICTURE_GONE, SHOWN
from bot.views.gallery import GalleryPage
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, ANNA_ELSEWHERE, BEN, NOW, RICH, accept_one, generation, recipe, search


async def paint(at: Rooms, *numbers: int, **changes: Any) -> None:
    """Have pictures called g1, g2 ..., with a file behind each."""
    for number in numbers:
        wish = generation(f"g{number}", recipe=recipe(prompt=f"a sea {number}"), **changes)
        await accept_one(at.store, wish, RICH)
        path = at.services.data / f"{wish.id}.webp"
        Image.new("RGB", (1024, 512), "navy").save(path)
        kept = Picture(
            generation_id=wish.id, number=1, path=path.name, media_type="image/webp", width=1024, height=512, size=9
        )
        await at.store.pictures.keep(wish.id, [kept])
        await at.store.generations.end(wish.id, JobState.SUCCEEDED, 0, NOW)


def shown(page: GalleryPage) -> list[int]:
    return [int(find.painted.generation.id.removeprefix("g")) for find in page.finds]


async def test_pages_are_turned_to_the_end_and_back(at: Rooms) -> None:
    await paint(at, *range(1, 2 * SHOWN + 2))
    first = await at.studio.gallery.find(ANNA, "s1", "sea")
    assert shown(first) == list(range(13, 7, -1))
    assert first.newer is None
    second = await at.studio.gallery.older(ANNA, first.older or "")
    assert shown(second) == list(range(7, 1, -1))
    third = await at.studio.gallery.older(ANNA, second.older or "")
    assert (shown(third), third.older) == ([1], None)
    back = await at.studio.gallery.newer(ANNA, third.newer or "")
    assert back == second
    assert await at.studio.gallery.newer(ANNA, back.newer or "") == first


async def test_a_full_last_page_leads_nowhere(at: Rooms) -> None:
    await paint(at, *range(SHOWN))
    page = await at.studio.gallery.find(ANNA, "s1", "")
    assert len(page.finds) == SHOWN
    assert (page.older, page.newer) == (None, None)


async def test_who_turns_to_what_was_deleted_meanwhile_sees_the_newest(at: Rooms) -> None:
    await paint(at, *range(1, SHOWN + 2))
    first = await at.studio.gallery.find(ANNA, "s1", "")
    await at.studio.generations.delete(ANNA, "g1")
    assert await at.studio.gallery.older(ANNA, first.older or "") == replace(first, older=None)


async def test_thumbnails_are_small_and_a_lost_file_costs_only_its_own(at: Rooms) -> None:
    await paint(at, 1, 2)
    (at.services.data / "g2.webp").unlink()
    lost, kept = (await at.studio.gallery.find(ANNA, "s1", "")).finds
    assert lost.thumbnail is None
    assert kept.thumbnail is not None
    (at.services.data / "seen.jpg").write_bytes(kept.thumbnail)
    with Image.open(at.services.data / "seen.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (320, 160))


async def test_others_see_what_is_in_their_channel_as_not_theirs(at: Rooms) -> None:
    await paint(at, 1)
    assert [find.mine for find in (await at.studio.gallery.find(BEN, "s1", "sea")).finds] == [False]
    assert (await at.studio.gallery.show(BEN, "g1")).pictures
    assert shown(await at.studio.gallery.find(replace(BEN, channel_id=1), "s2", "sea")) == []
    assert shown(await at.studio.gallery.find(replace(ANNA, channel_id=1), "s3", "sea")) == [1]


async def test_a_fine_tune_is_named_and_must_be_ones_to_use(at: Rooms) -> None:
    fine_tune = await at.furnish(ANNA, "ziki")
    await paint(at, 1)
    await paint(at, 2, fine_tune_id=fine_tune.id, version=1)
    page = await at.studio.gallery.find(ANNA, "s1", "", model="ziki")
    assert shown(page) == [2]
    assert page.fine_tune == fine_tune
    with pytest.raises(UserError, match="no fine-tune `ziki`"):
        await at.studio.gallery.find(BEN, "s2", "", model="ziki")


async def test_a_search_by_a_fine_tune_that_was_taken_back_ends(at: Rooms) -> None:
    fine_tune = await at.furnish(ANNA, "ziki", shared=True)
    await paint(at, *range(SHOWN + 1), fine_tune_id=fine_tune.id)
    page = await at.studio.gallery.find(BEN, "s1", "", model="ziki")
    await at.studio.fine_tunes.unshare(ANNA, "ziki")
    with pytest.raises(UserError, match="no fine-tune"):
        await at.studio.gallery.older(BEN, page.older or "")


@pytest.mark.parametrize("place", ["", "s1", "s1.", ".5", "s1.x", "s1.٣", f"s1.{'9' * 40}", "s2.5", "s1.5 ", "a.b.c"])
async def test_a_place_that_is_none_is_gone(at: Rooms, place: str) -> None:
    await at.store.undecided.keep(search("s1"), 9)
    for turn in (at.studio.gallery.older, at.studio.gallery.newer):
        with pytest.raises(UserError) as refused:
            await turn(ANNA, place)
        assert refused.value.text == GONE


async def test_a_search_is_its_owners_in_its_guild_for_a_day(at: Rooms) -> None:
    await at.studio.gallery.find(ANNA, "s1", "sea")
    for actor in (BEN, ANNA_ELSEWHERE):
        with pytest.raises(UserError, match="no longer here"):
            await at.studio.gallery.older(actor, "s1.5")
    await at.a_day_later()
    with pytest.raises(UserError, match="no longer here"):
        await at.studio.gallery.older(ANNA, "s1.5")


async def test_what_was_deleted_cannot_be_shown(at: Rooms) -> None:
    await paint(at, 1)
    await at.studio.generations.delete(ANNA, "g1")
    for job_id in ("g1", "g9"):
        with pytest.raises(UserError) as refused:
            await at.studio.gallery.show(ANNA, job_id)
        assert refused.value.text == PICTURE_GONE


async def test_what_cannot_be_seen_is_no_part_of_a_search(at: Rooms) -> None:
    await paint(at, 1)
    assert shown(await at.studio.gallery.find(ANNA, "s1", "s\0e\u200ba\ud800")) == [1]
