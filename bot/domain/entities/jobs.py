"""What costs money and takes time, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from bot.domain.entities.common import JobState, Setting
from bot.domain.entities.fine_tunes import Plan
from bot.domain.notices import Notice


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
