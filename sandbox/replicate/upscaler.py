"""Runs upscalers: what they refuse, how long they take, where the larger picture lies."""

import asyncio
import io

from PIL import Image

from sandbox.enlarger import Enlargement, enlarge
from sandbox.replicate.faults import ERRORS
from sandbox.replicate.fetch import picture
from sandbox.replicate.fields import Json, filled
from sandbox.replicate.jobs import DELIVERY, Job
from sandbox.replicate.lifecycle import Lifecycle, RunError
from sandbox.replicate.model import Model
from sandbox.replicate.workshop import Workshop, WorkshopLostError

QUEUE, WORK = 0.15, 0.9  # seconds of the sandbox's time
MOST_MADE = 64_000_000  # pixels; a guess, and what this machine bears
MOST_PIXELS = 2_096_704  # what fits the GPU of real-esrgan, from its own error
CRISP = 4.0  # a guess: the crisp upscaler takes no factor
SECONDS_A_MEGAPIXEL = 0.35  # of output on a T4: 2.6 s for a cat at twice its size


class Upscaler:
    """Enlarges what predictions ask for."""

    def __init__(self, lifecycle: Lifecycle, workshop: Workshop) -> None:
        self._life, self._workshop = lifecycle, workshop

    async def run(self, job: Job, model: Model) -> None:
        """Enlarge from start to output."""
        life, values = self._life, filled(model.fields, job.input)
        await life.start(job, QUEUE)
        given = picture(life.state, str(values["image"]))
        order = _order(model, values, given)
        _check_result(order)
        await life.clock.sleep(WORK * job.pace)
        try:
            with job.time.working():
                larger = await self._workshop.do(enlarge, order)
        except WorkshopLostError as error:
            raise RunError("Director: unexpected error handling prediction (E9828)") from error
        with Image.open(io.BytesIO(larger)) as image:
            usual = 1 + SECONDS_A_MEGAPIXEL * image.width * image.height / 1_000_000
        job.used = round(job.pace * usual, 6)
        job.delivered = life.state.ids.delivery()
        name = f"{job.delivered}/output.{order.format}"
        await asyncio.to_thread(life.state.delivery_path(name).write_bytes, larger)
        if model.official:
            job.metrics["image_count"] = 1
        life.give(job, f"{DELIVERY}/{name}" if model.single else [f"{DELIVERY}/{name}"])


def _order(model: Model, values: Json, given: bytes) -> Enlargement:
    """Check the picture as the model does and say what is to be made of it."""
    if model.ref == "nightmareai/real-esrgan":
        _check_memory(given)
        if not values["scale"]:
            raise RunError("inv_scale_x > 0 in function 'resize'")
        return Enlargement(
            picture=given, scale=values["scale"], format="png", sharpen=110 if values["face_enhance"] else 60
        )
    if "scale_factor" in values:
        return Enlargement(picture=given, scale=values["scale_factor"], format=values["output_format"])
    return Enlargement(picture=given, scale=CRISP, format="webp")


def _check_result(order: Enlargement) -> None:
    with Image.open(io.BytesIO(order.picture)) as image:
        if image.width * image.height * order.scale**2 > MOST_MADE:
            raise RunError(ERRORS["E1001"])


def _check_memory(given: bytes) -> None:
    with Image.open(io.BytesIO(given)) as image:
        width, height, channels = image.width, image.height, len(image.getbands())
    if width * height > MOST_PIXELS:
        raise RunError(
            f"Input image of dimensions ({height}, {width}, {channels}) has a total number of pixels {width * height} "
            f"greater than the max size that fits in GPU memory on this hardware, {MOST_PIXELS}. "
            "Resize input image and try again."
        )
