"""How a team chooses the LoRA scale of a new fine-tune: by voting on its sample sheet."""

from bot.domain import access
from bot.domain.entities import Actor
from bot.domain.samples import written
from bot.errors import UserError
from bot.flows import gathering
from bot.flows.services import Services
from bot.views.outcomes import Trained

CLOSED = "There is nothing to vote on here any more. See /models show for what the fine-tune paints with."


class Votes:
    """One vote a member and sample sheet, which its member may change."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def cast(self, actor: Actor, ballot: str) -> Trained:
        """Vote by `training:scale`, as a button below a model card has it; returns the card with all votes.

        Whoever sees the card may vote, shared or not: in its channel, or its owner anywhere on the server. Raises
        UserError for any other training, and for a scale that its sheet does not show.
        """
        training_id, _, given = ballot.rpartition(":")
        store, data = self._services.store, self._services.data
        training = await store.trainings.find(training_id)
        if training is None or not access.may_see(actor, training):
            raise UserError(CLOSED)
        try:
            outcome = await gathering.trained(store, data, training)
        except LookupError as error:
            raise UserError(CLOSED) from error
        scale = next((scale for scale in outcome.votes if written(scale) == given), None)
        if scale is None or outcome.version is None:
            raise UserError(CLOSED)
        await store.votes.cast(training_id, actor.user_id, scale, self._services.now())
        return await gathering.trained(store, data, training)
