"""The FLUX trainers by version: what each takes, and how long it runs; it does not know how they are called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.catalog.fields import Field, choice, flag, number, text, whole
from bot.domain.catalog.models import Evidence
from bot.domain.entities import Kind, Plan, Setting
from bot.errors import UserError

TRAINER = "ostris/flux-dev-lora-trainer"
PINNED_TRAINER = "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2"
"""The newest version known (mid 2025): what is used when Replicate cannot be asked."""
ARTICLE_TRAINER = "4ffd32160efd92e956d39c5338a9b8fbafca58e03f791f6d8011f3e20e8ea6fa"
"""The version that the article names (source of 2024-08-19)."""
FAST_TRAINER = "replicate/fast-flux-trainer"
STEPS = 1000
"""What all versions take for granted, and what suits 10 to 30 photos."""
TRAIN_STEPS = (3, 6000)
"""The fewest and the most that any version takes."""
RESOLUTION = "512,768,1024"
SIDE, LARGEST_SIDE, SIDES = 64, 1536, 4
LONGEST_TEXT = 200
OPTIMIZERS = (
    *("adamw8bit", "adamw", "adam8bit", "adam", "prodigy"),
    *("lion8bit", "lion", "adagrad", "adafactor"),
)
PRETRAINED = "skip_training_and_use_pretrained_hf_lora_url"
PATTERN = re.compile(r"(?:[ -\[\]-~]|\\[ -MO-TV-tv-~])*")
"""What may be compiled: ASCII, and no escape for another letter; ranges over all letters would take a second each."""
IMPORT_SECONDS = 60.0  # a guess: the file comes from Hugging Face in seconds, and is packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """A version of a trainer and its own rules."""

    remote: str
    """owner/name at Replicate."""
    version: str
    """Used when Replicate cannot be asked for the newest."""
    fields: tuple[Field, ...]
    kinds: Mapping[Kind, str] | None = None
    """What `lora_type` is for each kind, where it takes one."""
    needs_zip_name: bool = False
    """Whether the address of the photos must end in .zip, which that of an uploaded file does not."""
    start: float
    """Seconds until the first step."""
    per_step: float
    """Seconds a step at RESOLUTION, one picture at a time."""
    machine: str = "an H100"
    evidence: Evidence = Evidence.SCHEMA

    def takes(self, word: str) -> Field | None:
        """Find the field that members call so."""
        return next((one for one in self.fields if one.word == word), None)

    def check(self, wanted: Mapping[str, Setting]) -> dict[str, Setting]:
        """Check what a member chose, by word; raises UserError with what is allowed."""
        checked: dict[str, Setting] = {}
        for word, value in wanted.items():
            field = self.takes(word)
            if field is None:
                raise UserError(f"{self.remote} takes no {word}. Leave it out, or choose another trainer.")
            checked[word] = field.check(value)
        return checked

    def training_input(self, plan: Plan, photos: str) -> dict[str, Setting]:
        """Build what the trainer gets to learn from photos: only fields that this version lists."""
        chosen, own = chosen_in(plan), {"input_images": photos, "trigger_word": plan.trigger_word}
        if self.kinds:
            own["lora_type"] = self.kinds[plan.kind]
        values = {one.name: own.get(one.name, chosen.get(one.word, one.default)) for one in self.fields}
        return {name: value for name, value in values.items() if value is not None}

    def import_input(self, plan: Plan, mark: str) -> dict[str, Setting]:
        """Build what the trainer gets to take a LoRA over as it is.

        Nothing else in it is unique, so a mark stands in a field that is not looked at without photos.
        """
        return {PRETRAINED: plan.pretrained, "trigger_word": plan.trigger_word, "autocaption_suffix": mark}

    def seconds(self, plan: Plan) -> float:
        """Estimate how long a training runs."""
        return IMPORT_SECONDS if plan.pretrained else self.start + plan.steps * self.step_seconds(plan)

    def step_seconds(self, plan: Plan) -> float:
        """Estimate how long one step takes: the work grows with the pixels that are looked at."""
        sides, usual = sides_in(str(plan.settings.get("resolution", RESOLUTION))), sides_in(RESOLUTION)
        pixels = sum(side**2 for side in sides) / len(sides)
        return self.per_step * int(plan.settings.get("batch_size", 1)) * pixels * len(usual) / sum(s**2 for s in usual)


def chosen_in(plan: Plan) -> dict[str, Setting]:
    """Give everything that a plan says, by what members call it."""
    return {"steps": plan.steps, "lora_rank": plan.lora_rank, "autocaption": plan.autocaption, **plan.settings}


def sides_in(resolution: str) -> list[int]:
    """Read a list of sides such as 512,768,1024; raises UserError."""
    parts = [part.strip() for part in resolution.split(",")]
    sides = [int(part) for part in parts if re.fullmatch(r"\d{1,4}", part, re.ASCII)]
    fitting = [side for side in sides if SIDE <= side <= LARGEST_SIDE and side % SIDE == 0]
    if len(fitting) != len(parts) or len(set(fitting)) != len(fitting) or len(fitting) > SIDES:
        raise UserError(
            f"resolution must be up to {SIDES} different sides, each a multiple of {SIDE} up to {LARGEST_SIDE}, "
            f"with commas between them, such as {RESOLUTION}. Change it and try again."
        )
    return fitting


def _resolution(resolution: str) -> str:
    return ",".join(map(str, sides_in(resolution)))


def _layers(pattern: str) -> str:
    """Compile a pattern, which is all that we do with it, once it is known to be quickly done."""
    if not PATTERN.fullmatch(_short(pattern)):
        raise _no_layers("only ASCII letters and signs stand in the names of layers")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise _no_layers(str(error)) from error
    return pattern


def _no_layers(reason: str) -> UserError:
    return UserError(
        f"layers_to_optimize_regex is no regular expression that can be used ({reason}). "
        r"Leave it empty, or write for example transformer\.single_transformer_blocks\.(7|12|16|20)\.proj_out."
    )


def _short(words: str) -> str:
    if len(words) > LONGEST_TEXT:
        raise UserError(f"Texts of a training have at most {LONGEST_TEXT} characters. Shorten it and try again.")
    return words


# The schemas give learning_rate and batch_size no limits; these are ours, beyond which nothing is learnt or fits.
AUGUST_2024 = (
    *(text("input_images", required=True), text("trigger_word"), flag("autocaption", default=True)),
    *(replace(text("autocaption_prefix"), rule=_short), replace(text("autocaption_suffix"), rule=_short)),
    *(whole("steps", 10, 6000, STEPS), number("learning_rate", 0.00001, 0.01, 0.0004)),
    *(whole("batch_size", 1, 4, 1), replace(whole("lora_rank", 16, 128, 16), among=(16, 32, 64, 128))),
    *(text("hf_repo_id"), text("hf_token"), text(PRETRAINED)),
)
OWN_RULES = {"steps": whole("steps", 3, 6000, STEPS), "lora_rank": whole("lora_rank", 1, 128, 16)}
OCTOBER_2024 = (
    *(OWN_RULES.get(one.name, one) for one in AUGUST_2024),
    replace(text("resolution"), default=RESOLUTION, rule=_resolution),
    number("caption_dropout_rate", 0, 1, 0.05),
    choice("optimizer", OPTIMIZERS, "adamw8bit"),
    replace(text("layers_to_optimize_regex"), rule=_layers),
    *(text("wandb_api_key"), text("wandb_project"), text("wandb_run")),
)
FAST = (
    *(text("input_images", required=True), text("trigger_word")),
    *(choice("lora_type", ("subject", "style")), whole("training_steps", 500, 4000, STEPS)),
)
NEWEST = Trainer(
    remote=TRAINER,
    version=PINNED_TRAINER,
    fields=OCTOBER_2024,  # what was added since, gradient_checkpointing, is nothing that a member can judge
    start=150.0,  # weights, captions, latents
    per_step=1.05,  # a real log of 2024; 1,000 steps with 20 photos take about 20 min
)
TRAINERS = (
    NEWEST,
    replace(NEWEST, version=ARTICLE_TRAINER, fields=AUGUST_2024, needs_zip_name=True),
    Trainer(
        remote=FAST_TRAINER,
        version="8b10794665aed907bb98a1a5324cd1d3a8bea0e9b31e65210967fb9c9e2e08ed",
        fields=FAST,
        kinds={Kind.SUBJECT: "subject", Kind.PRODUCT: "subject", Kind.STYLE: "style"},
        start=40.0,
        per_step=0.08,  # users report about two minutes for 1,000 steps
        machine="eight H100s",
        evidence=Evidence.CODE,
    ),
)


def find_trainer(ref: str) -> Trainer:
    """Give the rules of owner/name or owner/name:version; what is not known is taken for the newest."""
    name, _, version = ref.partition(":")
    known = (trainer for trainer in TRAINERS if version == trainer.version or (not version and name == trainer.remote))
    return next(known, TRAINERS[-1] if name == FAST_TRAINER else NEWEST)
