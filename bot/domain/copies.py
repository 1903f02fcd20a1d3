"""Where an operator has the trainer put what it makes, besides Replicate; pure."""

from dataclasses import dataclass, field
from typing import Protocol


class Copy(Protocol):
    """A place outside Replicate."""

    @property
    def needs(self) -> str:
        """Name the trainer's field without which there is no copy."""
        ...

    @property
    def notice(self) -> str:
        """Say, before anything is started, what will be seen there by whom."""
        ...

    def settings(self, name: str) -> dict[str, str]:
        """Build what the trainer needs for a model of this name."""
        ...

    def repository(self, name: str, /) -> str | None:
        """Name what must be at Hugging Face, and private, before the trainer puts something there."""
        ...


@dataclass(frozen=True, slots=True)
class HuggingFace:
    """The account to which every LoRA is copied."""

    namespace: str
    token: str = field(repr=False)
    needs: str = "hf_token"

    @property
    def notice(self) -> str:
        """Say who sees the repository."""
        return (
            "**Copy:** your operator has the weights copied to Hugging Face, into a private repository of "
            f"{self.namespace} (the trainer's own default is public): whoever may read it there can paint with it. "
            "If you do not want that, press *Cancel*."
        )

    def settings(self, name: str) -> dict[str, str]:
        """Build what the trainer needs for a model of this name."""
        return {"hf_repo_id": self.repository(name), "hf_token": self.token}

    def repository(self, name: str, /) -> str:
        """Name the repository, which the trainer would make public if it were not there."""
        return f"{self.namespace}/{name}"


@dataclass(frozen=True, slots=True)
class WeightsAndBiases:
    """The project in which every training is recorded."""

    key: str = field(repr=False)
    project: str
    needs: str = "wandb_api_key"

    @property
    def notice(self) -> str:
        """Say that figures and weights are seen by others."""
        return (
            f"Your operator has each training recorded at Weights & Biases ({self.project}): its settings, losses and "
            "weights are there for whoever may see that project."
        )

    def settings(self, name: str) -> dict[str, str]:
        """Build what the trainer needs for a model of this name."""
        return {"wandb_api_key": self.key, "wandb_project": self.project, "wandb_run": name}

    def repository(self, _: str, /) -> None:
        """Name none: nothing goes to Hugging Face."""
