"""The policy never lets a sum pass that exceeds a budget, refuses nothing that fits, and says what is left."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Allowed, Ask, Budgets, Policy, Refused, Spent
from tests.bot.things import ANNA

SUMS = st.integers(min_value=0, max_value=10**13)


def asked(amount: int) -> Ask:
    return Ask(actor=ANNA, kinds={"generations": 1}, amount=amount)


@given(member=SUMS, guild=SUMS, mine=SUMS, others=SUMS, amount=SUMS)
def test_what_passes_fits_and_what_fits_passes(member: int, guild: int, mine: int, others: int, amount: int):
    spent = Spent(member=mine, guild=mine + others)
    decision = Policy(Budgets(member=member, guild=guild)).decide(asked(amount), spent)
    fits = spent.member + amount <= member and spent.guild + amount <= guild
    assert isinstance(decision, Allowed) == (fits or amount == 0)


@given(limit=SUMS, mine=SUMS, amount=st.integers(min_value=1, max_value=10**13))
def test_a_refusal_names_what_is_left_and_that_is_what_would_pass(limit: int, mine: int, amount: int):
    policy, spent = Policy(Budgets(member=limit, guild=10**15)), Spent(member=mine, guild=mine)
    decision = policy.decide(asked(amount), spent)
    if not isinstance(decision, Refused):
        return
    left = decision.values["left"]
    assert decision.code == "member budget"
    assert isinstance(left, int)
    assert left < amount
    assert left == 0 or isinstance(policy.decide(asked(left), spent), Allowed)


def test_the_members_own_budget_is_named_before_the_servers():
    decision = Policy(Budgets(member=1, guild=1)).decide(asked(2), Spent(member=0, guild=0))
    assert isinstance(decision, Refused)
    assert decision.code == "member budget"
