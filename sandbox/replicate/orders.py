"""Turns the inputs of a prediction into an order for the painter; fetches what they name."""

from sandbox.given import outpainted, transparency
from sandbox.painter import Painting, Use
from sandbox.replicate import loras
from sandbox.replicate.fetch import picture
from sandbox.replicate.fields import Json
from sandbox.replicate.jobs import Job
from sandbox.replicate.sizes import size_of
from sandbox.replicate.state import State

USES: dict[str, Use] = {
    "image": "begin",
    "image_prompt": "vary",
    "redux_image": "vary",
    "control_image": "trace",
    "input_image": "edit",
    "input_images": "edit",
    "images": "edit",
}
INPAINTED, OUTPAINTED = 0.9, 0.4  # how much is new inside a mask, and beyond the old frame
FAST_LORA = 1.5  # with go_fast cog-flux multiplies the scale of a LoRA by this


def order(state: State, job: Job, values: Json, seed: int) -> Painting:
    """Say what is to be painted; raises RunError where a picture or a LoRA cannot be had."""
    given = _given(state, values)
    use = USES[next((name for name in USES if values.get(name)), "image")]
    start, mask = (given[0] if given else None), None
    strength = float(values.get("prompt_strength", INPAINTED))
    if start is not None and values.get("outpaint", "None") != "None":
        (start, mask), strength = outpainted(start, values["outpaint"]), OUTPAINTED
    elif start is not None and use == "begin":
        mask = picture(state, values["mask"]) if values.get("mask") else transparency(start)
    width, height = size_of(values, start)
    fast = FAST_LORA if values.get("go_fast") else 1.0
    token = job.secrets.get("hf_api_token")
    main, extra = values.get("lora_weights") or values.get("replicate_weights"), values.get("extra_lora")
    return Painting(
        prompt=str(values.get("prompt") or ""),
        seed=seed,
        width=width,
        height=height,
        format=values.get("output_format") or "webp",
        quality=int(values.get("output_quality") or 80),
        weights=loras.named(state, main, token=token) if main else loras.of_version(state, job.version),
        scale=fast * float(values.get("lora_scale", 1.0)),
        extra_weights=loras.named(state, extra, token=token) if extra else None,
        extra_scale=fast * float(values.get("extra_lora_scale", 1.0)),
        use="fill" if mask is not None else "depth" if "depth" in job.model and use == "trace" else use,
        start=start,
        others=tuple(given[1:]),
        mask=mask,
        strength=strength,
        model=job.model,
    )


def _given(state: State, values: Json) -> list[bytes]:
    """Fetch every picture that is not a mask."""
    for name in USES:
        given: str | list[str] | None = values.get(name)
        if given:
            return [picture(state, url) for url in ([given] if isinstance(given, str) else given)]
    return []
