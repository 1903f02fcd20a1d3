"""The sandbox's Discord in good days, driven by an unmodified discord.py in another process."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from sandbox.bot_process import BotExitedError
from sandbox.discord import Discord, Impossible
from tests.sandbox.scene import Scene
from tests.shared import shared

ZIP = ("holiday photos.zip", b"x" * 200_000)


async def test_a_command_with_a_file_is_deferred_read_and_answered(scene: Scene):
    thinking = (await scene.alice.slash(scene.studio, "train", images=ZIP)).message
    assert thinking.text == "Atelier is thinking..." or "read" in thinking.text
    answer = await scene.alice.wait_for(lambda message: "read" in message.text)
    assert answer.text == "holiday_photos.zip 200000 True read 200000"
    assert answer.id == thinking.id
    assert not answer.loading


async def test_a_layout_is_seen_with_its_texts_buttons_and_pictures(scene: Scene):
    await scene.alice.slash(scene.studio, "paint")
    painted = await scene.bob.wait_for(lambda message: "fox" in message.text)
    assert painted.text == "## A fox\na_fox.png: a teal fox\n---\nseed 5\n[Vary]\n[Later]\n[Web]"
    assert [(button.label, button.custom_id, button.disabled) for button in painted.buttons] == [
        ("Vary", "vary:9", False),
        ("Later", "later", True),
        ("Web", None, False),
    ]
    (picture,) = painted.pictures
    assert Image.open(io.BytesIO(picture.data)).size == (8, 6)
    assert picture.alt == "a teal fox"
    with pytest.raises(Impossible, match="disabled"):
        await scene.bob.click(painted, "Later")


async def test_a_form_takes_text_and_files(scene: Scene):
    panel = (await scene.alice.slash(scene.studio, "panel")).message
    form = await scene.bob.click(panel, "Form")
    sent = await scene.bob.submit_modal(form, {"name": "fox", "files": [("a.png", b"1"), ("b.png", b"22")]})
    assert sent.message.text == "fox: [1, 2]"


async def test_menus_autocompletion_and_context_menus(scene: Scene):
    panel = (await scene.alice.slash(scene.studio, "panel")).message
    await scene.bob.select(panel, ["large"])
    assert panel.content == "large"
    assert await scene.alice.autocomplete(scene.studio, "model", "name", "f") == [{"name": "fox", "value": "fox"}]
    said = await scene.bob.send(scene.studio, "a red fox")
    assert (await scene.alice.context_menu(scene.studio, "Reuse prompt", said)).message.text == "reused a red fox"
    assert (await scene.alice.context_menu(scene.studio, "Greet", scene.bob)).message.text == "hello bob"


async def test_buttons_work_after_the_bot_was_killed_and_started_again(scene: Scene):
    panel = (await scene.alice.slash(scene.studio, "panel")).message
    await scene.bot.kill()
    away = await scene.alice.click(panel, "Vary")
    assert not away.acknowledged
    await scene.bot.start()
    assert (await scene.alice.click(panel, "Vary")).message.text == "varied 7 for alice"


async def test_an_ephemeral_answer_is_for_one_pair_of_eyes(scene: Scene):
    panel = (await scene.alice.slash(scene.studio, "panel")).message
    secret = (await scene.bob.click(panel, "Vary")).message
    assert secret.ephemeral
    assert scene.bob.sees(secret)
    assert not scene.alice.sees(secret)
    assert secret.id not in {message.id for message in scene.alice.messages(scene.studio)}


async def test_guilds_differ_in_tier_language_and_people(scene: Scene):
    club = scene.discord.guild("Club", boosts=2)
    den = scene.discord.channel(club, "den")
    carol = scene.discord.person("carol", club, locale="de")
    there = (await carol.slash(den, "where")).message.text
    here = (await scene.alice.slash(scene.studio, "where")).message.text
    assert there == f"Club de en-US {50 << 20} {carol.id} {den.id}"
    assert here == f"Team en-US en-US {10 << 20} {scene.alice.id} {scene.studio.id}"
    alone = (await scene.alice.slash(scene.alice.direct, "where")).message.text
    assert alone.startswith("None en-US None 10485760")


async def test_many_people_act_at_once(scene: Scene):
    people = [scene.discord.person(f"guest{number}", scene.guild) for number in range(30)]
    answers = await asyncio.gather(*(person.slash(scene.studio, "where") for person in people))
    for person, answer in zip(people, answers, strict=True):
        assert str(person.id) in answer.message.text


async def test_files_have_limits_of_tier_and_request(scene: Scene):
    with pytest.raises(Impossible, match="10 MiB"):
        await scene.alice.slash(scene.studio, "train", images=("big.zip", bytes((10 << 20) + 1)))
    for boosts, mebibytes, verdict in ((0, 11, "failed: HTTPException 413 40005"), (2, 11, "sent"), (2, 26, "413")):
        scene.discord.backend.boosts[scene.guild.id] = boosts
        asked = (await scene.alice.slash(scene.studio, "upload", mebibytes=mebibytes)).message
        answer = await scene.alice.wait_for(lambda message, asked=asked: message.id == asked.id and message.content)
        assert verdict in answer.content


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("answer twice", "400 40060"),
        ("edit thinking", "404 10008"),
        ("touch ephemeral", "404 10008"),
        ("too long", "400 50035 Invalid Form Body\nIn content"),
        ("nameless button", "400 50035 Invalid Form Body\nIn components.0.components.0.label"),
        ("other host", "ClientHttpProxyError 403"),
    ],
)
async def test_what_discord_refuses_is_refused(scene: Scene, kind: str, refusal: str):
    asked = (await scene.alice.slash(scene.studio, "blunder", kind=kind)).message
    answer = await scene.alice.wait_for(lambda message: message.id == asked.id and not message.loading)
    assert refusal in answer.content
    assert scene.internet.refused == (["example.com"] if kind == "other host" else [])


async def test_a_token_dies_after_fifteen_minutes(scene: Scene):
    late = (await scene.alice.slash(scene.studio, "later")).message
    scene.discord.travel(901)
    await scene.alice.slash(scene.studio, "now")
    await scene.alice.wait_for(lambda message: message.content == "failed: HTTPException 401 50027")
    assert late.loading


async def test_a_bot_that_says_nothing_is_given_three_seconds(scene: Scene):
    assert not (await scene.alice.slash(scene.studio, "silent")).acknowledged


async def test_a_wrong_token_opens_nothing(scene: Scene):
    scene.bot.settings["DISCORD_TOKEN"] = scene.discord.token.swapcase()
    await scene.bot.kill()
    with pytest.raises(BotExitedError, match="Improper token"):
        await scene.bot.start()


async def test_ids_and_commands_outlast_the_sandbox(scene: Scene, tmp_path: Path):
    again = Discord(tmp_path)
    guild = again.guild("Team")
    assert guild.id == scene.guild.id
    assert again.channel(guild, "studio").id == scene.studio.id
    alice = again.person("alice")
    assert (alice.id, alice.direct.id) == (scene.alice.id, scene.alice.direct.id)
    assert again.bot_id == scene.discord.bot_id
    assert not again.commands
    await again.start()
    assert again.commands.keys() == scene.discord.commands.keys()
    await again.stop()


async def test_a_long_run_may_forget(scene: Scene):
    old = (await scene.alice.slash(scene.studio, "where")).message
    scene.discord.travel(3600)
    new = (await scene.alice.slash(scene.studio, "where")).message
    scene.discord.backend.forget(older_than=60)
    assert old.deleted
    assert not new.deleted


async def test_the_contract_was_held_against_every_kind_of_exchange(scene: Scene):
    shared("contracts/discord-openapi.json")
    judge = scene.contract
    assert judge is not None
    await scene.alice.slash(scene.studio, "say", text="hello")
    await scene.alice.wait_for(lambda message: message.content == "hello 0")
    for name in ("PUT /applications/{application_id}/commands", "POST /channels/{channel_id}/messages"):
        assert judge.checked[name]
    problems = len(judge.problems)
    judge(Wrong())
    assert len(judge.problems) > problems
    del judge.problems[problems:]


class Wrong:
    method, path, status, answer = "POST", "/channels/1/messages", 200, b'{"id": 5}'
    sent = json.dumps({"flags": 1 << 15, "components": [{"type": 17, "components": []}]}).encode()
