"""/team as a lead uses it, with the studio behind it that a test speaks for."""

from dataclasses import replace

import discord
import pytest
from simcord.builders import GuildHandle

from bot.domain.entities import Actor
from bot.domain.team import Pause, Team, Whom
from bot.errors import UserError
from tests.cogs import things
from tests.cogs.conftest import Stage
from tests.cogs.seen import text


def guild_of(stage: Stage) -> GuildHandle:
    guild = stage.channel.guild
    assert guild is not None
    return guild


def lead(stage: Stage) -> Actor:
    return Actor(guild_id=guild_of(stage).id, user_id=stage.anna.id, channel_id=stage.channel.id)


async def test_a_lead_sees_what_may_be_spent_and_who_spent_it(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "team budget show")
    shown = text(answer.response)
    assert answer.ephemeral
    assert "$2.00 of $50.00" in shown
    assert f"<@{things.OWNER}>: $7.00 a month" in shown
    assert "each with <@&88>: $2.00 more, this month alone" in shown
    assert "<@4242> $0.50" in shown
    assert "Who is not named has $5.00 a month" in shown


@pytest.mark.parametrize(("command", "deed"), [("team budget set", "set_budget"), ("team budget once", "add_once")])
async def test_a_budget_is_for_the_server_a_member_or_a_role(stage: Stage, command: str, deed: str):
    role = guild_of(stage).create_role("painters")
    for words, whom, whom_id in (
        ({}, Whom.GUILD, guild_of(stage).id),
        ({"member": stage.ben}, Whom.MEMBER, stage.ben.id),
        ({"role": role}, Whom.ROLE, role.id),
    ):
        await stage.anna.slash(stage.channel, command, amount="7.50", **words)
        assert stage.studio.leading.calls[-1] == (deed, lead(stage), whom, whom_id, "7.50")


async def test_a_budget_for_a_member_and_a_role_at_once_is_none(stage: Stage):
    role = guild_of(stage).create_role("painters")
    answer = await stage.anna.slash(stage.channel, "team budget set", amount="7", member=stage.ben, role=role)
    assert "Name one of them, or neither" in text(answer.response)
    assert stage.studio.leading.calls == []


async def test_a_pause_says_what_became_of_the_jobs(stage: Stage):
    answer = await stage.anna.slash(stage.channel, "team pause", reason="The budget is under review")
    shown = text(answer.response)
    assert "2 jobs" in shown
    assert "Replicate works on 1 job" in shown
    assert "members read: The budget is under review" in shown
    stage.studio.leading.known = replace(
        things.team_money(),
        team=Team(pause=Pause(guild_id=1, user_id=2, reason="The budget is under review", paused_at=things.NOW)),
        spent={},
    )
    shown = text((await stage.anna.slash(stage.channel, "team budget show")).response)
    assert "Paused since" in shown
    assert "Nobody has spent anything" in shown
    shown = text((await stage.anna.slash(stage.channel, "team resume")).response)
    assert "Members can paint and train again" in shown
    assert [call[0] for call in stage.studio.leading.calls] == ["pause", "money", "resume"]


async def test_whoever_does_not_lead_reads_whom_to_ask(stage: Stage):
    stage.studio.leading.refuse["pause"] = UserError("Only who leads this server may do this: ask somebody.")
    answer = await stage.ben.slash(stage.channel, "team pause", reason="because")
    assert "Only who leads this server" in text(answer.response)


async def test_who_may_manage_the_server_leads_it(stage: Stage):
    role = guild_of(stage).create_role("leads", permissions=discord.Permissions(manage_guild=True))
    cleo = guild_of(stage).add_member(stage.env.create_user("cleo"), roles=[role])
    await stage.anna.slash(stage.channel, "team budget show")
    await cleo.slash(stage.channel, "team budget show")
    asked = [call[1] for call in stage.studio.leading.calls]
    assert [actor.manages for actor in asked] == [False, True]
