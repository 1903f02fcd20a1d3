"""What the operator sets, read from an environment once, at the start; names every problem at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from bot.domain import catalog
from bot.domain.copies import Copy, HuggingFace, WeightsAndBiases
from bot.domain.money import DOLLAR, PriceList
from bot.errors import SettingsError
from bot.prices import read_prices

T = TypeVar("T")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that may differ between two teams; secrets have no repr."""

    discord_token: str = field(repr=False)
    replicate_api_token: str = field(repr=False)
    data_dir: Path
    replicate_base_url: str | None
    proxy: str | None = field(repr=False)  # may hold a password
    guild_id: int | None
    trainer: str
    enrich_model: str | None
    """owner/name of the language model that /enrich asks."""
    hf_token: str | None = field(repr=False)
    hf_namespace: str | None
    wandb_api_key: str | None = field(repr=False)
    wandb_project: str
    prices: PriceList
    guild_budget: int
    """Micro-dollars a calendar month."""
    member_budget: int
    min_side: int
    submit_grace: float
    """Seconds after which a request to Replicate that got no answer cannot take effect any more."""
    webhook_url: str | None
    """Where Replicate reaches `listen`'s /replicate, from outside."""
    listen: tuple[str, int] | None
    """Host and port for webhooks and health."""
    metrics_listen: tuple[str, int] | None
    """Host and port for figures and health."""
    log_level: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read an environment; raises SettingsError with a sentence for every setting that is missing or malformed."""
        reader = _Reader({name: value.strip() for name, value in env.items() if value.strip()})
        trainer_version = reader.read("ATELIER_TRAINER_VERSION", "", _version)
        trainer = reader.read("ATELIER_TRAINER", catalog.TRAINER, _model)
        settings = cls(
            discord_token=reader.required("DISCORD_TOKEN", "Discord's developer portal, under Bot"),
            replicate_api_token=reader.required("REPLICATE_API_TOKEN", "replicate.com/account/api-tokens"),
            data_dir=Path(reader.read("ATELIER_DATA_DIR", "data", str)),
            replicate_base_url=reader.read("REPLICATE_BASE_URL", None, _base_url),
            proxy=reader.read("HTTPS_PROXY", None, _proxy) or reader.read("https_proxy", None, _proxy),
            guild_id=reader.read("ATELIER_GUILD_ID", None, _whole),
            trainer=f"{trainer}:{trainer_version}" if trainer_version else trainer,
            enrich_model=reader.read("ATELIER_ENRICH_MODEL", None, _model),
            hf_token=reader.read("HF_TOKEN", None, str),
            hf_namespace=reader.read("ATELIER_HF_NAMESPACE", None, _word),
            wandb_api_key=reader.read("WANDB_API_KEY", None, _wandb_key),
            wandb_project=reader.read("ATELIER_WANDB_PROJECT", "atelier", _project),
            prices=reader.prices("ATELIER_PRICES"),
            guild_budget=reader.read("ATELIER_GUILD_BUDGET", 100 * DOLLAR, _money),
            member_budget=reader.read("ATELIER_MEMBER_BUDGET", 20 * DOLLAR, _money),
            min_side=reader.read("ATELIER_MIN_SIDE", 256, _whole),
            submit_grace=reader.read("ATELIER_SUBMIT_GRACE", 45.0, _seconds),
            webhook_url=reader.read("ATELIER_WEBHOOK_URL", None, _https),
            listen=reader.read("ATELIER_LISTEN", None, _listen),
            metrics_listen=reader.read("ATELIER_METRICS_LISTEN", None, _listen),
            log_level=reader.read("ATELIER_LOG_LEVEL", "INFO", _level),
        )
        if settings.hf_namespace and not settings.hf_token:
            reader.problems.append("ATELIER_HF_NAMESPACE needs HF_TOKEN too: a Hugging Face token that may write.")
        if settings.webhook_url and not settings.listen:
            reader.problems.append("ATELIER_WEBHOOK_URL needs ATELIER_LISTEN too: where webhooks arrive here.")
        if settings.listen and settings.listen == settings.metrics_listen:
            reader.problems.append("ATELIER_METRICS_LISTEN must differ from ATELIER_LISTEN, which strangers may reach.")
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings

    @property
    def secrets(self) -> tuple[str, ...]:
        """List what must never be written anywhere."""
        password = urlsplit(self.proxy).password if self.proxy else None
        tokens = (self.discord_token, self.replicate_api_token, self.hf_token, self.wandb_api_key, password)
        return tuple(token for token in tokens if token)

    @property
    def copies(self) -> tuple[Copy, ...]:
        """List where trainings are copied to, besides Replicate."""
        copies: list[Copy] = []
        if self.hf_token and self.hf_namespace:
            copies.append(HuggingFace(self.hf_namespace, self.hf_token))
        if self.wandb_api_key:
            copies.append(WeightsAndBiases(self.wandb_api_key, self.wandb_project))
        return tuple(copies)


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def required(self, name: str, where: str) -> str:
        if name not in self._env:
            self.problems.append(f"{name} is missing. You find it at {where}; put it into .env.")
        return self._env.get(name, "")

    def prices(self, name: str) -> PriceList:
        try:
            return read_prices(Path(self._env[name])) if name in self._env else PriceList()
        except SettingsError as error:
            self.problems += error.problems
            return PriceList()

    def read(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        if name not in self._env:
            return default
        try:
            return parse(self._env[name])
        except ValueError as error:
            self.problems.append(f"{name} {error}.")
            return default


def _base_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^/\s]+", text.rstrip("/")):
        raise ValueError("must be an address without a path, such as https://api.replicate.com")
    return text.rstrip("/")


def _https(text: str) -> str:
    if not re.fullmatch(r"https://\S+|http://127\.0\.0\.1:\d+/\S*", text):
        raise ValueError(
            "must be an https:// address that leads to /replicate, such as https://atelier.example/replicate"
        )
    return text


def _listen(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) < 65536):
        raise ValueError("must be host:port, such as 127.0.0.1:8080")
    return host, int(port)


def _proxy(text: str) -> str:
    if not re.fullmatch(r"https?://\S+", text):
        raise ValueError("must be an address such as http://proxy.example:3128")
    return text


def _model(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", text):
        raise ValueError(f"must be owner/name, such as {catalog.TRAINER}")
    return text


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("must be the 64 hexadecimal digits of a version; leave it out for the newest")
    return text


def _word(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+", text):
        raise ValueError("must be the name of a Hugging Face account or organisation")
    return text


def _wandb_key(text: str) -> str:
    if len(text) != 40:
        raise ValueError("must be a key of Weights & Biases, which has 40 characters (wandb.ai/authorize)")
    return text


def _project(text: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,128}", text):
        raise ValueError("must be the name of a project: letters, digits, hyphens, dots")
    return text


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("must be a whole number")
    return int(text)


def _money(text: str) -> int:
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", text):
        raise ValueError("must be an amount in US dollars, such as 20 or 7.50")
    return round(float(text) * DOLLAR)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,4}(\.\d+)?", text):
        raise ValueError("must be a number of seconds")
    return float(text)


def _level(text: str) -> str:
    if text.upper() not in LEVELS:
        raise ValueError(f"must be one of {', '.join(LEVELS)}")
    return text.upper()
