"""Fine-tunes, their versions, and how they are to be trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.entities.common import Kind, Setting


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
