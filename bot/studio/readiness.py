"""What use cases ask before anything is begun: whether Replicate would take it, and whose models are made there."""

from bot.domain import outcomes, sentences
from bot.errors import RemoteError, RemoteRefused, RemoteThrottled, UserError
from bot.flows.services import Services


def check_ready(services: Services) -> None:
    """Refuse, before money is reserved, what Replicate would refuse or no room is left for; raises UserError."""
    services.disk.check()
    trouble = services.remote.breaker.trouble
    if trouble:
        raise UserError(sentences.of(outcomes.refusal(trouble.status, trouble.detail)))


async def account(services: Services) -> str:
    """Look up, once, the account at Replicate that owns the models; raises UserError."""
    if not services.owner:
        try:
            services.owner = await services.remote.account()
        except RemoteError as error:
            raise told(error) from error
    return services.owner


def told(error: RemoteError) -> UserError:
    """Put what Replicate answered to a look-up into a sentence."""
    if isinstance(error, RemoteRefused) and not isinstance(error, RemoteThrottled):
        return UserError(sentences.of(outcomes.refusal(error.status, error.detail)))
    return UserError(sentences.of(outcomes.LATER))
