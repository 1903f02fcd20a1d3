"""What of an address is a secret, and what is not."""

import pytest

from bot.domain.addresses import is_incomplete, kept, without_secrets
from bot.domain.loras import check_lora
from bot.errors import UserError
from tests.bot.things import recipe

CIVITAI = "https://civitai.com/api/download/models/746602"


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        (f"{CIVITAI}?type=Model&token=0123abcd", f"{CIVITAI}?type=Model&token=…"),
        (f"{CIVITAI}?TOKEN=a&token=b", f"{CIVITAI}?TOKEN=…&token=…"),
        (f"{CIVITAI}?type=an-unusually-long-type-that-may-be-a-secret", f"{CIVITAI}?type=…"),
        ("https://a:b@example.org/x.safetensors", "https://…@example.org/x.safetensors"),
        ("https://example.org/x.safetensors?0123abcd", "https://example.org/x.safetensors?…"),
        ("https://example.org/x.safetensors?sv=1&sig=a%2Fb%3D", "https://example.org/x.safetensors?sv=…&sig=…"),
        ("https://s3.example/x.safetensors?X-Amz-Signature=ab#access_token=c", "https://s3.example/x.safetensors?X-Amz-Signature=…#access_token=…"),
        ("civitai.com/api/download/models/1?token=0123abcd", "civitai.com/api/download/models/1?token=…"),
    ],
)  # fmt: skip
def test_a_secret_is_left_out(address: str, plain: str):
    assert without_secrets(address) == plain == without_secrets(plain)
    assert without_secrets(f"'{address}' is no LoRA") == f"'{plain}' is no LoRA"
    assert is_incomplete(plain)
    with pytest.raises(UserError, match=r"forgets with each run.*\*Show recipe\*"):
        check_lora(plain)


@pytest.mark.parametrize(
    "text",
    [
        f"{CIVITAI}?type=Model&format=SafeTensor",
        "https://huggingface.co/fofr/flux/resolve/main/lora.safetensors?download=true",
        "fofr/flux-80s",
        "huggingface.co/fofr/flux-80s",
        "a fox? yes, by the sea; half=half",
    ],
)
def test_what_is_none_stays(text: str):
    assert without_secrets(text) == text


def test_a_recipe_that_is_kept_still_names_its_lora():
    made = recipe(settings={"lora_weights": f"{CIVITAI}?token=0123abcd", "lora_scale": 1.0})
    assert kept(made).settings == {"lora_weights": f"{CIVITAI}?token=…", "lora_scale": 1.0}
    assert kept(kept(made)) is not made
    assert kept(recipe()) == recipe()
