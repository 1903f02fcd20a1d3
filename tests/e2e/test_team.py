"""A lead gives budgets and stops everything, in a server of their own."""

import pytest

from sandbox.visitor import Visitor, check_pictures, check_text
from tests.e2e.stage import WITHIN, Stage

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_a_lead_stops_a_member_and_then_everybody_and_lets_them_go_on(stage: Stage):
    discord = stage.world.discord
    guild = discord.guild("Led")
    channel = discord.channel(guild, "paint")
    people = (discord.person("lea", guild, lead=True), discord.person("mel", guild))
    lea, mel = (Visitor(stage.world, person, channel, within=WITHIN) for person in people)

    check_text(await mel.runs("team budget show"), "Only who leads this server", "Manage Server")
    check_text(await lea.runs("team budget show"), "$0.000 of $", "Nobody has spent anything")
    check_text(
        await lea.runs("team budget set", amount="0", member=mel.person.user), f"<@{mel.person.id}>: $0.000 a month"
    )
    check_text(await mel.imagines("a sea"), "You have $0.000 left of $0.000 this month")
    check_text(await lea.runs("team budget once", amount="1", member=mel.person.user), "$1.00 more, this month alone")
    check_pictures(await mel.imagines("a sea"), 1)
    check_text(await lea.runs("team budget show"), f"<@{mel.person.id}> $0.003")

    check_text(await lea.runs("team pause", reason="The budget is under review"), "Nothing new is accepted")
    for visitor in (mel, lea):
        check_text(await visitor.imagines("a sea"), "paused in this server (The budget is under review)")
    check_text(await lea.runs("team budget show"), "Paused since")
    check_text(await lea.runs("team resume"), "can paint and train again")
    check_pictures(await mel.imagines("a sea"), 1)
