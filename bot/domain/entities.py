"""The things that Atelier keeps, as frozen values; it knows nothing of where they are kept.

Times are seconds since 1970 (UTC), money is integer micro-dollars, sizes are pixels or bytes as named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from bot.domain.notices import Notice

Setting: TypeAlias = str | int | float | bool
"""A chosen value of a model's field, as Replicate gets it."""


class JobState(StrEnum):
    """Where a training or a generation stands."""

    WAITING = "waiting"  # accepted, its money reserved, not yet with Replicate
    RUNNING = "running"  # Replicate has it
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen."""
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED)


class Kind(StrEnum):
    """What the photos of a fine-tune show."""

    SUBJECT = "subject"
    STYLE = "style"
    PRODUCT = "product"


class Variant(StrEnum):
    """The FLUX.1 model that a fine-tune paints on."""

    DEV = "dev"
    SCHNELL = "schnell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, and where: taken from the interaction, never from an option."""

    guild_id: int
    user_id: int
    channel_id: int
    message_id: int | None = field(default=None, compare=False)
    """The message that will show what came of it, where there is one already; the actor is the same without it."""
    roles: frozenset[int] = field(default=frozenset(), compare=False)
    """The roles that they have in this guild now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a fine-tune is to be trained."""

    name: str
    trigger_word: str
    kind: Kind = Kind.SUBJECT
    steps: int = 1000
    lora_rank: int = 16
    autocaption: bool = True
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    """What else was chosen, by what members call it: learning_rate, resolution ..."""
    trainer: str = ""
    """owner/name, with :version where the operator insists on one; empty in plans of the first release."""
    pretrained: str = ""
    """The address of a LoRA at Hugging Face that is taken over as it is, without photos."""
    public: bool = False
    """Whether a new fine-tune is to be seen by everybody at Replicate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A vetted upload, waiting for its owner to press Start; its id is that of the interaction that brought it."""

    id: str
    guild_id: int
    owner_id: int
    channel_id: int
    plan: Plan
    report: Mapping[str, Any]
    """What `dataset.report` says of the pictures, as JSON."""
    archive: str
    """The clean zip, relative to the data directory."""
    sha256: str
    estimate: int
    created_at: float
    consent_at: float | None = None
    """When the owner declared that the pictures are theirs or that the people in them agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTune:
    """A member's own model: a name, a trigger word, and the versions trained under them."""

    id: int
    guild_id: int
    owner_id: int
    name: str
    trigger_word: str
    kind: Kind
    destination: str
    """The model on Replicate that keeps its versions, as owner/name."""
    public: bool = False
    """Whether its owner wants everybody at Replicate to see it; Replicate alone knows whether they do."""
    shared: bool = False
    """Whether the whole guild may paint with it."""
    default_version: int | None = None
    """The number of the version that paints when none is asked for; None is the newest."""
    adopted: bool = False
    """Whether it was trained elsewhere: it is used here, and Replicate keeps it whatever happens here."""
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One finished training of a fine-tune."""

    fine_tune_id: int
    number: int
    """1, 2, 3 ... within the fine-tune."""
    remote: str
    """owner/name:hash at Replicate."""
    training_id: str | None
    """None where it was trained elsewhere."""
    weights: str = ""
    """Where Replicate keeps its weights, as far as that was told."""
    takes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """What its own schema says of each input; empty where that is what the catalog says."""
    voted_scale: float | None = None
    """The LoRA scale that won the team's votes, once there are any."""
    chosen_scale: float | None = None
    """The LoRA scale that the owner set by hand, which no vote changes."""
    created_at: float

    @property
    def lora_scale(self) -> float | None:
        """Give the LoRA scale with which it paints when none is asked for; None leaves it to the catalog."""
        return self.voted_scale if self.chosen_scale is None else self.chosen_scale

    @property
    def lora(self) -> str:
        """Say where another model finds its weights: a private model has them only there where they were put."""
        return self.weights or self.remote.replace(":", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what a generation looks like."""

    prompt: str
    """As Replicate gets it, trigger word included."""
    model: str
    """A key of the catalog."""
    remote: str
    """What runs at Replicate: owner/name of a base model, owner/name:hash of a fine-tune."""
    count: int = 1
    seed: int
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    """Every other value that is sent, by the field's name in the model's schema."""
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """The pictures that it begins with, by field; relative to the data directory."""
    fine_tune: str = ""
    """What people called the fine-tune that paints when this was asked for; empty where none does."""
    second: str = ""
    """What people call the second LoRA; its address is among the settings."""
    second_id: int | None = None
    """The fine-tune that the second LoRA is, if it is one of ours."""
    strength: str = ""
    """What Vary was asked for; empty for a first picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What all kinds of job have in common; its id is that of the interaction that asked for it."""

    table: ClassVar[str]
    """Where the store keeps them."""
    id: str
    guild_id: int
    owner_id: int
    channel_id: int
    message_id: int | None = None
    """The message that shows its status, once there is one."""
    fine_tune_id: int | None = None
    state: JobState = JobState.WAITING
    intent_at: float | None = None
    """When a request to Replicate was first about to leave; written before it leaves."""
    intent_boot: str | None = None
    """The process that was about to send it last."""
    remote_id: str | None = None
    remote_url: str | None = None
    error: Notice | None = None
    """What went wrong."""
    note: tuple[Notice, ...] = ()
    """What the member should know besides the result."""
    estimate: int
    cost: int | None = None
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None
    cancel_requested: bool = False
    delivered: str = ""
    """Where the result went: "message", "direct message", "kept", or nothing yet."""
    watch_until: float | None = None
    """Until when Replicate is searched for a run of it that comes late; None unless a request is unaccounted for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Job):
    """One run of the trainer; it shares its id with its dataset, so that two presses of Start make one."""

    table = "trainings"
    plan: Plan
    sha256: str
    photos_url: str | None = None
    """Where Replicate keeps the uploaded photos: what a training is recognised by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation(Job):
    """One request for pictures."""

    table = "generations"
    recipe: Recipe
    version: int | None = None
    """The number of the fine-tune's version that paints."""
    parent_id: str | None = None
    """The job on whose sheet this belongs; None where somebody asked for it by itself."""
    basis: tuple[Notice, ...] = ()
    """What the estimate is made of."""
    is_guess: bool = False
    """Whether Replicate's price is unknown, so that cost and estimate are what we count in its stead."""
    uploads: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Where Replicate keeps the recipe's pictures, by field, once they are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment(Job):
    """One prompt that is made prose, by a language model or by a preset alone."""

    table = "enrichments"
    prompt: str
    """As its writer wrote it."""
    preset: str
    """A key of `prompting.presets`: what the prose is to be like, and what stands in for an unusable answer."""
    model: str = ""
    """owner/name of the language model; empty where a preset does it alone."""
    trigger_words: tuple[str, ...] = ()
    """What an answer must not lose."""
    seed: int = 0
    """By which the run is recognised, where the language model takes one."""
    is_guess: bool = True
    """Whether the price is unknown, so that cost and estimate are what we count in its stead."""
    answer: str = ""
    """The language model's prose; empty where the preset stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Job):
    """One prompt and seed over several fine-tunes, models or LoRA scales: generations of its own, on one sheet."""

    table = "comparisons"
    prompt: str
    """As its writer wrote it."""
    labels: tuple[str, ...]
    """How each picture is called on the sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRun:
    """A run that took effect when its request had been given up: it is cancelled, and its job's owner is charged."""

    run_id: str
    jobs: str
    """The table of its job."""
    job_id: str
    found_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one prompt with choices stands for, waiting for *Paint all*; its id is that of the interaction."""

    id: str
    guild_id: int
    owner_id: int
    channel_id: int
    wishes: tuple[Generation, ...]
    """Not accepted yet; each has the id under which it will be."""
    comparison: Comparison | None = None
    """The comparison whose parts they are, not accepted yet either; None where each is posted by itself."""
    created_at: float

    @property
    def estimate(self) -> int:
        """Add up what they will cost."""
        return sum(wish.estimate for wish in self.wishes)

    @property
    def pictures(self) -> int:
        """Count the pictures that will be painted."""
        return sum(wish.recipe.count for wish in self.wishes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for in the gallery, kept so that its buttons can turn pages; its id is the interaction's."""

    id: str
    guild_id: int
    owner_id: int
    words: str
    """As they were typed; all of them are in the prompts, the last one perhaps only begun."""
    fine_tune_id: int | None = None
    """Whose pictures alone are wanted; None for those of every model."""
    mine: bool = False
    """Whether only the searcher's own pictures are wanted."""
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Pictures of somebody's message that a member wants to use; its id is that of the interaction."""

    id: str
    guild_id: int
    owner_id: int
    channel_id: int
    paths: tuple[str, ...]
    """Clean, relative to the data directory."""
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One finished picture, kept in the data directory."""

    generation_id: str
    number: int
    path: str
    media_type: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run at Replicate is, read from its log."""

    phase: str
    step: int = 0
    total: int = 0
    seconds_left: float | None = None
    losses: tuple[float, ...] = field(default=())

    @property
    def fraction(self) -> float:
        """Give the part done, 0 to 1."""
        return self.step / self.total if self.total else 0.0
