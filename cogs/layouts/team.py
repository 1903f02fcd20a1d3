"""What leads see: budgets and who spent what, a pause and its end. Pure."""

from collections.abc import Sequence

from bot.domain.entities import Job
from bot.domain.money import dollars
from bot.domain.team import TeamBudget, Whom
from bot.domain.wording import plural
from bot.views.team import Paused, TeamMoney
from cogs.layouts.parts import DONE, QUIET, WORKING, Post, bar, page

SHOWN = 15  # members, who spent most first
NOBODY = "Nobody has spent anything this month."


def money(found: TeamMoney) -> Post:
    """Show what may be spent this month, and what was."""
    spent = sum(found.spent.values())
    share = spent / found.budget if found.budget else 1.0
    pause = found.team.pause
    return page(
        f"### Budgets in {found.month}",
        f"**This server** {dollars(spent)} of {dollars(found.budget)}\n{bar(share)} {share:.0%}",
        f"Paused since <t:{round(pause.paused_at)}:R>: {pause.reason} `/team resume` ends that." if pause else None,
        _settled(found),
        _members(found),
        f"-# Who is not named has {dollars(found.usual.member)} a month; the server's ceiling is "
        f"{dollars(found.usual.guild)}, which your operator sets. A month ends at midnight UTC.",
        colour=WORKING,
    )


def _settled(found: TeamMoney) -> str | None:
    lines = [
        f"{_whose(one)}: {dollars(one.amount)}" + (" more, this month alone" if one.month else " a month")
        for one in found.team.budgets
    ]
    return "**Settled here**\n" + "\n".join(lines) if lines else None


def _whose(budget: TeamBudget) -> str:
    if budget.whom is Whom.MEMBER:
        return f"<@{budget.whom_id}>"
    return f"each with <@&{budget.whom_id}>" if budget.whom is Whom.ROLE else "the server"


def _members(found: TeamMoney) -> str:
    lines = [f"<@{member}> {dollars(amount)}" for member, amount in list(found.spent.items())[:SHOWN]]
    others = len(found.spent) - len(lines)
    more = [f"and {plural(others, 'other')}"] if others else []
    return "**Who spent what**\n" + "\n".join([*lines, *more]) if lines else NOBODY


def paused(found: Paused) -> Post:
    """Say that nothing new is accepted, and what became of what was."""
    return page(
        "### Paused",
        f"Nothing new is accepted here; members read: {found.reason}",
        f"Cancelled before anything was paid: {plural(found.cancelled, 'job')}." if found.cancelled else None,
        _running(found.running),
        "-# `/team resume` ends this.",
        colour=QUIET,
    )


def _running(jobs: Sequence[Job]) -> str | None:
    lines = [f"- `{job.id}` of <@{job.owner_id}> in <#{job.channel_id}>" for job in jobs[:SHOWN]]
    head = f"Replicate works on {plural(len(jobs), 'job')}, which their owners may cancel:"
    return "\n".join([head, *lines]) if lines else None


def resumed() -> Post:
    """Say that members are heard again."""
    return page("### Resumed", "Members can paint and train again.", colour=DONE)
