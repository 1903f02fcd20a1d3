"""What one published model is, and how its versions describe themselves."""

from dataclasses import dataclass, field

from sandbox.replicate.fields import Field, Json

H100_SECOND = 1_525  # micro-dollars; $0.001525 a second


@dataclass(frozen=True, kw_only=True)
class Model:
    """A published model: its inputs, the shape of its output, and how a run is billed."""

    ref: str
    version: str
    fields: tuple[Field, ...]
    single: bool = False  # one URL instead of a list
    official: bool = True
    image_price: int = 0  # micro-dollars an image; 0 is billed by the second
    older: tuple[str, ...] = ()
    trains: dict[str, tuple[Field, ...]] = field(default_factory=dict[str, tuple[Field, ...]])


def openapi_schema(fields: tuple[Field, ...], *, single: bool = False, train: tuple[Field, ...] = ()) -> Json:
    """Describe a version as `openapi_schema` of the API does."""
    link: Json = {"type": "string", "format": "uri"}
    output: Json = link if single else {"type": "array", "items": link}
    schemas: Json = {"Input": _object("Input", fields), "Output": {"title": "Output", **output}}
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
