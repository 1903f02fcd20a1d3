"""Runs trainings: the zip's way through the trainer, its log, the new version of the destination."""

import asyncio
import json
import shutil
from typing import NoReturn

from sandbox.hugging_face import Hub
from sandbox.replicate import loras, refusals
from sandbox.replicate.clock import now
from sandbox.replicate.dataset import Learnt, Lesson, TrainerError, train
from sandbox.replicate.fetch import fetch
from sandbox.replicate.fields import Field, Json, filled
from sandbox.replicate.jobs import DELIVERY, Job
from sandbox.replicate.lifecycle import Lifecycle, RunError
from sandbox.replicate.progress import bar
from sandbox.replicate.state import Version
from sandbox.replicate.trainers import FAST_TRAINER
from sandbox.replicate.workshop import Workshop, WorkshopLostError

QUEUE, SETUP, STEPS, FINISH = 2.0, 3.0, 14.0, 1.0  # seconds of the sandbox's time, 20 together
TICKS = 56  # how often the bar moves
SETUP_SECONDS, CAPTION_SECONDS, STEP_SECONDS = 150.0, 2.2, 1.05  # what an H100 takes; the last is from a real log
FAST_SETUP, FAST_STEP = 40.0, 0.08  # of eight H100s: about two minutes for 1000 steps
TAKING_OVER = 12.0  # a guess
TRACEBACK = "Traceback (most recent call last):\n"
HUGGING_FACE = "https://huggingface.co"
FITS, QUICK_FITS = 200, 60
LOADING = (
    *(
        "Starting train job",
        "{config}",
        "#" * 46,
        "# Running job: flux_train_replicate",
        "#" * 46,
        "Running  1 process",
    ),
    *("Loading Flux model", "Loading transformer", "Quantizing transformer", "Loading vae", "Loading t5"),
    *("Quantizing T5", "Loading clip", "making pipe", "preparing"),
    "create LoRA network. base dim (rank): {rank}, alpha: {rank}",
    *("create LoRA for Text Encoder: 0 modules.", "create LoRA for U-Net: 494 modules.", "enable LoRA for U-Net"),
)
BUCKETS = (
    *("Dataset: input_images", "  -  Preprocessing image dimensions", "{bar}", "  -  Found {images} images"),
    *("Bucket sizes for input_images:", "{side}x{side}: {images} files", "1 buckets made"),
    *("Caching latents for input_images", " - Keeping latents in memory", "{bar}"),
)


class Trainer:
    """Learns what trainings ask for."""

    def __init__(self, lifecycle: Lifecycle, workshop: Workshop, hub: Hub) -> None:
        self._life, self._workshop, self._hub = lifecycle, workshop, hub
        self._state, self._clock, self._habits = lifecycle.state, lifecycle.clock, lifecycle.habits

    async def run(self, job: Job, fields: tuple[Field, ...]) -> None:
        """Train from start to the new version."""
        life, values = self._life, filled(fields, job.input | job.secrets)
        await life.start(job, QUEUE)
        steps = int(values.get("steps") or values.get("training_steps") or 1000)
        rank = int(values.get("lora_rank") or 16)
        life.write(job, "Environment language..\nDownloaded base weights in 4.2 seconds\n")
        version = self._state.ids.version()
        pretrained = values.get("skip_training_and_use_pretrained_hf_lora_url")
        if pretrained is not None:
            await self._take_over(job, pretrained, version)
        else:
            await self._train(job, values, steps, rank, version)
        await self._clock.sleep(FINISH * job.pace)
        self._push(job, version)

    async def _take_over(self, job: Job, url: str, version: str) -> None:
        """Make a version of a LoRA that exists, which takes seconds."""
        target = "output/flux_train_replicate/lora.safetensors"
        job.used = TAKING_OVER * job.pace
        self._life.write(job, f"Downloading {url} to {target}\n")
        weights = await asyncio.to_thread(loras.pretrained, self._state, url)
        await asyncio.to_thread(shutil.copyfile, weights, self._state.weights_path(version))
        self._life.write(job, f"{target}\n")

    async def _train(self, job: Job, values: Json, steps: int, rank: int, version: str) -> None:
        problem = refusals.before_the_zip(values)
        if problem is not None:
            self._die(job, TRACEBACK, problem)
        learnt = await self._learn(job, values, steps, rank, version)
        problem = refusals.after_the_captions(values)
        if problem is not None:
            self._die(job, "\n".join([*learnt.setup, "Starting train job", TRACEBACK]), problem)
        await self._log_setup(job, values, learnt, rank)
        await self._log_steps(job, learnt, steps, float(values.get("learning_rate") or 0.0004))
        self._life.write(job, "Saved to output/flux_train_replicate/optimizer.pt\n")
        if values.get("hf_repo_id") and values.get("hf_token"):
            self._upload(job, values["hf_repo_id"], values["hf_token"])

    def _upload(self, job: Job, repository: str, token: str) -> None:
        """Upload to Hugging Face, publicly where nothing is there; what goes wrong only stands in the log."""
        problem = refusals.upload_problem(repository, token)
        if problem is None:
            self._hub.push(repository)
        said = f"Error uploading to Hugging Face: {problem}" if problem else f"HF Repo URL: {HUGGING_FACE}/{repository}"
        self._life.write(job, f"Uploading to Hugging Face: {repository}\n{said}\n")

    async def _learn(self, job: Job, values: Json, steps: int, rank: int, version: str) -> Learnt:
        fetched = fetch(self._state, str(values["input_images"]))
        lesson = Lesson(
            name=fetched.name,
            source=fetched.source,
            version=job.version,
            trigger_word=str(values.get("trigger_word") or ""),
            autocaption=bool(values.get("autocaption", True)),
            prefix=str(values.get("autocaption_prefix") or ""),
            suffix=str(values.get("autocaption_suffix") or ""),
            steps=steps,
            rank=rank,
            fits=min(steps, QUICK_FITS if self._clock.speed >= 10 else FITS),
            style=values.get("lora_type") == "style",
            target=self._state.weights_path(version),
        )
        try:
            with job.time.working():
                learnt = await self._workshop.do(train, lesson)
        except TrainerError as error:
            self._die(job, error.logs, str(error.args[0]))
        except WorkshopLostError as error:
            raise RunError("Prediction interrupted; please retry (code: PA)") from error
        job.used = job.pace * (FAST_SETUP if self._fast(job) else SETUP_SECONDS + CAPTION_SECONDS * learnt.images)
        return learnt

    def _die(self, job: Job, logs: str, error: str) -> NoReturn:
        job.used = job.pace * (FAST_SETUP if self._fast(job) else SETUP_SECONDS)
        self._life.write(job, logs)
        raise RunError(error)

    async def _log_setup(self, job: Job, values: Json, learnt: Learnt, rank: int) -> None:
        facts = {
            "config": json.dumps({"job": "custom_job", "config": {"name": "flux_train_replicate"}}),
            "rank": rank,
            "images": learnt.images,
            "bar": bar(learnt.images, learnt.images, 0.4, width=10),
        }
        sides = str(values.get("resolution") or "512,768,1024").split(",")
        buckets = [line.format(side=side, **facts) for side in sides for line in BUCKETS]
        loading = [line.format(**facts) if "{" in line else line for line in LOADING]
        lines = [*learnt.setup, *loading, *buckets, "Generating baseline samples before training"]
        for part in range(6):
            share = lines[part * len(lines) // 6 : (part + 1) * len(lines) // 6]
            self._life.write(job, "".join(f"{line}\n" for line in share))
            await self._clock.sleep(SETUP / 6 * job.pace)

    async def _log_steps(self, job: Job, learnt: Learnt, steps: int, rate: float) -> None:
        step = job.pace * (FAST_STEP if self._fast(job) else STEP_SECONDS)
        before, began = job.used, asyncio.get_running_loop().time()
        for tick in range(1, min(TICKS, steps) + 1):
            await self._clock.sleep(STEPS / min(TICKS, steps) * job.pace)
            done = steps * tick // min(TICKS, steps)
            loss = learnt.losses[max(0, done * len(learnt.losses) // steps - 1)]
            elapsed = asyncio.get_running_loop().time() - began
            note = f", lr: {rate:.1e} loss: {loss:.3e}"
            job.used = before + done * step
            # What the log of the fast trainer looks like was never seen: no program may count on the prefix there.
            prefix = "" if self._fast(job) else "flux_train_replicate: "
            self._life.write(job, "\r" + bar(done, steps, elapsed, prefix=prefix, note=note))
        self._life.write(job, "\n")

    def _fast(self, job: Job) -> bool:
        return job.model == FAST_TRAINER

    def _push(self, job: Job, version: str) -> None:
        """Push the new version to the destination, and leave out what a bad habit says."""
        lacks = self._habits.no_version
        model = self._state.models.get(job.destination or "")
        if model is None:
            raise RunError("The specified training destination does not exist")
        folder = self._state.ids.delivery()
        output = {"weights": f"{DELIVERY}/{folder}/{'flux-lora' if self._fast(job) else 'trained_model'}.tar"}
        if lacks not in {"version", "both"}:
            model.versions.append(Version(id=version, created_at=now(), training=job.id))
            output["version"] = f"{model.ref}:{version}"
        if lacks in {"weights", "both"}:
            del output["weights"]
        job.output = output or None
        self._state.save()
