"""Who may see, use and change what: guilds are walls, owners are owners; pure."""

from bot.domain.entities import Actor, FineTune, Job, Selection


def may_use(actor: Actor, fine_tune: FineTune) -> bool:
    """Tell whether somebody may see a fine-tune and paint with it."""
    return fine_tune.guild_id == actor.guild_id and (fine_tune.shared or fine_tune.owner_id == actor.user_id)


def may_see(actor: Actor, job: Job) -> bool:
    """Tell whether a job was this person's, or was shown in the channel in which they are."""
    return owns(actor, job) or (job.guild_id, job.channel_id) == (actor.guild_id, actor.channel_id)


def leads(actor: Actor) -> bool:
    """Tell whether somebody leads this guild: whoever may manage it."""
    return actor.manages


def owns(actor: Actor, thing: FineTune | Job | Selection) -> bool:
    """Tell whether something is this person's own, in this guild."""
    return (thing.guild_id, thing.owner_id) == (actor.guild_id, actor.user_id)
