"""The trainer's way with an uploaded zip, good and bad habits alike; runs in the workshop's process."""

import io
import traceback
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from sandbox.painter import SIDE as LEARNT_SIDE
from sandbox.painter import learn, save
from sandbox.replicate.trainers import ARTICLES_TRAINER
from sandbox.scenery import Picture

CAPTIONED = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})
TRAINED_ON = frozenset({".jpg", ".jpeg", ".png", ".webp"})


class TrainerError(Exception):
    """The trainer's code raised: `args` are the error text, and what it had logged before its traceback."""

    @property
    def logs(self) -> str:
        """What stood in the log."""
        return str(self.args[1])


@dataclass(kw_only=True)
class Lesson:
    """What to learn from: the file as the trainer sees it, and the settings that matter here."""

    name: str
    source: Path | bytes
    version: str
    trigger_word: str
    autocaption: bool
    prefix: str
    suffix: str
    steps: int
    rank: int
    fits: int  # steps of the real fit; the log has `steps` of them
    style: bool
    target: Path


@dataclass
class Learnt:
    """What came out: log lines before the training, and the true error after each step of the fit."""

    setup: list[str] = field(default_factory=list[str])
    images: int = 0
    losses: list[float] = field(default_factory=list[float])


def train(lesson: Lesson) -> Learnt:
    """Read the zip, caption, learn, save the weights; raises TrainerError as the trainer would die."""
    learnt = Learnt()
    try:
        entries = _extract(lesson, learnt)
        _caption(lesson, entries, learnt)
        shown = _load(entries, learnt)
        _sample(shown)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        trace = "".join(traceback.format_exception_only(error))
        logs = "\n".join([*learnt.setup, "Traceback (most recent call last):", trace])
        raise TrainerError(str(error), logs) from None
    learnt.images = len(shown)
    weights, learnt.losses = learn(shown, trigger=lesson.trigger_word, rank=lesson.rank, steps=lesson.fits)
    save(replace(weights, style=lesson.style), lesson.target)
    return learnt


def _extract(lesson: Lesson, learnt: Learnt) -> dict[str, bytes]:
    if lesson.version == ARTICLES_TRAINER:
        if not lesson.name.endswith(".zip"):
            raise ValueError("input_images must be a zip file")
        if lesson.rank not in {16, 32, 64, 128}:
            raise ValueError("lora_rank must be one of 16, 32, 64, 128")
    source = io.BytesIO(lesson.source) if isinstance(lesson.source, bytes) else lesson.source
    if not zipfile.is_zipfile(source):
        raise ValueError("input_images must be a zip file")
    with zipfile.ZipFile(source) as archive:
        entries = {
            info.filename: archive.read(info)
            for info in archive.infolist()
            # Only a name that *starts* so is skipped: `data/._a.jpg` is not.
            if not info.is_dir() and not info.filename.startswith(("__MACOSX/", "._"))
        }
    learnt.setup.append(f"Extracted {len(entries)} files from zip to input_images")
    return entries


def _caption(lesson: Lesson, entries: dict[str, bytes], learnt: Learnt) -> None:
    if not lesson.autocaption:
        return
    learnt.setup.append("downloading to: /root/.cache/llava")
    for name in sorted(entries):
        path = PurePosixPath(name)
        if path.suffix.lower() not in CAPTIONED:
            continue
        if str(path.with_suffix(".txt")) in entries:
            learnt.setup.append(f"input_images/{path.stem}.txt is already captioned")
            continue
        _open(name, entries[name])
        caption = " ".join(part for part in (lesson.prefix, f"a photo of {lesson.trigger_word}", lesson.suffix) if part)
        learnt.setup.append(f"Caption for input_images/{name}: {caption}")


def _sample(shown: list[Picture]) -> None:
    """Without pictures it is torch, deep inside, that complains."""
    if not shown:
        raise ValueError("num_samples should be a positive integer value, but got num_samples=0")


def _load(entries: dict[str, bytes], learnt: Learnt) -> list[Picture]:
    """Load what is trained on; a broken picture costs a line here, not the training."""
    shown: list[Picture] = []
    for name in sorted(entries):
        if PurePosixPath(name).suffix.lower() not in TRAINED_ON:
            continue
        try:
            shown.append(_shrink(_open(name, entries[name])))
        except OSError as error:
            learnt.setup.append(f"Error loading image: input_images/{name}: {error}")
    return shown


def _open(name: str, content: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content))
    except UnidentifiedImageError:
        raise UnidentifiedImageError(f"cannot identify image file '/src/input_images/{name}'") from None
    image.draft("RGB", (2 * LEARNT_SIDE, 2 * LEARNT_SIDE))
    image.load()
    return image


def _shrink(image: Image.Image) -> Picture:
    small = ImageOps.fit(image.convert("RGB"), (LEARNT_SIDE, LEARNT_SIDE), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32) / 255
