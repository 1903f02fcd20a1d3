"""That the end-to-end tests do hold what is said on the wires against both contracts."""

import pytest

from sandbox.visitor import Visitor
from tests.e2e.stage import Stage, check_wires, discord_contract, replicate_contract
from tests.shared import shared

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_requests_and_answers_are_checked(stage: Stage, anna: Visitor):
    shared("contracts")  # without it, this test says that nothing was checked
    discord, replicate = discord_contract(), replicate_contract()
    assert discord is not None
    assert replicate is not None
    discord.checked.clear()
    replicate.checked.clear()
    await anna.imagines("a contract")
    check_wires(stage.world)
    assert any(name.startswith("POST /interactions/") for name in discord.checked)
    assert any(name.startswith("PATCH /") for name in discord.checked)
    assert any(name.startswith("POST /") and name.endswith("/predictions") for name in replicate.checked)
