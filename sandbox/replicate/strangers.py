"""What other accounts and other sites have: fine-tunes on Replicate, LoRAs on Hugging Face and CivitAI."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.replicate.jobs import DELIVERY
from sandbox.replicate.state import OwnModel, Version


@dataclass(frozen=True)
class Lora:
    """Ready weights: the dataset they were learnt from, their trigger word, and whether a token is asked for."""

    dataset: str
    trigger: str
    generation: int = 1
    gated: bool = False


CYBERPUNK = Lora("cyberpunk", "style of 80s cyberpunk")
EIGHTIES = "5d0cefd0746b833042b384c3a310bc4d1f9d1304ec59ba93e75097d40b967180"  # what Replicate showed as latest
EIGHTIES_FIRST = "0a1b7d2c55f34e6a90c81be7d44f2a6395e0c1787bd62f3e8a90415c6d7be210"  # of a version that was never seen
CARS = "43768954c7bdc93d3bd0f01052652f8ce4e32781a37a7e832c048f7dc70b26bd"
FOOD = "7b0d5e3c1a94f8266f0e8d2b47c1a5930e6f4d8b2c7a91f3056d8e4b1f2a7c39"  # made up; of the first days
HIDDEN = "9d41c0ffee7a25c3b8e61f04a7d9325b1c60e8f47a93d25be1f87c04639ad5e2"
VERSIONS = {
    EIGHTIES_FIRST: Lora("cyberpunk", "style of 80s cyberpunk"),
    EIGHTIES: Lora("cyberpunk", "style of 80s cyberpunk", generation=2),
    CARS: Lora("car", "pixar car"),
    FOOD: Lora("frosting", "bad 70s food"),
    HIDDEN: Lora("ink", "HIDDEN"),
}
HUGGING_FACE = {  # by owner/name
    "fofr/flux-80s-cyberpunk": CYBERPUNK,
    "alvdansen/frosting_lane_flux": Lora("frosting", "frstingln illustration"),
    "black-forest-labs/FLUX.1-Redux-dev": Lora("ink", "", gated=True),
}
CIVITAI = {"746602": Lora("ink", "ink wash")}  # by the id of the download link
FILES = {"https://huggingface.co/fofr/flux-80s-cyberpunk/resolve/main/lora.safetensors": CYBERPUNK}


def _model(name: str, *versions: tuple[str, datetime], runs: int, text: str | None, visibility: str) -> OwnModel:
    owner, _, name = name.partition("/")
    return OwnModel(
        owner=owner,
        name=name,
        visibility=visibility,
        hardware="gpu-h100",
        created_at=versions[0][1],
        description=text,
        cover_image_url=f"{DELIVERY}/covers/{versions[-1][0]}.webp",
        run_count=runs,
        versions=[Version(id=version, created_at=at, training="") for version, at in versions],
    )


def strangers() -> dict[str, OwnModel]:
    """Return the models of other accounts, by `owner/name`."""
    first, later = datetime(2024, 8, 15, 14, 55, 14, tzinfo=UTC), datetime(2024, 8, 15, 17, 20, 2, tzinfo=UTC)
    models = (
        _model(
            "fofr/flux-80s-cyberpunk",
            *((EIGHTIES_FIRST, first), (EIGHTIES, later)),
            runs=3_983,
            text="A flux lora trained on a 1980s cyberpunk aesthetic",
            visibility="public",
        ),
        _model("fofr/flux-pixar-cars", (CARS, first), runs=371, text=None, visibility="public"),
        _model("fofr/flux-bad-70s-food", (FOOD, first), runs=52_011, text=None, visibility="public"),
        _model("someone-else/flux-hidden", (HIDDEN, first), runs=12, text=None, visibility="private"),
    )
    return {model.ref: model for model in models}
