"""Which addresses of LoRAs are let through, and as what."""

import pytest

from bot.domain.loras import check_lora, lora_name, remote_model
from bot.errors import UserError

HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("given", "sent", "name"),
    [
        ("fofr/flux-pixar-cars", "fofr/flux-pixar-cars", "fofr/flux-pixar-cars"),
        (f" fofr/cars:{HASH} ", f"fofr/cars/{HASH}", "fofr/cars"),
        (f"https://replicate.com/fofr/cars/versions/{HASH}", f"fofr/cars/{HASH}", "fofr/cars"),
        ("huggingface.co/fofr/80s", "huggingface.co/fofr/80s", "huggingface.co/fofr/80s"),
        ("https://huggingface.co/fofr/80s/", "huggingface.co/fofr/80s", "huggingface.co/fofr/80s"),
        ("huggingface.co/fofr/80s/l.safetensors", "huggingface.co/fofr/80s/l.safetensors", None),
        ("https://civitai.com/models/746602/ink-wash-flux", None, "civitai.com/models/746602/ink-wash-flux"),
        ("https://civitai.com/api/download/models/746602?type=Model&format=SafeTensor", None, None),
        ("https://cdn.example.org/a/b.safetensors?signature=abc", None, "cdn.example.org/a/b.safetensors"),
    ],
)
def test_the_forms_that_flux_takes(given: str, sent: str | None, name: str | None) -> None:
    assert check_lora(given) == (sent or given)
    assert name is None or lora_name(check_lora(given)) == name


@pytest.mark.parametrize(
    "given",
    [
        *("", "ziki", "a/b/c", "/etc/passwd", "fofr/", "fofr/cars:newest", "fofr/cars cars", "-a/b", "ａ/ｂ"),
        *("http://cdn.example.org/b.safetensors", "ftp://cdn.example.org/b.safetensors", "https://cdn.example.org/b"),
        *("https://me:secret@cdn.example.org/b.safetensors", "https://civitai.com/", "huggingface.co/fofr"),
        "https://replicate.com/acme/anna/_weights?x=.safetensors",
        "https://replicate.com/acme/anna/_weights/x.safetensors",
        "https://api.replicate.com/v1/files/x.safetensors",
        "https://REPLICATE.com/acme/anna/x.safetensors",
        "https://replicate.delivery/x/trained_model.tar",
        "https://cdn.example.org/`@everyone`.safetensors",
        *("https://cdn.example.org/it's.safetensors?token=a", "https://cdn.example.org/x.safetensors?a=<b>&token=c"),
        "https://cdn.example.org/" + "a" * 500 + ".safetensors",
    ],
)
def test_everything_else_is_told_the_forms(given: str) -> None:
    with pytest.raises(UserError, match=r"`owner/name`.*huggingface\.co.*civitai.*safetensors"):
        check_lora(given)


def test_a_model_on_replicate_is_read_with_its_version() -> None:
    model = remote_model(f"fofr/cars:{HASH}")
    assert model is not None
    assert (model.owner, model.name, model.version) == ("fofr", "fofr/cars", HASH)
    assert remote_model("https://replicate.com/fofr/cars") is not None
    for other in ("huggingface.co/fofr/cars", "https://civitai.com/models/1", "fofr", "fofr/cars:v1"):
        assert remote_model(other) is None
