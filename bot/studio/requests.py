"""What members ask for: the options of a command or the meaning of a button, as the use cases take it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.catalog import Task
from bot.domain.entities import (
    Generation,
    Kind,
    Setting,
    Variant,
)
from bot.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that a member attached: where it lies, what they call it, and its size in bytes as Discord tells it."""

    url: str
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRef:
    """A picture that Atelier keeps: of a generation that the member may see, or of a selection of their own."""

    job_id: str
    number: int = 1


Origin = Attachment | PictureRef
"""Where a picture comes from that a generation begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """The options of /train; None means the trainer's default."""

    name: str
    trigger_word: str
    kind: Kind = Kind.SUBJECT
    steps: int | None = None
    lora_rank: int | None = None
    autocaption: bool = True
    fast: bool | None = None
    """Whether the fast trainer is wanted, or the standard one; None leaves it to the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """The options of /train import."""

    name: str
    trigger_word: str
    url: str
    """A repository at Hugging Face, or the address of a file in one."""
    kind: Kind = Kind.SUBJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptRequest:
    """The options of /models adopt."""

    name: str
    trigger_word: str
    model: str
    """owner/name, or owner/name:version, of a LoRA on Replicate."""
    kind: Kind = Kind.SUBJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagineRequest:
    """The options of /imagine; None means the model's default."""

    prompt: str
    model: str | None = None
    """A value of the autocomplete (`ft:7`, `ft:7:2` for its version 2, a key of the catalog), or a name as typed."""
    variant: Variant | None = None
    count: int = 1
    seed: int | None = None
    preset: str | None = None
    """A key of `prompting.presets`, into which the prompt is put."""
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    """Whatever else was chosen, by what members call it: aspect_ratio, steps, guidance, lora_scale ..."""
    pictures: Mapping[str, Sequence[Origin]] = field(default_factory=dict[str, Sequence[Origin]])
    """The pictures that it begins with, by what members call the field: image, mask."""
    without: bool = False
    """Whether it is to be painted without what its prompt names and others do not share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshared:
    """What a prompt names that others do not share: no more is told than the words, as they were typed, and whose."""

    words: str
    owner_id: int


class Withheld(UserError):
    """A prompt names fine-tunes that others do not share; it can be painted without them."""

    def __init__(
        self,
        job_id: str,
        request: ImagineRequest,
        unshared: Sequence[Unshared],
        wish: Callable[[], Awaitable[Generation]] | None = None,
    ) -> None:
        """Take what was asked for and, where that is more than a request says, what makes and prices it as it is."""
        super().__init__("This prompt names a fine-tune that is not shared with you. Leave its trigger word out.")
        self.job_id = job_id
        self.wish = wish
        self.request = request
        self.unshared = unshared


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRequest:
    """What is to be made of a picture: the options of /picture, or a button."""

    task: Task
    pictures: Mapping[str, Sequence[Origin]]
    prompt: str = ""
    model: str | None = None
    """A key of the catalog; None is the first model offered that takes all of this."""
    count: int = 1
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    """Whatever else was chosen, by what members call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRequest:
    """The options of /compare."""

    prompt: str
    models: tuple[str, ...] = ()
    """As in ImagineRequest; none means the fine-tune whose trigger word the prompt names."""
    scales: tuple[float, ...] = ()
    """LoRA scales at which every fine-tune paints; none means its own, or a few where only one fine-tune is named."""
    seed: int | None = None
