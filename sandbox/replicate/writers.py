"""The language models, as their schemas have them."""

from sandbox.replicate.fields import Field
from sandbox.replicate.inputs import flag, number, pictures, text, whole
from sandbox.replicate.model import Model
from sandbox.replicate.prices import TOKENS

PENALTIES = (number("frequency_penalty", 0, -2, 2), number("presence_penalty", 0, -2, 2))

WRITERS = (
    Model(
        ref="meta/meta-llama-3-8b-instruct",
        version="5a6809ca6288247d06daf6365557e5e429063f32a21146b2a807c682652136b8",
        task="write",
        token_prices=TOKENS["meta-llama-3-8b-instruct"],
        fields=(
            *(text("prompt", ""), whole("max_tokens", 512), whole("min_tokens", 0)),
            *(number("temperature", 0.6), number("top_p", 0.9), whole("top_k", 50)),
            *(number("presence_penalty", 1.15), number("frequency_penalty", 0.2), text("prompt_template", "{prompt}")),
        ),
    ),
    Model(
        ref="openai/gpt-4.1-mini",
        version="ea66cc9d7d92ac29f82a0e30d11523943be6cc4ec010c9671828ae43ed93d675",
        task="write",
        token_prices=TOKENS["gpt-4.1-mini"],
        fields=(
            *(text("prompt"), text("system_prompt", "You are a helpful assistant.")),
            *(Field(name="messages", kind="array", default=[]), pictures("image_input")),
            *(number("temperature", 1, 0, 2), whole("max_completion_tokens", 4096)),
            *(number("top_p", 1, 0, 1), *PENALTIES),
        ),
    ),
    Model(
        ref="google/gemini-2.5-flash",
        version="a441f4c6a269df821c9013b5676643b707df748e7bba9d789351630862baab62",
        task="write",
        token_prices=TOKENS["gemini-2.5-flash"],
        fields=(
            *(text("prompt", required=True), pictures("images", 10), pictures("videos", 10)),
            *(text("system_instruction"), number("temperature", 1, 0, 2), number("top_p", 0.95, 0, 1)),
            *(whole("max_output_tokens", 65_535, 1, 65_535), whole("thinking_budget", None, 0, 24_576)),
            flag("dynamic_thinking"),
        ),
    ),
)
