"""What members do with several wishes at once: see what they are and what they cost, then paint all, or none."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.entities import Actor, Batch, Comparison, Generation
from bot.domain.prompting.permutations import permutations
from bot.errors import Overtaken, UserError
from bot.flows.services import Services
from bot.store import Request
from bot.studio.admission import Admission
from bot.studio.drafts import Drafts
from bot.studio.fine_tunes import FineTunes
from bot.studio.generations import Generations
from bot.studio.recipes import PAINTED
from bot.studio.requests import ImagineRequest, Withheld
from bot.studio.sources import Sources

GONE = "These prompts are no longer here. Run /imagine again."


class Batches:
    """Turns a prompt with choices into generations: all of them, or none."""

    def __init__(
        self,
        services: Services,
        generations: Generations,
        fine_tunes: FineTunes,
        sources: Sources,
        drafts: Drafts,
        *,
        admission: Admission,
    ) -> None:
        self._services = services
        self._generations = generations
        self._fine_tunes = fine_tunes
        self._sources = sources
        self._drafts = drafts
        self._admission = admission

    async def prepare(self, actor: Actor, batch_id: str, request: ImagineRequest) -> Batch:
        """Check and price every prompt that a prompt stands for, all with one seed; nothing is paid."""
        wishes: list[Generation] = []
        try:
            for number, prompt in enumerate(permutations(request.prompt, request.count), 1):
                wish = await self._generations.wish(
                    actor,
                    f"{batch_id}p{number}",
                    replace(request, prompt=prompt, without=True),
                    like=wishes[0] if wishes else None,
                )
                wishes.append(wish)
                request = replace(request, seed=wish.recipe.seed)  # so that the words alone make the difference
            return await self._keep(actor, batch_id, wishes)
        except BaseException:
            for wish in wishes:
                await self._sources.remove_unless_accepted(wish.id)
            raise

    async def _keep(self, actor: Actor, batch_id: str, wishes: Sequence[Generation]) -> Batch:
        batch = Batch(
            id=batch_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            wishes=tuple(wishes),
            created_at=self._services.now(),
        )
        await self._drafts.keep(batch)
        return batch

    async def hold(self, actor: Actor, held: Withheld) -> Batch:
        """Price a prompt as it stands, to be painted without what others do not share; nothing is paid."""
        plain = replace(held.request, without=True)
        wish = await (held.wish() if held.wish else self._generations.wish(actor, held.job_id, plain))
        batch = Batch(
            id=held.job_id,
            guild_id=actor.guild_id,
            owner_id=actor.user_id,
            channel_id=actor.channel_id,
            wishes=(replace(wish, message_id=None),),
            created_at=self._services.now(),
        )
        await self._drafts.keep(batch)
        return batch

    async def paint(self, actor: Actor, batch_id: str) -> Sequence[Generation]:
        """Accept all generations of a batch of one's own, as they were shown, and start them; once."""
        batch = await self._own(actor, batch_id)
        for fine_tune_id in {it for wish in batch.wishes for it in (wish.fine_tune_id, wish.recipe.second_id) if it}:
            await self._fine_tunes.find(actor, f"ft:{fine_tune_id}")  # it may be shared no longer
        now = self._services.now()
        wishes = [replace(wish, created_at=now) for wish in batch.wishes]
        try:
            if batch.comparison is None:
                return await self._paint(actor, batch, wishes)
            return await self._compare(actor, batch, replace(batch.comparison, created_at=now), wishes)
        except Overtaken as error:
            raise UserError(GONE) from error

    async def _paint(self, actor: Actor, batch: Batch, wishes: Sequence[Generation]) -> Sequence[Generation]:
        accepted = await self._admission.accept(Request(actor=actor, jobs=wishes, waited=batch))
        for generation in accepted.jobs:
            self._services.engine.start("generate", generation.id)
        if not accepted.is_new:
            raise UserError(PAINTED)
        return accepted.jobs

    async def _compare(
        self, actor: Actor, batch: Batch, comparison: Comparison, cells: Sequence[Generation]
    ) -> Sequence[Generation]:
        request = Request(actor=actor, jobs=[comparison], parts=cells, waited=batch)
        accepted = await self._admission.accept(request)
        self._services.engine.start("compare", comparison.id)
        if not accepted.is_new:
            raise UserError(PAINTED)
        return cells

    async def discard(self, actor: Actor, batch_id: str) -> None:
        """Forget a batch of one's own."""
        batch = await self._own(actor, batch_id)
        if not await self._services.store.undecided.discard_batch(batch.id):
            await self._own(actor, batch_id)  # which says so where it was discarded before
            raise UserError(PAINTED)
        for wish in batch.wishes:
            self._sources.remove(wish.id)

    async def _own(self, actor: Actor, batch_id: str) -> Batch:
        batch = await self._services.store.undecided.batch(batch_id)
        if batch is None or (batch.guild_id, batch.owner_id) != (actor.guild_id, actor.user_id):
            raise UserError(GONE)
        return batch
