"""What one published model is, and how its versions describe themselves."""

from dataclasses import dataclass, field
from typing import Literal

from sandbox.replicate.fields import Field, Json
from sandbox.replicate.prices import H100_SECOND

Task = Literal["paint", "upscale", "write"]


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model: its inputs, the shape of its output, and how a run is billed: by token, by picture, else by second."""

    ref: str
    version: str
    fields: tuple[Field, ...]
    single: bool = False  # one URL instead of a list
    official: bool = True
    task: Task = "paint"
    second_price: int = H100_SECOND
    image_price: int = 0  # micro-dollars
    token_prices: tuple[int, int] = (0, 0)  # micro-dollars a million tokens, in and out
    older: tuple[str, ...] = ()
    trains: dict[str, tuple[Field, ...]] = field(default_factory=dict[str, tuple[Field, ...]])


def openapi_schema(model: Model, train: tuple[Field, ...] = ()) -> Json:
    """Describe a version as `openapi_schema` of the API does."""
    link: Json = {"type": "string", "format": "uri"}
    words: Json = {"items": {"type": "string"}, "x-cog-array-type": "iterator", "x-cog-array-display": "concatenate"}
    output: Json = link if model.single else {"type": "array", "items": link}
    if model.task == "write":
        output = {"type": "array", **words}
    schemas: Json = {"Input": _object("Input", model.fields), "Output": {"title": "Output", **output}}
    if train:
        weights: Json = {"title": "TrainingOutput", "type": "object", "required": ["weights"]}
        schemas |= {
            "TrainingInput": _object("TrainingInput", train),
            "TrainingOutput": {**weights, "properties": {"weights": {"title": "Weights", **link}}},
        }
    info = {"title": "Cog", "version": "0.1.0"}
    return {"openapi": "3.0.2", "info": info, "paths": {}, "components": {"schemas": schemas}}


def _object(title: str, fields: tuple[Field, ...]) -> Json:
    described: Json = {
        "type": "object",
        "title": title,
        "properties": {one.name: one.schema(order) for order, one in enumerate(fields)},
    }
    required = [one.name for one in fields if one.required]
    return described | ({"required": required} if required else {})
