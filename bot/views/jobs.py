"""What runs, and what is left to spend."""

from dataclasses import dataclass

from bot.domain.entities import Job, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A job with what is known of its progress."""

    job: Job
    progress: Progress | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What this month's budgets leave, in micro-dollars."""

    member_spent: int
    member_budget: int
    guild_spent: int
    guild_budget: int

    @property
    def left(self) -> int:
        """Give what this member may still spend."""
        return max(0, min(self.member_budget - self.member_spent, self.guild_budget - self.guild_spent))
