"""Addresses of LoRAs that lie elsewhere: the forms that FLUX on Replicate takes, and a sentence for any other; pure.

Nothing here is ever fetched by us: Replicate does that, with no key of ours.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.domain.addresses import is_incomplete
from bot.errors import UserError

LONGEST = 500  # characters of an address
OWNER, NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?", r"[A-Za-z0-9_][A-Za-z0-9._-]*"
REPLICATE = re.compile(
    rf"(?:https://replicate\.com/)?({OWNER}/{NAME})(?:[:/](?:versions/)?([0-9a-f]{{64}}))?/?", re.ASCII
)
HUGGING_FACE = re.compile(rf"(?:https://)?(huggingface\.co/{OWNER}/{NAME}(?:/{NAME}\.safetensors)?)/?", re.ASCII)
CIVITAI = re.compile(
    r"https://civitai\.com/(?:models/\d+(?:/[\w-]+)?/?|api/download/models/\d+(?:\?[\w=&%.-]*)?)", re.ASCII
)
OURS = r"(?![^/]*replicate\.)"  # no other way to the weights of somebody's private fine-tune
WITHIN = r"[^\s@`?#\"'<>\\]"  # what ends no address, however it is read: what is left out of one must be found again
FILE = re.compile(rf"https://{OURS}[a-z0-9.-]+(?::\d+)?/{WITHIN}+\.safetensors(?:\?(?:{WITHIN}|\?)*)?", re.ASCII)
FORMS = (
    "A LoRA is given as `owner/name` of a model on Replicate, as `huggingface.co/owner/name`, as the address of its "
    "page on civitai.com, or as an https address that ends in `.safetensors`. Check it and run the command again."
)


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model on Replicate, and the version asked for; an empty one is the newest."""

    name: str
    version: str

    @property
    def owner(self) -> str:
        """Say whose it is."""
        return self.name.partition("/")[0]


def remote_model(text: str) -> RemoteModel | None:
    """Read `owner/name`, `owner/name:version`, `owner/name/version`, or the address of either's page."""
    found = REPLICATE.fullmatch(text.strip())
    return RemoteModel(found[1], found[2] or "") if found else None


def check_lora(text: str) -> str:
    """Return the address of a LoRA as it is sent; raises UserError for what no model could load."""
    text = text.strip()
    if is_incomplete(text):
        raise UserError(incomplete(text))
    if len(text) > LONGEST:
        raise UserError(FORMS)
    if found := HUGGING_FACE.fullmatch(text):
        return found[1]
    if CIVITAI.fullmatch(text) or FILE.fullmatch(text):
        return text
    if model := remote_model(text):
        return "/".join(filter(None, (model.name, model.version)))
    raise UserError(FORMS)


def incomplete(address: str) -> str:
    """Say what to do where a secret was left out of an address."""
    return (
        f"The address of the LoRA `{lora_name(address)}` has a secret in it, which Atelier forgets with each run. Open "
        "the menu of the picture's message, choose *Show recipe*, and run its command with the whole address."
    )


def lora_name(address: str) -> str:
    """Shorten the address of a LoRA to what people know it by; what a signed address signs is left out."""
    if model := remote_model(address):
        return model.name
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}"
