"""/gallery, as a member drives it."""

from collections.abc import Callable
from pathlib import Path

from bot.discord_client.client import AtelierClient
from bot.errors import UserError
from cogs.layouts import gallery as layouts
from tests.cogs import things
from tests.cogs.conftest import Stage
from tests.cogs.seen import buttons, first, parts, text
from tests.cogs.test_commands import anna

MakeClient = Callable[..., AtelierClient]


async def test_pictures_are_shown_in_private_with_their_prompts_and_the_way_to_them(stage: Stage, tmp_path: Path):
    stage.studio.gallery.known = things.gallery_page(things.find(tmp_path))
    answer = await stage.anna.slash(stage.channel, "gallery", words="red fo")
    [call] = stage.studio.gallery.calls
    assert call == ("find", anna(stage), call[2], "red fo", None, False)
    assert answer.ephemeral
    assert "### Pictures with `red fo`, newest first" in text(answer.response)
    assert "`ZIKI on a beach`\n2 pictures with **anna** v2 · yours · <t:1790000000:R>" in text(answer.response)
    assert "<#33> · [see it there](https://discord.com/channels/11/33/44)" in text(answer.response)
    assert buttons(answer.response) == {"Show": f"see:{things.finished().id}"}
    [thumbnail] = [part["accessory"] for part in parts(first(answer).components) if part["type"] == 9]
    assert thumbnail["description"] == "ZIKI on a beach"
    assert [file.filename for file in first(answer).attachments] == [f"{things.finished().id}.jpg"]


async def test_every_option_is_handed_over(stage: Stage):
    await stage.anna.slash(stage.channel, "gallery", model="ft:7", mine=True)
    assert stage.studio.gallery.calls[0][3:] == ("", "ft:7", True)


async def test_only_what_may_be_used_is_suggested(stage: Stage):
    offered = await stage.anna.autocomplete(stage.channel, "gallery", "model", "an")
    assert [choice["value"] for choice in offered] == ["ft:7"]
    assert stage.studio.fine_tunes.calls[0][2:] == ("an", False, False)


async def test_pages_are_turned_after_a_restart_in_the_same_message(
    stage: Stage, make_client: MakeClient, tmp_path: Path
):
    stage.studio.gallery.known = things.gallery_page(things.find(tmp_path), older="6.40", newer="6.45")
    answer = await stage.anna.slash(stage.channel, "gallery")
    assert buttons(answer.response)["Older"] == "older:6.40"
    await stage.env.restart_bot(make_client(stage.studio))
    stage.studio.gallery.known = things.gallery_page(things.find(tmp_path, id="1"), newer="6.30")
    await stage.anna.click(first(answer), label="Older")
    assert stage.studio.gallery.calls[-1] == ("older", anna(stage), "6.40")
    assert buttons(answer.response) == {"Show": "see:1", "Newer": "newer:6.30"}
    await stage.anna.click(first(answer), label="Newer")
    assert stage.studio.gallery.calls[-1] == ("newer", anna(stage), "6.30")


async def test_show_brings_the_pictures_to_who_pressed_alone(stage: Stage, tmp_path: Path):
    stage.studio.gallery.known = things.gallery_page(things.find(tmp_path))
    stage.studio.gallery.result = things.painted(tmp_path)
    answer = await stage.anna.slash(stage.channel, "gallery")
    press = await stage.anna.click(first(answer), label="Show")
    assert stage.studio.gallery.calls[-1] == ("show", anna(stage), things.finished().id)
    assert press.ephemeral
    assert "2 pictures with **anna** v2" in text(press.response)
    assert len(first(press).attachments) == 2


async def test_a_search_that_is_gone_says_so_beside_the_page(stage: Stage, tmp_path: Path):
    stage.studio.gallery.known = things.gallery_page(things.find(tmp_path), older="6.40")
    answer = await stage.anna.slash(stage.channel, "gallery")
    stage.studio.gallery.refuse["older"] = UserError("This search is no longer here.")
    press = await stage.anna.click(first(answer), label="Older")
    assert [text(told) for told in press.followups if told.ephemeral] == ["This search is no longer here."]
    assert "Older" in buttons(answer.response)


async def test_nothing_found_says_where_was_looked(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "gallery", words="a `b`")
    assert "Nothing was found. Try fewer words" in text(answer.response)
    assert "your own pictures of this whole server, and those that others had painted in this channel" in text(
        answer.response
    )


def test_a_page_says_what_was_wanted(tmp_path: Path):
    search = things.gallery_page().search
    wanted = things.gallery_page(
        fine_tune=things.fine_tune(), search=things.replace(search, words="`x` <@5>", mine=True)
    )
    assert text(layouts.gallery(wanted)).startswith("### Your pictures by **anna** with `ˋxˋ <@5>`, newest first")


def test_what_stands_in_no_message_is_said_to(tmp_path: Path):
    finds = [
        things.find(tmp_path, id="1", delivered="direct message"),
        things.replace(things.find(tmp_path, id="2", delivered="direct message"), mine=False),
        things.find(tmp_path, id="3", delivered="kept", message_id=None),
        things.replace(things.find(tmp_path, id="4"), thumbnail=None),
    ]
    post = layouts.gallery(things.gallery_page(*finds))
    assert "came as a direct message to you\n" in text(post)
    assert "came as a direct message to who asked for it\n" in text(post)
    assert "stands in no message; press *Show*\n" in text(post)
    assert [file.filename for file in post.files] == ["1.jpg", "2.jpg", "3.jpg"]


def test_the_fullest_page_fits_into_a_message(tmp_path: Path):
    prompt = things.recipe(prompt="@" * 2000)
    finds = [things.find(tmp_path, id=str(10**18 + n), recipe=prompt) for n in range(6)]
    search = things.replace(things.gallery_page().search, words="x" * 200)
    post = layouts.gallery(things.gallery_page(*finds, search=search, older="6.1", newer="6.2"))
    assert post.view.total_children_count <= 40
    assert len(text(post)) <= 4000
