"""Gathers what there is to tell of a job; it knows neither who is told nor who may see it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.domain.entities import Comparison, FineTune, Generation, Job, Training
from bot.files.places import sheet_of
from bot.store import Store
from bot.views.outcomes import Compared, Painted, Trained


async def painted(store: Store, data: Path, generation: Generation) -> Painted:
    """Gather a generation with its pictures, which lie in the data directory."""
    pictures = await store.pictures.of(generation.id)
    return Painted(
        generation=generation,
        fine_tune=await store.fine_tunes.by_id(generation.fine_tune_id) if generation.fine_tune_id else None,
        pictures=[(picture, data / picture.path) for picture in pictures],
    )


async def trained(store: Store, data: Path, training: Training) -> Trained:
    """Gather a training with its version, if it made one, and its samples; raises LookupError without a fine-tune."""
    versions = await store.fine_tunes.versions(training.fine_tune_id or 0)
    samples = await store.generations.parts_of(training.id)
    sheet = sheet_of(data, training.id)
    return Trained(
        training=training,
        fine_tune=await fine_tune_of(store, training),
        version=next((version for version in versions if version.training_id == training.id), None),
        samples=[await painted(store, data, sample) for sample in samples],
        sheet=sheet if sheet.exists() else None,
        votes=_votes(samples, await store.votes.count(training.id)),
    )


async def compared(store: Store, data: Path, comparison: Comparison) -> Compared:
    """Gather a comparison with its pictures and its sheet."""
    sheet = sheet_of(data, comparison.id)
    return Compared(
        comparison=comparison,
        cells=[await painted(store, data, cell) for cell in await store.generations.parts_of(comparison.id)],
        sheet=sheet if sheet.exists() else None,
    )


def _votes(samples: Sequence[Generation], cast: Mapping[float, int]) -> Mapping[float, int]:
    """Count the votes for every LoRA scale that a sheet shows; none where it shows only one."""
    found = (sample.recipe.settings.get("lora_scale") for sample in samples)
    scales = sorted({float(scale) for scale in found if scale is not None})
    return {scale: cast.get(scale, 0) for scale in scales} if len(scales) > 1 else {}


async def fine_tune_of(store: Store, job: Job) -> FineTune:
    """Find what a job trains or paints with, deleted or not; raises LookupError once nothing is left of it."""
    fine_tune = await store.fine_tunes.by_id(job.fine_tune_id or 0)
    if fine_tune is None:
        raise LookupError(f"job {job.id} has lost its fine-tune")
    return fine_tune
