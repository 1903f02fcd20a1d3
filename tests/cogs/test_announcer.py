"""Results reach their people, once, whatever Discord does; the rows of the fault matrix by their names."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
from simcord.backend.errors import BackendError
from simcord.http import router

from bot.domain.entities import JobState, Progress
from bot.domain.notices import Notice
from bot.flows.announcing import Delivery
from bot.views.outcomes import Painted, Trained
from cogs.announcer import AVOIDED, ChannelAnnouncer
from cogs.buttons import Button
from cogs.layouts.parts import action_row, page
from cogs.posting import DELAYS, LATE
from tests.cogs import things
from tests.cogs.conftest import Lose, Stage
from tests.cogs.seen import alt_texts, buttons, first, text

POST, MESSAGES = "POST", "/channels/*/messages"
PATCH, MESSAGE = "PATCH", "/channels/*/messages/*"
PROGRESS = Progress(phase="", step=10, total=100)


@dataclass
class Teller:
    """An announcer whose naps take no time and whose clock a test moves."""

    stage: Stage
    folder: Path
    naps: list[float] = field(default_factory=list)
    time: float = things.NOW

    def __post_init__(self) -> None:
        self.announcer = ChannelAnnouncer(self.stage.client, sleep=self.nap, now=lambda: self.time)

    async def nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        await asyncio.sleep(0)

    def place(self) -> dict[str, int]:
        return {
            "guild_id": self.stage.env.guild.id,
            "owner_id": self.stage.anna.id,
            "channel_id": self.stage.channel.id,
        }

    def painted(self, **changes: Any) -> Painted:
        return things.painted(self.folder, **(self.place() | changes))

    def trained(self, **changes: Any) -> Trained:
        return things.outcome(self.folder, **(self.place() | changes))

    def training(self, **changes: Any) -> Any:
        return things.training(**(self.place() | changes))

    async def messages(self) -> list[discord.Message]:
        channel = self.stage.client.get_partial_messageable(self.stage.channel.id)
        return [message async for message in channel.history(oldest_first=True)]

    async def letters(self) -> list[discord.Message]:
        channel = await self.stage.client.create_dm(discord.Object(self.stage.anna.id))
        return [message async for message in channel.history(oldest_first=True)]

    def asked(self, method: str, part: str) -> list[Any]:
        requests = self.stage.env.http_requests
        return [request for request in requests if request.method == method and part in request.path]


@pytest.fixture
def teller(stage: Stage, tmp_path: Path) -> Teller:
    return Teller(stage, tmp_path)


async def status_of(teller: Teller) -> int:
    """Let a member run /imagine and give the message that shows it."""
    answer = await teller.stage.anna.slash(teller.stage.channel, "imagine", prompt="a fox")
    return first(answer).id


# generations


async def test_a_result_takes_the_place_of_its_status_by_bot_token(teller: Teller):
    message_id = await status_of(teller)
    delivery = await teller.announcer.over(teller.painted(message_id=message_id), look_first=False)
    assert delivery == Delivery("message", message_id)
    [message] = await teller.messages()
    assert {"Again", "Vary subtle", "Upscale", "Delete"} <= set(buttons(message))
    assert alt_texts(message) == ["ZIKI on a beach"] * 2
    assert len(message.attachments) == 2
    assert teller.asked(PATCH, "/channels/")


async def test_a_result_without_a_status_is_a_message_of_its_own_that_mentions_nobody(teller: Teller):
    delivery = await teller.announcer.over(teller.painted(), look_first=False)
    [message] = await teller.messages()
    assert delivery == Delivery("message", message.id)
    [request] = teller.asked(POST, "/messages")
    assert request.json["nonce"] == things.generation().id
    assert request.json["enforce_nonce"] is True
    assert request.json["allowed_mentions"] == {"parse": []}


async def test_d8_a_result_needs_no_interaction_token(teller: Teller):
    message_id = await status_of(teller)
    await teller.stage.env.advance_time(16 * 60)
    delivery = await teller.announcer.over(teller.painted(message_id=message_id), look_first=False)
    assert delivery == Delivery("message", message_id)


async def test_d11_a_deleted_status_becomes_a_new_message(teller: Teller):
    message_id = await status_of(teller)
    [status] = await teller.messages()
    await status.delete()
    delivery = await teller.announcer.over(teller.painted(message_id=message_id), look_first=False)
    [message] = await teller.messages()
    assert delivery == Delivery("message", message.id)
    assert "Again" in buttons(message)


@pytest.mark.parametrize(("status", "code"), [(403, 50013), (403, 50001), (404, 10003), (403, 160005), (400, 50083)])
async def test_d9_a_closed_channel_turns_into_a_direct_message(teller: Teller, status: int, code: int):
    teller.stage.env.inject_error(POST, MESSAGES, status=status, code=code)
    delivery = await teller.announcer.over(teller.painted(), look_first=False)
    [letter] = await teller.letters()
    assert delivery == Delivery("direct message", letter.id)
    assert f"I may not write in <#{teller.stage.channel.id}>" in text(letter)
    assert len(letter.attachments) == 2
    assert buttons(letter) == {}


async def test_d5_an_edit_without_an_answer_cannot_undo_the_next_one(teller: Teller):
    message_id = await status_of(teller)
    teller.stage.env.inject_error(PATCH, MESSAGE, status=500, code=0)
    await teller.announcer.training_status(teller.training(message_id=message_id), PROGRESS, look_first=False)
    assert teller.naps == []
    await teller.announcer.training_status(teller.training(message_id=message_id), PROGRESS, look_first=False)
    await teller.announcer.training_status(teller.training(message_id=message_id), PROGRESS, look_first=False)
    [nap] = teller.naps  # the third has nothing to wait for
    assert 0 < nap <= LATE


async def test_d9_an_edit_that_is_refused_goes_the_same_way(teller: Teller):
    message_id = await status_of(teller)
    teller.stage.env.inject_error(PATCH, MESSAGE, status=403, code=50001)
    delivery = await teller.announcer.over(teller.painted(message_id=message_id), look_first=False)
    assert delivery.place == "direct message"
    assert len(teller.asked(POST, "/messages")) == 1


async def test_d10_closed_direct_messages_keep_the_result_after_three_tries_at_most(teller: Teller):
    message_id = await status_of(teller)
    teller.stage.env.inject_error(PATCH, MESSAGE, status=404, code=10008)
    teller.stage.env.inject_error(POST, MESSAGES, status=403, code=50013)
    teller.stage.env.inject_error(POST, "/users/@me/channels", status=403, code=50007)
    before = len(teller.stage.env.http_requests)
    delivery = await teller.announcer.over(teller.painted(message_id=message_id), look_first=False)
    assert delivery == Delivery("kept")
    assert len(teller.stage.env.http_requests) - before == 3
    assert teller.naps == []


async def test_t18_a_closed_channel_is_left_alone_for_a_while(teller: Teller):
    teller.stage.env.inject_error(POST, MESSAGES, status=403, code=50013)
    await teller.announcer.over(teller.painted(), look_first=False)
    before = len(teller.asked(POST, f"/channels/{teller.stage.channel.id}/"))
    second = teller.painted(id="1300000000000000002")
    assert (await teller.announcer.over(second, look_first=False)).place == "direct message"
    await teller.announcer.training_status(teller.training(message_id=5), PROGRESS, look_first=False)
    await teller.announcer.over(teller.trained(message_id=5), look_first=False)
    assert len(teller.asked(POST, f"/channels/{teller.stage.channel.id}/")) == before
    assert teller.asked(PATCH, "/messages/") == []
    teller.time += AVOIDED + 1
    third = teller.painted(id="1300000000000000003")
    assert (await teller.announcer.over(third, look_first=False)).place == "message"


async def test_d5_a_server_error_is_waited_out(teller: Teller):
    teller.stage.env.inject_error(POST, MESSAGES, status=503, times=3)
    delivery = await teller.announcer.over(teller.painted(), look_first=False)
    assert delivery.place == "message"
    assert teller.naps == [1.0, 2.0, 5.0]
    assert len(await teller.messages()) == 1


@pytest.mark.parametrize(
    "error",
    [aiohttp.ServerDisconnectedError(), TimeoutError(), ConnectionResetError(), BackendError(500, 0, "after it")],
)
async def test_d5_a_message_whose_answer_was_lost_is_found_and_not_sent_again(
    teller: Teller, lose: Lose, error: Exception
):
    lose(POST, "/messages", error)
    delivery = await teller.announcer.over(teller.painted(), look_first=False)
    [message] = await teller.messages()
    assert delivery == Delivery("message", message.id)


async def test_d5_a_direct_message_whose_answer_was_lost_is_found_too(teller: Teller, lose: Lose):
    closed = replace(teller.painted(), generation=replace(teller.painted().generation, channel_id=404))
    lose(POST, "/messages", aiohttp.ServerDisconnectedError())
    delivery = await teller.announcer.over(closed, look_first=False)
    [letter] = await teller.letters()
    assert delivery == Delivery("direct message", letter.id)


async def test_d5_after_a_restart_the_channel_is_looked_at_first(teller: Teller):
    before = await teller.announcer.over(teller.painted(), look_first=False)
    again = Teller(teller.stage, teller.folder)
    assert await again.announcer.over(teller.painted(), look_first=True) == before
    other = await again.announcer.over(teller.painted(id="1300000000000000002"), look_first=True)
    assert other.message_id != before.message_id
    assert len(await teller.messages()) == 2


@pytest.mark.parametrize("mark", ["again:{}", "generation {}"])
async def test_d5_a_result_that_an_older_version_told_is_found(teller: Teller, mark: str):
    outcome = teller.painted()
    words = mark.format(outcome.job.id)
    old = page("2 pictures", action_row(Button(words.partition(":")[0], outcome.job.id, "Again")), f"-# {words}")
    said = await teller.stage.client.get_partial_messageable(teller.stage.channel.id).send(view=old.view)
    assert (await teller.announcer.over(outcome, look_first=True)).message_id == said.id


async def test_d5_a_failure_without_a_button_is_found_by_its_number(teller: Teller):
    failed = teller.trained(state=JobState.FAILED, error=Notice("training-failed"))
    outcome = replace(failed, version=None, samples=())
    before = await teller.announcer.over(outcome, look_first=False)
    again = Teller(teller.stage, teller.folder)
    assert await again.announcer.over(outcome, look_first=True) == before
    [message] = await teller.messages()
    assert outcome.job.id not in text(message)


async def test_d5_a_direct_message_is_found_by_its_number(teller: Teller):
    closed = replace(teller.painted(), generation=replace(teller.painted().generation, channel_id=404))
    before = await teller.announcer.over(closed, look_first=False)
    again = Teller(teller.stage, teller.folder)
    assert await again.announcer.over(closed, look_first=True) == before
    assert len(await teller.letters()) == 1


async def test_d5_a_result_is_not_taken_for_one_whose_id_begins_alike(teller: Teller):
    longer = await teller.announcer.over(teller.painted(id="124"), look_first=False)
    shorter = await teller.announcer.over(teller.painted(id="12"), look_first=True)
    assert shorter.message_id != longer.message_id
    assert len(await teller.messages()) == 2


async def test_d5_no_prompt_swallows_the_card_of_a_training(teller: Teller):
    outcome = teller.trained()
    mark = f"training {outcome.training.id}"
    generation = teller.painted()
    recipe = replace(generation.generation.recipe, prompt=f"{mark}\n-# {mark}\n{mark}")
    sly = replace(generation, generation=replace(generation.generation, recipe=recipe))
    said = await teller.announcer.over(sly, look_first=False)
    card = await teller.announcer.over(outcome, look_first=True)
    assert card.message_id != said.message_id
    assert len(await teller.messages()) == 2


async def test_d5_an_outage_of_an_hour_ends_in_kept_and_not_in_a_loop(teller: Teller):
    teller.stage.env.inject_error("*", "/*", status=502, times=None)
    delivery = await teller.announcer.over(teller.painted(), look_first=False)
    assert delivery == Delivery("kept")
    assert sum(DELAYS) < 4000
    assert teller.naps == list(DELAYS)


async def test_d4_a_long_rate_limit_is_waited_for_and_loses_no_result(teller: Teller, lose: Lose, monkeypatch: Any):
    refuse_once(monkeypatch, discord.RateLimited(1336.0))
    assert (await teller.announcer.over(teller.painted(), look_first=False)).place == "message"
    assert teller.naps == [1336.0]


async def test_d4_a_ban_by_cloudflare_is_waited_for_too(teller: Teller):
    teller.stage.env.inject_error(POST, MESSAGES, status=429)
    assert (await teller.announcer.over(teller.painted(), look_first=False)).place == "message"
    assert teller.naps == [60.0]


@pytest.mark.parametrize(("status", "code"), [(413, 40005), (413, 0), (400, 50045)])
async def test_d12_pictures_that_are_too_large_are_sent_smaller(teller: Teller, status: int, code: int):
    teller.stage.env.inject_error(POST, MESSAGES, status=status, code=code)
    outcome = teller.painted()
    assert (await teller.announcer.over(outcome, look_first=False)).place == "message"
    [message] = await teller.messages()
    assert [file.filename for file in message.attachments] == [
        f"{things.generation().id}-1.jpg",
        f"{things.generation().id}-2.jpg",
    ]
    assert [file.size for file in message.attachments] == [len(b"small")] * 2
    assert all(path.read_bytes().startswith(b"RIFF") for _, path in outcome.pictures)


async def test_d12_pictures_that_are_still_too_large_are_said_to_be(teller: Teller):
    message_id = await status_of(teller)
    teller.stage.env.inject_error(PATCH, MESSAGE, status=413, code=40005, times=2)
    delivery = await teller.announcer.over(teller.painted(message_id=message_id), look_first=False)
    assert delivery == Delivery("message", message_id)
    [message] = await teller.messages()
    assert message.attachments == []
    assert "too large" in text(message)


async def test_what_discord_refuses_for_good_raises_nothing(teller: Teller):
    teller.stage.env.inject_error("*", "/*", status=400, code=50035, times=None)
    assert await teller.announcer.over(teller.painted(message_id=5), look_first=False) == Delivery("kept")
    assert await teller.announcer.over(teller.trained(message_id=5), look_first=False) == Delivery("kept")
    assert await teller.announcer.training_status(teller.training(), PROGRESS, look_first=False) is None


# trainings


async def test_a_training_has_one_status_message(teller: Teller):
    message_id = await teller.announcer.training_status(teller.training(), None, look_first=False)
    again = await teller.announcer.training_status(teller.training(message_id=message_id), PROGRESS, look_first=False)
    assert again == message_id
    [message] = await teller.messages()
    assert "step 10 of 100" in text(message)
    assert list(buttons(message)) == ["Cancel"]


async def test_a_status_is_posted_once_even_where_its_id_was_not_kept(teller: Teller):
    for _ in range(3):
        await teller.announcer.training_status(teller.training(), PROGRESS, look_first=False)
    assert len(await teller.messages()) == 1


async def test_a_status_that_a_moderator_deleted_comes_back_once(teller: Teller):
    message_id = await teller.announcer.training_status(teller.training(), None, look_first=False)
    [status] = await teller.messages()
    await status.delete()
    job = teller.training(message_id=message_id)
    new_id = await teller.announcer.training_status(job, PROGRESS, look_first=False)
    assert new_id != message_id
    assert await teller.announcer.training_status(job, PROGRESS, look_first=False) == new_id
    assert len(await teller.messages()) == 1


async def test_d4_a_status_that_cannot_be_shown_now_waits_for_the_next(teller: Teller):
    message_id = await teller.announcer.training_status(teller.training(), None, look_first=False)
    job = teller.training(message_id=message_id)
    teller.stage.env.inject_error(PATCH, MESSAGE, status=429)
    assert await teller.announcer.training_status(job, PROGRESS, look_first=False) == message_id
    assert teller.naps == []
    assert "step" not in text((await teller.messages())[0])
    await teller.announcer.training_status(job, PROGRESS, look_first=False)
    assert "step 10 of 100" in text((await teller.messages())[0])


async def test_d5_a_status_whose_answer_was_lost_is_found_by_the_next(teller: Teller, lose: Lose):
    lose(POST, "/messages", aiohttp.ServerDisconnectedError())
    assert await teller.announcer.training_status(teller.training(), None, look_first=False) is None
    message_id = await teller.announcer.training_status(teller.training(), PROGRESS, look_first=False)
    [message] = await teller.messages()
    assert message_id == message.id


async def test_after_a_restart_a_status_is_looked_for_first(teller: Teller):
    message_id = await teller.announcer.training_status(teller.training(), None, look_first=False)
    again = Teller(teller.stage, teller.folder)
    assert await again.announcer.training_status(teller.training(), None, look_first=True) == message_id


async def test_a_finished_training_closes_its_status_and_mentions_only_its_owner(teller: Teller):
    message_id = await teller.announcer.training_status(teller.training(), None, look_first=False)
    delivery = await teller.announcer.over(teller.trained(message_id=message_id), look_first=False)
    status, card = await teller.messages()
    assert (status.id, card.id) == (message_id, delivery.message_id)
    assert "is ready" in text(status)
    assert buttons(status) == {}
    assert len(card.attachments) == 4
    assert buttons(card) == {"Try it": "try:7"}
    request = teller.asked(POST, "/messages")[-1]
    assert request.json["allowed_mentions"] == {"parse": [], "users": [teller.stage.anna.id]}
    assert request.json["nonce"] == f"{things.training().id}r"


async def test_the_status_is_not_taken_for_the_card(teller: Teller):
    message_id = await teller.announcer.training_status(teller.training(), None, look_first=False)
    first = await teller.announcer.over(teller.trained(message_id=message_id), look_first=True)
    assert first.message_id != message_id
    assert await teller.announcer.over(teller.trained(message_id=message_id), look_first=True) == first


async def test_a_failed_training_tells_its_owner_what_to_do(teller: Teller):
    job = things.trained(
        **teller.place(), state=JobState.FAILED, error=Notice.written("The trainer stopped. Run /train again.")
    )
    outcome = Trained(training=job, fine_tune=things.fine_tune(), version=None)
    await teller.announcer.over(outcome, look_first=False)
    [message] = await teller.messages()
    assert text(message).startswith(f"<@{teller.stage.anna.id}>")
    assert "Run /train again" in text(message)


async def test_d11_a_training_whose_channel_is_gone_reaches_its_owner(teller: Teller):
    message_id = await teller.announcer.training_status(teller.training(), None, look_first=False)
    gone = teller.trained(message_id=message_id, channel_id=404)
    delivery = await teller.announcer.over(gone, look_first=False)
    [letter] = await teller.letters()
    assert delivery == Delivery("direct message", letter.id)
    assert len(letter.attachments) == 4


def refuse_once(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Refuse the next message as discord.py does by itself, before anything is sent."""
    real: Callable[..., Any] = router.dispatch
    left = [error]

    def dispatch(backend: Any, method: str, path: str, **options: Any) -> Any:
        if left and method == POST and path.endswith("/messages"):
            raise left.pop()
        return real(backend, method, path, **options)

    monkeypatch.setattr(router, "dispatch", dispatch)
