"""Where the files of a job lie in the data folder: the only place that says so."""

from pathlib import Path

PICTURES, SOURCES, DATASETS = FOLDERS = ("pictures", "sources", "datasets")
SHEET = "sheet.jpg"


def pictures_of(data: Path, job_id: str) -> Path:
    """Name the folder of what a job made."""
    return data / PICTURES / job_id


def sheet_of(data: Path, job_id: str) -> Path:
    """Name the labelled sheet of a job, which is there once it was drawn."""
    return pictures_of(data, job_id) / SHEET


def sources_of(data: Path, job_id: str) -> Path:
    """Name the folder of the pictures that a job begins with."""
    return data / SOURCES / job_id


def photos_of(data: Path, training_id: str) -> Path:
    """Name the zip of the photos that a training learns from, before and after *Start*."""
    return data / DATASETS / f"{training_id}.zip"


def contact_sheet_of(data: Path, training_id: str) -> Path:
    """Name the sheet on which a member sees those photos."""
    return photos_of(data, training_id).with_suffix(".jpg")


def incoming(place: Path) -> Path:
    """Name the folder beside a place in which what is brought there lies until it is clean."""
    return place.with_name(f"{place.stem}.incoming")


def remove_photos(data: Path, training_id: str) -> None:
    """Remove the photos of a training and their sheet, if they are there."""
    photos_of(data, training_id).unlink(missing_ok=True)
    contact_sheet_of(data, training_id).unlink(missing_ok=True)
