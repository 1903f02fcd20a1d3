"""What members ask for and what they are shown, between the cogs and the use cases."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.dataset.report import Report
from bot.domain.catalog import Task
from bot.domain.entities import (
    Dataset,
    FineTune,
    Generation,
    Job,
    Kind,
    Progress,
    Search,
    Setting,
    Training,
    Variant,
    Version,
)
from bot.domain.training_advice import Advice
from bot.errors import UserError
from bot.flows.announcing import Painted


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A vetted dataset that waits for Start."""

    dataset: Dataset
    report: Report
    contact_sheet: Path | None
    """None for an import, which has no pictures."""
    seconds: float
    """How long the training will probably take."""
    basis: str = ""
    """What the estimate is made of, for people."""
    version: int
    """The number that the version will have: 1 for a new fine-tune."""
    is_new: bool = True
    """Whether there is no fine-tune of this name yet, so that its visibility can still be chosen."""
    public: bool = False
    """Whether everybody at Replicate will see it."""
    advice: Sequence[Advice] = ()
    rivals: Sequence[FineTune] = ()
    """What else its owner may use that has this trigger word, or one that holds it."""
    by_name: bool = False
    """Whether others will have to name the fine-tune, as its trigger is of ordinary words only."""
    notices: Sequence[str] = ()
    """What the operator has this copied to, as sentences."""
    gave_way: Sequence[str] = ()
    """The names of drafts of the same owner that had to go, as they were too many: the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A line of an autocomplete."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A fine-tune with its versions, as its owner or its guild sees it."""

    fine_tune: FineTune
    versions: Sequence[Version]
    generations: int
    mine: bool
    training: Training | None
    """The training that runs for it now."""
    by_name: bool = False
    """Whether others than its owner have to name it, as its trigger is of ordinary words only."""
    rivals: Sequence[FineTune] = ()
    """What else its owner may use that has this trigger word; looked up for what was just adopted."""

    @property
    def default(self) -> Version | None:
        """Give the version that paints when none is named."""
        wanted = self.fine_tune.default_version
        return next((one for one in reversed(self.versions) if wanted in (None, one.number)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Who may see a fine-tune at Replicate."""

    fine_tune: FineTune
    now: str
    """What Replicate says: "public", "private", or empty where there is no model yet or no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A job with what is known of its progress."""

    job: Job
    progress: Progress | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A generation in the gallery; mine for whose it is, and its first picture small, as a JPEG, if it can be read."""

    painted: Painted
    mine: bool
    thumbnail: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryPage:
    """What a search found, newest first; older and newer are where the next pages begin, if there are any."""

    search: Search
    fine_tune: FineTune | None
    """What alone is wanted."""
    finds: Sequence[Find]
    older: str | None
    newer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What this month's budgets leave, in micro-dollars."""

    member_spent: int
    member_budget: int
    guild_spent: int
    guild_budget: int

    @property
    def left(self) -> int:
        """Give what this member may still spend."""
        return max(0, min(self.member_budget - self.member_spent, self.guild_budget - self.guild_spent))
