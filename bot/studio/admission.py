"""How use cases have jobs accepted, and what a member reads where they are not."""

from bot.domain.entities import Generation
from bot.domain.money import dollars
from bot.domain.policy import AskFirst, Refused
from bot.errors import UserError
from bot.flows.services import Services
from bot.store import Accepted, NotAdmitted, Request
from bot.store.jobs import J
from bot.studio.readiness import check_ready
from bot.studio.sources import Sources

OVER_BUDGET = (
    "This would cost about {amount}. {who} {left} left of {limit} this month. Ask for less, wait for the next month, "
    "or ask your lead for a larger budget."
)
WHOSE = {"member budget": "You have", "guild budget": "This server has"}
SENTENCES = {
    "paused": "Atelier is paused in this server ({reason}). Nothing new is accepted until a lead resumes it.",
    "adopted": "**{name}** was trained elsewhere. Train your photos under another name.",
    "in training": "**{name}** is being trained right now. Wait until it is done, or cancel it with /jobs.",
}


class Admission:
    """The way of the use cases to the one door."""

    def __init__(self, services: Services, sources: Sources) -> None:
        self._services = services
        self._sources = sources

    async def accept(self, request: Request[J]) -> Accepted[J]:
        """Have jobs accepted, with their money: all of them, or none.

        Raises UserError, and Overtaken where what waited is gone or is not as it was read. What comes to nothing keeps
        no pictures, unless it goes on waiting.
        """
        try:
            if not all(job.state.is_over for job in request.jobs):
                check_ready(self._services)
            return await self._services.store.accept(request, self._services.policy)
        except NotAdmitted as error:
            await self._clear(request)
            raise refused(error) from error
        except BaseException:
            await self._clear(request)
            raise

    async def _clear(self, request: Request[J]) -> None:
        if request.waited is None:
            for job in request.jobs:
                if isinstance(job, Generation):
                    await self._sources.remove_unless_accepted(job.id)


def refused(error: NotAdmitted) -> UserError:
    """Put why something is not accepted into a sentence that says what to do."""
    match error.decision:
        case AskFirst():
            return UserError("Somebody who leads this server has to agree first. Ask them.")
        case Refused(code, values) if code in WHOSE:
            sums = {name: dollars(int(value)) for name, value in values.items()}
            return UserError(OVER_BUDGET.format(who=WHOSE[code], **sums))
        case Refused(code, values):
            return UserError(SENTENCES[code].format(**values))
