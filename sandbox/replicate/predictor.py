"""Runs predictions: what the painter is asked for, the log, the safety check, the shape of the output."""

import asyncio
import base64
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from sandbox.painter import Painting, paint
from sandbox.replicate.faults import ERRORS
from sandbox.replicate.fields import Json, filled
from sandbox.replicate.jobs import DELIVERY, Job
from sandbox.replicate.lifecycle import Lifecycle, RunError
from sandbox.replicate.model import Model
from sandbox.replicate.orders import order
from sandbox.replicate.progress import bar
from sandbox.replicate.state import State
from sandbox.replicate.workshop import Workshop, WorkshopLostError

QUEUE, FIRST_IMAGE, NEXT_IMAGE, FINISH = 0.15, 0.75, 0.25, 0.05  # seconds of the sandbox's time
SAFE_TOLERANCE = 5  # from here on the closed models let more through


Detail = Literal["full", "quick", "once"]  # "once" paints one picture a size and hands out copies, for load tests


class Predictor:
    """Paints what predictions ask for."""

    def __init__(self, lifecycle: Lifecycle, workshop: Workshop, detail: Detail) -> None:
        self._life, self._workshop, self.detail = lifecycle, workshop, detail
        self._copies: dict[tuple[int, int, str], bytes] = {}
        self._copying = asyncio.Lock()
        self._state, self._clock, self._habits = lifecycle.state, lifecycle.clock, lifecycle.habits

    async def run(self, job: Job, model: Model) -> None:
        """Paint a prediction from start to output."""
        life, values, single = self._life, filled(model.fields, job.input), model.single
        await life.start(job, QUEUE)
        if values.get("aspect_ratio") == "custom" and not (values.get("width") and values.get("height")):
            raise RunError("width and height must be defined if aspect ratio is 'custom'")
        count = values.get("num_outputs") or 1
        seed = values.get("seed")
        if seed is None or seed < 0:
            seed = self._state.ids.seed()
        steps = values.get("num_inference_steps") or values.get("steps") or 28
        with job.time.working():
            painting = await asyncio.to_thread(order, self._state, job, values, seed)
        self._open_log(job, painting)
        safe = self._safe(job, values, single)
        task = asyncio.create_task(self._paint(job, painting, safe))
        try:
            await self._count_steps(job, steps, job.pace * (FIRST_IMAGE + NEXT_IMAGE * (count - 1)))
            with job.time.working():
                files = await task
        finally:
            task.cancel()
        job.used = round(job.pace * self._usual_time(values, steps, count), 6)
        self._close_log(job, safe)
        if job.official:
            job.metrics["image_count"] = len(files)
        life.give(job, self._shape(files[0] if single else files))
        await self._clock.sleep(FINISH)

    def _open_log(self, job: Job, painting: Painting) -> None:
        mode = "txt2img" if painting.start is None else "img2img"
        lines = [f"Using seed: {painting.seed}", f"Prompt: {painting.prompt}", f"[!] {mode} mode"]
        if painting.weights is not None:
            lines.insert(0, "Loaded LoRAs in 0.61s.")
        self._life.write(job, "\n".join(lines) + "\n")

    async def _count_steps(self, job: Job, steps: int, seconds: float) -> None:
        marks = sorted({0, *(round(steps * tenth / 5) for tenth in range(1, 6))})
        for mark in marks:
            if mark:
                await self._clock.sleep(seconds / (len(marks) - 1))
                job.used = seconds * mark / steps
            self._life.write(job, bar(mark, steps, 0.11 * mark) + "\n")

    def _safe(self, job: Job, values: Json, single: bool) -> list[bool]:
        """Say which pictures pass: none of one "nsfw" prompt, every other one of several, of others by chance."""
        count = values.get("num_outputs") or 1
        prompt = str(values.get("prompt") or "").lower()
        if values.get("disable_safety_checker"):
            return [True] * count
        if "nsfw" in prompt:
            safe = [index % 2 == 1 and "all nsfw" not in prompt for index in range(count)]
        else:
            safe = [self._state.dice.random() >= self._habits.moderation for _ in range(count)]
        if single and job.official and not any(safe):
            raise RunError(ERRORS["E005"])
        return safe

    def _close_log(self, job: Job, safe: list[bool]) -> None:
        unsafe = [f"NSFW content detected in image {index}\n" for index, fine in enumerate(safe) if not fine]
        self._life.write(job, "".join(unsafe) + f"Total safe images: {sum(safe)} out of {len(safe)}\n")
        if not any(safe):
            raise RunError(ERRORS["NSFW"])

    async def _paint(self, job: Job, painting: Painting, safe: list[bool]) -> list[str]:
        job.delivered = self._state.ids.delivery()
        care = "full" if self.detail == "full" else "quick"
        files: list[str] = []
        for index, fine in enumerate(safe):
            if fine:
                name = f"{job.delivered}/out-{index}.{painting.format}"
                one = replace(painting, seed=painting.seed + index, detail=care)
                await self._draw(one, self._state.delivery_path(name))
                files.append(f"{DELIVERY}/{name}")
        return files

    async def _draw(self, painting: Painting, path: Path) -> None:
        if self.detail == "once":
            async with self._copying:  # not as many times as there are predictions at the start
                content = await self._copy(painting)
        else:
            content = await self._painted(painting)
        await asyncio.to_thread(path.write_bytes, content)

    async def _copy(self, painting: Painting) -> bytes:
        kind = painting.width, painting.height, painting.format
        if kind not in self._copies:
            self._copies[kind] = await self._painted(painting)
        return self._copies[kind]

    async def _painted(self, painting: Painting) -> bytes:
        try:
            return await self._workshop.do(paint, painting)
        except WorkshopLostError as error:
            raise RunError("Director: unexpected error handling prediction (E9828)") from error

    def _usual_time(self, values: Json, steps: int, count: int) -> float:
        """Guess what an H100 would have taken: 0.83 s for four steps, 2.8 to 5 s for 28 of them."""
        fast = bool(values.get("go_fast"))
        return 0.4 + count * steps * (0.09 if fast else 0.16)

    def _shape(self, output: str | list[str]) -> Any:
        files = output if isinstance(output, list) else [output]
        shapes: dict[str, Any] = {
            "null": None,
            "dict": {"images": files},
            "string": files[0],
            "list": files,
            "number": 42,
        }
        return shapes[self._habits.output_shape] if self._habits.output_shape else output


def inlined(state: State, job: Job) -> Any:
    """Return the output with data: URIs instead of addresses, as some replies to `Prefer: wait` had it."""
    files: list[str] = [job.output] if isinstance(job.output, str) else job.output
    inline: list[str] = []
    for url in files:
        extension = url.rsplit(".", 1)[-1].replace("jpg", "jpeg")
        content = state.delivery_path(url.removeprefix(f"{DELIVERY}/")).read_bytes()
        inline.append(f"data:image/{extension};base64,{base64.b64encode(content).decode()}")
    return inline[0] if isinstance(job.output, str) else inline
