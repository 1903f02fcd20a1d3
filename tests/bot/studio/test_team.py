"""Leads give budgets and stop everything, in their own server; nobody else does."""

from dataclasses import replace

import pytest

from bot.domain.entities import Actor, JobState
from bot.domain.team import Whom
from bot.errors import UserError
from bot.studio.requests import ImagineRequest
from tests.bot.studio.rooms import Rooms
from tests.bot.things import ANNA, BEN, NOW, RICH, accept_one, generation

LEAD = replace(ANNA, manages=True)
SEA = ImagineRequest(prompt="a sea")  # three tenths of a cent


@pytest.mark.parametrize("actor", [ANNA, BEN])
async def test_who_does_not_lead_changes_and_sees_nothing(at: Rooms, actor: Actor) -> None:
    leading = at.studio.leading
    for deed in (
        leading.money(actor),
        leading.set_budget(actor, Whom.MEMBER, actor.user_id, "1000"),
        leading.add_once(actor, Whom.MEMBER, actor.user_id, "1000"),
        leading.pause(actor, "because"),
        leading.resume(actor),
    ):
        with pytest.raises(UserError, match="Manage Server"):
            await deed
    team = await at.store.teams.get(actor.guild_id, "2026-11")
    assert (team.budgets, team.pause) == ([], None)


async def test_a_budget_of_nothing_stops_a_member_and_default_lets_them_go_on(at: Rooms) -> None:
    await at.studio.leading.set_budget(LEAD, Whom.MEMBER, BEN.user_id, "0")
    with pytest.raises(UserError, match=r"You have \$0.000 left of \$0.000 this month"):
        await at.studio.generations.imagine(BEN, "g1", SEA)
    await at.studio.generations.imagine(ANNA, "g2", SEA)
    await at.studio.leading.set_budget(LEAD, Whom.MEMBER, BEN.user_id, " Default")
    await at.studio.generations.imagine(BEN, "g3", SEA)


async def test_more_for_one_month_adds_up_and_is_seen_in_the_allowance(at: Rooms) -> None:
    await at.studio.leading.set_budget(LEAD, Whom.MEMBER, BEN.user_id, "1")
    for amount in ("2", "0.50"):
        money = await at.studio.leading.add_once(LEAD, Whom.MEMBER, BEN.user_id, amount)
    assert [budget.amount for budget in money.team.budgets] == [1_000_000, 2_500_000]
    assert (await at.studio.spending.allowance(BEN)).member_budget == 3_500_000


async def test_the_budget_of_a_server_stays_below_the_operators(at: Rooms) -> None:
    ceiling = at.services.policy.budgets.guild
    money = await at.studio.leading.set_budget(LEAD, Whom.GUILD, LEAD.guild_id, "9999999")
    assert (money.budget, money.usual.guild) == (ceiling, ceiling)
    money = await at.studio.leading.set_budget(LEAD, Whom.GUILD, LEAD.guild_id, "0")
    assert money.budget == 0
    with pytest.raises(UserError, match="This server has"):
        await at.studio.generations.imagine(ANNA, "g1", SEA)


async def test_what_is_no_amount_changes_nothing(at: Rooms) -> None:
    with pytest.raises(UserError, match=r"such as 20 or 7\.50"):
        await at.studio.leading.set_budget(LEAD, Whom.MEMBER, BEN.user_id, "lots")
    with pytest.raises(UserError, match=r"such as 20 or 7\.50"):
        await at.studio.leading.add_once(LEAD, Whom.MEMBER, BEN.user_id, "default")


async def test_a_pause_stops_what_is_new_and_what_was_not_sent_in_its_own_server_alone(at: Rooms) -> None:
    elsewhere = replace(ANNA, guild_id=ANNA.guild_id + 1)
    await at.studio.generations.imagine(BEN, "waits", SEA)
    await accept_one(at.store, generation("runs", ANNA), RICH)
    await at.store.generations.update("runs", intent_at=NOW, remote_id="r1", state=JobState.RUNNING)
    paused = await at.studio.leading.pause(LEAD, "Under review ")
    assert (paused.reason, paused.cancelled, [job.id for job in paused.running]) == ("Under review", 1, ["runs"])
    assert (await at.store.generations.get("waits")).cancel_requested
    assert not (await at.store.generations.get("runs")).cancel_requested
    with pytest.raises(UserError, match=r"paused in this server \(Under review\)"):
        await at.studio.generations.imagine(BEN, "g1", SEA)
    await at.studio.generations.imagine(elsewhere, "g2", SEA)
    with pytest.raises(UserError, match="Manage Server"):
        await at.studio.leading.resume(elsewhere)
    await at.studio.leading.resume(LEAD)
    await at.studio.generations.imagine(BEN, "g3", SEA)


async def test_who_spent_what_is_told_who_spent_most_first(at: Rooms) -> None:
    await at.studio.generations.imagine(ANNA, "g1", SEA)
    await at.studio.generations.imagine(BEN, "g2", replace(SEA, count=4))
    money = await at.studio.leading.money(LEAD)
    assert list(money.spent) == [BEN.user_id, ANNA.user_id]
    assert money.spent[BEN.user_id] == 4 * money.spent[ANNA.user_id]
