"""Which trigger words a fine-tune may have, and what those of a prompt load for whoever wrote it."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from bot.domain import access, trigger_words
from bot.domain.entities import Actor, FineTune
from bot.domain.wording import code
from bot.errors import UserError
from bot.flows.services import Services
from bot.studio.requests import Unshared

OWN = "Choose one that means nothing, for example `{word}`, or a phrase with such a word in it."
OTHERS = "Put a word of its own before it, for example `{word} {words}`: the LoRA still finds the word that it knows."
OFFERED = 8  # made-up words that are looked at before the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The fine-tunes that a prompt names, for one member."""

    loaded: Sequence[FineTune] = ()
    """What the member may paint with; the first one paints."""
    unshared: Sequence[Unshared] = ()
    """What others have here and do not share."""


class TriggerWords:
    """Judges trigger words by what they mean already: in people's languages, and in this guild."""

    def __init__(self, services: Services) -> None:
        self._store = services.store.fine_tunes
        self._vocabulary = services.vocabulary

    async def check(self, actor: Actor, name: str, words: str, *, settled: bool = False) -> None:
        """Refuse a word that people write without thinking of a fine-tune; raises UserError with a better one.

        `settled` means that the weights were trained with it, elsewhere. One's own fine-tune keeps what it has.
        """
        if " " in words or words.lower() not in await self._common([words]):
            return
        usable = await self._store.usable(actor)
        if any(_has(one, actor, name) and one.trigger_word.lower() == words.lower() for one in usable):
            return
        better = await self._invented(words, usable)
        raise UserError(f"{_fault(words)} {(OTHERS if settled else OWN).format(word=better, words=words)}")

    async def named(self, actor: Actor, prompt: str) -> Named:
        """List what a prompt names: one's own first, then what others have, older ones first.

        What others have under ordinary words is not named by them, or it would take everybody's prompts over.
        """
        found = trigger_words.triggered(prompt, await self._store.nameable(actor))
        named = await self._naming(actor, found)
        loaded = _ordered(actor, [one for one in named if access.may_use(actor, one)])
        others = [one for one in named if one not in loaded and not any(_meet(one, other) for other in loaded)]
        return Named(loaded=loaded, unshared=[_unshared(prompt, one) for one in others])

    async def rivals(self, actor: Actor, name: str, words: str) -> Sequence[FineTune]:
        """List what else this member may use that a prompt with these words would name, too."""
        usable = await self._store.usable(actor)
        found = [one for one in usable if not _has(one, actor, name) and trigger_words.meet(one.trigger_word, words)]
        return await self._naming(actor, found)

    async def by_name(self, fine_tunes: Sequence[FineTune]) -> Set[int]:
        """Tell which fine-tunes, by id, have to be named by everybody but their owners."""
        common = await self._common(one.trigger_word for one in fine_tunes)
        return {one.id for one in fine_tunes if one.trigger_word.lower() in common}

    async def is_common(self, words: str) -> bool:
        """Tell whether a trigger is made of ordinary words only, so that others have to name its fine-tune."""
        return words.lower() in await self._common([words])

    async def _naming(self, actor: Actor, found: Sequence[FineTune]) -> Sequence[FineTune]:
        """Leave out what others have under ordinary words."""
        common = await self.by_name([one for one in found if not access.owns(actor, one)])
        return [one for one in found if one.id not in common]

    async def _common(self, several: Iterable[str]) -> Set[str]:
        """Give those triggers, in lower case, that are made of ordinary words only."""
        triggers = {words.lower() for words in several}
        parts = {part for words in triggers for part in trigger_words.parts(words)}
        ordinary = await self._vocabulary.ordinary(form for part in parts for form in trigger_words.forms(part))
        return {words for words in triggers if trigger_words.is_common(words, ordinary)}

    async def _invented(self, words: str, usable: Sequence[FineTune]) -> str:
        """Make up a word that would be taken and that nothing else here has."""
        taken = [one.trigger_word for one in usable]
        free = [
            word for word in trigger_words.inventions(words) if not any(trigger_words.clash(word, it) for it in taken)
        ]
        for start in range(0, len(free), OFFERED):
            some = free[start : start + OFFERED]
            common = await self._common(some)
            for word in some:
                if word.lower() not in common:
                    return word
        return "ZIKI"


def _has(fine_tune: FineTune, actor: Actor, name: str) -> bool:
    """Tell whether this is the fine-tune that one's training under a name goes into."""
    return access.owns(actor, fine_tune) and fine_tune.name == name


def _unshared(prompt: str, fine_tune: FineTune) -> Unshared:
    spelled = trigger_words.spellings(prompt, fine_tune.trigger_word)[0]
    return Unshared(words=" ".join(spelled.split()), owner_id=fine_tune.owner_id)


def _meet(one: FineTune, other: FineTune) -> bool:
    return trigger_words.meet(one.trigger_word, other.trigger_word)


def _ordered(actor: Actor, found: Sequence[FineTune]) -> Sequence[FineTune]:
    """Put first what shall paint: one's own, then the oldest, so that nobody takes a word over that is in use.

    Of two that one person has, the longer trigger is meant, as it holds the shorter one.
    """
    ordered = sorted(found, key=lambda one: 0 if access.owns(actor, one) else one.id)
    alike = [one for one in ordered if one.owner_id == ordered[0].owner_id and _meet(one, ordered[0])]
    alike.sort(key=lambda one: -len(one.trigger_word))
    return [*alike, *(one for one in ordered if one not in alike)]


def _fault(words: str) -> str:
    """Say why a word cannot be a whole trigger."""
    if words.lower() == trigger_words.EVERYBODYS:
        return f"{code(words)} is everybody's trigger word, so FLUX cannot tell it apart."
    if len(words) < trigger_words.SHORTEST:
        return f"{code(words)} is too short: prompts have it by chance."
    return f"{code(words)} is an ordinary word: whoever writes it would paint with this fine-tune without knowing."
