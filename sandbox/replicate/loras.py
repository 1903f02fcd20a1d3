"""Finds the LoRA behind a name or address given as an input, and fails in the words of cog-flux's weights.py."""

import re
from pathlib import Path
from typing import NoReturn

from sandbox.painter import Painting, paint, save
from sandbox.ready_made import trained
from sandbox.replicate.jobs import Job
from sandbox.replicate.lifecycle import RunError
from sandbox.replicate.state import State
from sandbox.replicate.strangers import CIVITAI, FILES, HUGGING_FACE, VERSIONS, Lora

HUGGING_FACE_NAME = re.compile(r"(?:https?://)?huggingface\.co/([^/]+/[^/]+)(?:/[^/]+\.safetensors)?/?")
CIVITAI_PAGE = re.compile(r"(?:https?://)?civitai\.com/models/(\d+)(?:/[^/?]+)?/?")
CIVITAI_FILE = re.compile(r"(?:https?://)?civitai\.com/api/download/models/(\d+).*")
FILE = re.compile(r"(https?://.*\.safetensors)(?:\?.*)?")
ON_REPLICATE = re.compile(r"(?:https?://replicate\.com/)?([^/]+/[^/]+?)(?:/(?:versions/)?([^/]+))?/?")
DELIVERED = re.compile(r"https?://replicate\.delivery/.*\.tar")
UNAUTHORIZED = (
    "Authorization to download weights failed. Please check to see if an API key is needed "
    "and if so pass in with the URL."
)
NOT_ON_CIVITAI = (
    "Model not found on CivitAI at that URL. Double check the CivitAI model ID; the id on the download link can be "
    "different than the id to browse to the model page."
)
NOT_PARSED = """Failed to parse URL. Expected either:
* Replicate model in the format <owner>/<username> or <owner>/<username>/<version>
* HuggingFace URL in the format huggingface.co/<owner>/<model-name>
* CivitAI URL in the format civitai.com/models/<id>[/<model-name>]
* Arbitrary .safetensors URLs from the Internet"""


def named(state: State, given: str, *, token: str | None = None) -> Path:
    """Find weights as `lora_weights`, `replicate_weights` and `extra_lora` take them; raises RunError.

    The first pattern that fits decides, in the order of the source; `token` opens what Hugging Face guards.
    """
    if found := HUGGING_FACE_NAME.fullmatch(given):
        return _from_hugging_face(state, found[1], token)
    if found := CIVITAI_PAGE.fullmatch(given) or CIVITAI_FILE.fullmatch(given):
        return _ready(state, CIVITAI.get(found[1]), NOT_ON_CIVITAI)
    if found := FILE.fullmatch(given):
        return _ready(state, FILES.get(found[1]), "Weights not found at the supplied URL. Please check the URL.")
    if found := ON_REPLICATE.fullmatch(given):
        return _from_replicate(state, found[1], found[2])
    if DELIVERED.fullmatch(given):
        return _delivered(state, given)
    if "huggingface.co" in given:
        raise RunError("Failed to parse HuggingFace URL. Expected huggingface.co/<owner>/<model-name>")
    if "civitai.com" in given:
        raise RunError("Failed to parse CivitAI URL. Expected civitai.com/models/<id>[/<model-name>]")
    raise RunError(NOT_PARSED)


def of_version(state: State, version: str) -> Path | None:
    """Find the weights of a version of ours or of someone else's; None for what has none."""
    lora = VERSIONS.get(version)
    return _prepared(state, lora) if lora is not None else state.weights(version)


def pretrained(state: State, url: str) -> Path:
    """Find what a training is to take over instead of learning; raises RunError as train.py fails."""
    if not url.startswith("https://huggingface.co") or ".safetensors" not in url:
        raise RunError(
            "Invalid URL. Use a HuggingFace download URL like "
            "https://huggingface.co/fofr/flux-80s-cyberpunk/resolve/main/lora.safetensors"
        )
    target = "PosixPath('output/flux_train_replicate/lora.safetensors')"
    failed = f"Command '['pget', '-f', '{url}', {target}]' returned non-zero exit status 1."
    return _ready(state, FILES.get(url), failed)


def cover(state: State, path: str) -> Path | None:
    """Paint the cover of someone else's model at `covers/<version>.webp` when it is first looked at."""
    lora = VERSIONS.get(path.removeprefix("covers/").removesuffix(".webp"))
    if lora is None or not path.startswith("covers/"):
        return None
    target = state.delivery_path(path)
    if not target.exists():
        order = Painting(
            prompt=f"{lora.trigger}, a city at dusk", seed=3, width=512, height=512, weights=_prepared(state, lora)
        )
        target.write_bytes(paint(order))
    return target


def _prepared(state: State, lora: Lora) -> Path:
    """Return ready weights, learnt when they are first asked for."""
    path = state.weights_path(f"ready-{lora.dataset}-{lora.generation}")
    if not path.exists():
        save(trained(lora.dataset, lora.trigger, generation=lora.generation), path)
    return path


def _ready(state: State, lora: Lora | None, error: str) -> Path:
    if lora is None:
        raise RunError(error)
    return _prepared(state, lora)


def _from_hugging_face(state: State, name: str, token: str | None) -> Path:
    pushed = _version_of(next((job for job in _succeeded(state) if job.input.get("hf_repo_id") == name), None))
    if pushed is not None:
        return state.weights_path(pushed)
    lora = HUGGING_FACE.get(name)
    if lora is not None and lora.gated and not token:
        raise RunError(UNAUTHORIZED)
    unknown = f"401 Client Error: Unauthorized for url: https://huggingface.co/api/models/{name}/tree/main"
    return _ready(state, lora, unknown)


def _from_replicate(state: State, ref: str, version: str | None) -> Path:
    model = state.models.get(ref) or state.public(ref)
    known = [one.id for one in model.versions] if model is not None else []
    wanted = version or (known[-1] if known else "")
    path = of_version(state, wanted) if wanted in known else None
    if path is None:
        _no_tarball(f"https://replicate.com/{ref}/{f'versions/{version}/' if version else ''}_weights")
    return path


def _delivered(state: State, url: str) -> Path:
    """Find what a training of ours gave out as its weights."""
    version = _version_of(next((job for job in _succeeded(state) if job.output.get("weights") == url), None))
    path = state.weights(version) if version is not None else None
    if path is None:
        _no_tarball(url)
    return path


def _succeeded(state: State) -> list[Job]:
    return [job for job in state.jobs.values() if job.kind == "trainings" and job.status == "succeeded" and job.output]


def _version_of(training: Job | None) -> str | None:
    return str(training.output.get("version", "")).rpartition(":")[2] if training is not None else None


def _no_tarball(url: str) -> NoReturn:
    command = f"['pget', '--log-level=WARNING', '-x', '{url}', PosixPath('/tmp/tmpw0k3v9s1/weights')]"
    raise RunError(f"Failed to download tarball: Command '{command}' returned non-zero exit status 1.")
