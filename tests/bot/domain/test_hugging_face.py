"""Which addresses an import takes, and what is downloaded for each."""

import pytest

from bot.domain.hugging_face import EXAMPLE, download_address
from bot.errors import UserError

AT = "https://huggingface.co"


@pytest.mark.parametrize(
    ("given", "fetched"),
    [
        (EXAMPLE, EXAMPLE),
        (f"  {EXAMPLE} ", EXAMPLE),
        (f"{EXAMPLE}?download=true", EXAMPLE),
        (EXAMPLE.replace("/resolve/", "/blob/"), EXAMPLE),
        ("fofr/flux-80s-cyberpunk", EXAMPLE),
        (f"{AT}/fofr/flux-80s-cyberpunk/", EXAMPLE),
        (f"{AT}/a/b.c_d/resolve/v1.0/deep/er/My_LoRA-2.safetensors",) * 2,
    ],
)
def test_what_leads_to_weights(given: str, fetched: str) -> None:
    assert download_address(given) == fetched


@pytest.mark.parametrize(
    "given",
    [
        "",
        "fofr",
        "../etc/passwd",
        "a/..",
        f"{AT}.evil.example/a/b/resolve/main/lora.safetensors",
        f"{AT}@evil.example/a/b/resolve/main/lora.safetensors",
        "http://huggingface.co/a/b/resolve/main/lora.safetensors",
        "https://civitai.com/models/123",
        f"{AT}/a/b/resolve/main/lora.ckpt",
        f"{AT}/a/b/resolve/main/../../x.safetensors",
        f"{AT}/a/b/resolve/main/x.safetensors?next=https://evil.example",
        f"{AT}/a/b/resolve/main/x.safetensors\nx",
        f"{AT}/ä/b/resolve/main/x.safetensors",
    ],
)
def test_what_does_not(given: str) -> None:
    with pytest.raises(UserError, match="from Hugging Face only"):
        download_address(given)
