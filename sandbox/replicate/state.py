"""What this Replicate remembers, in memory and in one directory; knows no HTTP and runs nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson

from sandbox.replicate.clock import now
from sandbox.replicate.ids import Ids
from sandbox.replicate.jobs import TERMINAL, Job

FILE_LIFE = timedelta(hours=24)


@dataclass(kw_only=True)
class Version:
    """A trained version of a model of ours; its weights lie in `weights/<id>.npz`."""

    id: str
    created_at: datetime
    training: str
    cog_version: str | None = "0.11.6"


@dataclass(kw_only=True)
class OwnModel:
    """A model that an account created for its fine-tunes; versions are stacked, newest last."""

    owner: str
    name: str
    visibility: str
    hardware: str
    created_at: datetime
    description: str | None = None
    github_url: str | None = None
    paper_url: str | None = None
    license_url: str | None = None
    cover_image_url: str | None = None
    run_count: int = 0
    versions: list[Version] = field(default_factory=list[Version])

    @property
    def ref(self) -> str:
        """Its `owner/name`."""
        return f"{self.owner}/{self.name}"


@dataclass(kw_only=True)
class Upload:
    """A file of the Files API; its bytes lie in `files/<id>`."""

    id: str
    name: str
    content_type: str
    size: int
    md5: str
    sha256: str
    metadata: dict[str, Any]
    created_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When it is gone."""
        return self.created_at + FILE_LIFE


class State:
    """Everything remembered; `load` and `save` keep it over a restart."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.directory = directory
        self.models: dict[str, OwnModel] = {}
        self.files: dict[str, Upload] = {}
        self.jobs: dict[str, Job] = {}
        self.strangers: dict[str, OwnModel] = {}  # models of other accounts
        self.secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 - the play world's own
        self.starts = 0
        for folder in ("files", "weights", "delivery"):
            (directory / folder).mkdir(parents=True, exist_ok=True)
        self._load()
        self.starts += 1
        self.ids = Ids(f"{seed}/{self.starts}")
        self.dice = Random(f"{seed}/{self.starts}/dice")
        """What differs from run to run at Replicate and nobody can know beforehand; seeded, to repeat it."""

    def file_path(self, file_id: str) -> Path:
        """Say where the bytes of an upload lie."""
        return self.directory / "files" / file_id

    def weights_path(self, version_id: str) -> Path:
        """Say where the weights of a trained version lie."""
        return self.directory / "weights" / f"{version_id}.npz"

    def weights(self, version_id: str) -> Path | None:
        """Find the weights of a trained version; one that took over a ready-made LoRA has none here."""
        path = self.weights_path(version_id)
        return path if path.exists() else None

    def delivery_path(self, path: str) -> Path:
        """Say where an output lies that is served as `https://replicate.delivery/<path>`."""
        return self.directory / "delivery" / path.replace("/", "_")

    def upload(self, file_id: str) -> Upload | None:
        """Find an upload that has not expired."""
        found = self.files.get(file_id)
        return found if found is not None and found.expires_at > now() else None

    def public(self, ref: str) -> OwnModel | None:
        """Find a model of another account that everyone may see."""
        model = self.strangers.get(ref)
        return model if model is not None and model.visibility == "public" else None

    def trained(self, version_id: str) -> OwnModel | None:
        """Find the model, ours or a public one, that has this trained version."""
        for model in (*self.models.values(), *filter(None, map(self.public, self.strangers))):
            if any(version.id == version_id for version in model.versions):
                return model
        return None

    def triggers(self) -> frozenset[str]:
        """Name every trigger word that was ever trained here."""
        words = [job.input.get("trigger_word") for job in self.jobs.values() if job.kind == "trainings"]
        return frozenset(str(word) for word in words if word)

    def unfinished(self) -> list[Job]:
        """List the jobs that were running when the world stopped."""
        return [job for job in self.jobs.values() if job.status not in TERMINAL]

    def save(self) -> None:
        """Write everything down; a crash in between leaves the former state."""
        kept: dict[str, Any] = {
            "starts": self.starts,
            "models": [dataclasses.asdict(model) for model in self.models.values()],
            "files": [dataclasses.asdict(upload) for upload in self.files.values()],
            "jobs": [_plain(job) for job in self.jobs.values()],
        }
        draft = self.directory / "state.json.new"
        draft.write_bytes(orjson.dumps(kept))
        draft.replace(self.directory / "state.json")

    def _load(self) -> None:
        path = self.directory / "state.json"
        if not path.exists():
            return
        kept = orjson.loads(path.read_bytes())
        self.starts = kept["starts"]
        for row in kept["models"]:
            versions = [Version(**_dated(version)) for version in row.pop("versions")]
            model = OwnModel(**_dated(row), versions=versions)
            self.models[model.ref] = model
        self.files = {row["id"]: Upload(**_dated(row)) for row in kept["files"]}
        self.jobs = {row["id"]: Job(**_dated(row)) for row in kept["jobs"]}


def _plain(job: Job) -> dict[str, Any]:
    names = [one.name for one in dataclasses.fields(job) if one.name not in {"changed", "time", "secrets"}]
    return {name: getattr(job, name) for name in names}


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    moments = {key: datetime.fromisoformat(row[key]) for key in row if key.endswith("_at") and row[key]}
    if row.get("deadline"):
        moments["deadline"] = datetime.fromisoformat(row["deadline"])
    row |= {key: tuple(row[key]) for key in ("events", "token_prices") if key in row}
    return row | moments
