"""What people see when they ask for help."""

from cogs.layouts.help import guide
from tests.cogs import things
from tests.cogs.seen import buttons, check, text


def test_help_speaks_to_a_newcomer_and_to_an_owner_in_their_own_words():
    newcomer = check(guide([], things.allowance()))
    assert "/imagine prompt: a lighthouse" in text(newcomer)
    assert "Left for you this month: $4.00" in text(newcomer)
    assert buttons(newcomer) == {}
    owner = check(guide([things.card(versions=[]), things.card()], things.allowance()))
    assert "/imagine prompt: a photo of ZIKI on a windy beach" in text(owner)
    assert buttons(owner) == {"Try anna": "try:7"}


def test_help_does_not_offer_what_is_no_longer_paid_for():
    post = check(guide([things.card()], things.allowance(member_spent=5_000_000)))
    assert "budget is spent" in text(post)
    assert buttons(post) == {}
