"""The policy never lets a sum pass that exceeds a budget, refuses nothing that fits, and says what is left."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Allowed, Ask, Budgets, Policy, Refused, Spent
from bot.domain.team import Pause, Team, TeamBudget, Whom
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


AMOUNTS = st.none() | st.integers(0, 10**9)


@given(own=AMOUNTS, roles=st.dictionaries(st.integers(1, 4), SUMS, max_size=4), mine=st.frozensets(st.integers(1, 4)))
def test_a_members_own_amount_goes_before_roles_of_which_the_largest_counts(
    own: int | None, roles: dict[int, int], mine: frozenset[int]
):
    actor = replace(ANNA, roles=mine)
    settled = [_budget(Whom.ROLE, role, amount) for role, amount in roles.items()]
    settled += [] if own is None else [_budget(Whom.MEMBER, ANNA.user_id, own)]
    found = Policy(Budgets(member=5, guild=10**15)).budgets_of(actor, Team(budgets=settled))
    by_role = [amount for role, amount in roles.items() if role in mine]
    assert found.member == (own if own is not None else max(by_role, default=5))
    assert found.guild == 10**15


@given(monthly=AMOUNTS, once=st.integers(0, 10**9), ceiling=st.integers(0, 10**9))
def test_no_lead_goes_beyond_the_operators_ceiling(monthly: int | None, once: int, ceiling: int):
    settled = [_budget(Whom.GUILD, ANNA.guild_id, once, month="2026-11")]
    settled += [] if monthly is None else [_budget(Whom.GUILD, ANNA.guild_id, monthly)]
    found = Policy(Budgets(member=5, guild=ceiling)).budgets_of(ANNA, Team(budgets=settled))
    assert found.guild == (ceiling if monthly is None else min(ceiling, monthly + once))


def test_a_pause_refuses_even_what_costs_nothing():
    team = Team(pause=Pause(guild_id=1, user_id=2, reason="review", paused_at=0.0))
    decision = Policy(Budgets(member=5, guild=5)).decide(asked(0), Spent(member=0, guild=0), team)
    assert decision == Refused("paused", {"reason": "review"})


def _budget(whom: Whom, whom_id: int, amount: int, month: str = "") -> TeamBudget:
    return TeamBudget(guild_id=ANNA.guild_id, whom=whom, whom_id=whom_id, month=month, amount=amount)
