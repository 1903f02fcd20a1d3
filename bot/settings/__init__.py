"""What the operator sets, read from an environment once, at the start; names every problem at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.domain import catalog
from bot.domain.copies import Copy, HuggingFace, WeightsAndBiases
from bot.domain.money import DOLLAR, PriceList, read_dollars
from bot.errors import SettingsError
from bot.settings import values
from bot.settings.reader import Reader


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
        reader = Reader(env)
        trainer_version = reader.read("ATELIER_TRAINER_VERSION", "", values.version)
        trainer = reader.read("ATELIER_TRAINER", catalog.TRAINER, values.model)
        settings = cls(
            discord_token=reader.required("DISCORD_TOKEN", "Discord's developer portal, under Bot"),
            replicate_api_token=reader.required("REPLICATE_API_TOKEN", "replicate.com/account/api-tokens"),
            data_dir=reader.read("ATELIER_DATA_DIR", Path("data"), values.folder),
            replicate_base_url=reader.read("REPLICATE_BASE_URL", None, values.base_url),
            proxy=reader.read("HTTPS_PROXY", None, values.proxy) or reader.read("https_proxy", None, values.proxy),
            guild_id=reader.read("ATELIER_GUILD_ID", None, values.whole),
            trainer=f"{trainer}:{trainer_version}" if trainer_version else trainer,
            enrich_model=reader.read("ATELIER_ENRICH_MODEL", None, values.model),
            hf_token=reader.read("HF_TOKEN", None, str),
            hf_namespace=reader.read("ATELIER_HF_NAMESPACE", None, values.word),
            wandb_api_key=reader.read("WANDB_API_KEY", None, values.wandb_key),
            wandb_project=reader.read("ATELIER_WANDB_PROJECT", "atelier", values.project),
            prices=reader.prices("ATELIER_PRICES"),
            guild_budget=reader.read("ATELIER_GUILD_BUDGET", 100 * DOLLAR, read_dollars),
            member_budget=reader.read("ATELIER_MEMBER_BUDGET", 20 * DOLLAR, read_dollars),
            min_side=reader.read("ATELIER_MIN_SIDE", 256, values.whole),
            submit_grace=reader.read("ATELIER_SUBMIT_GRACE", 45.0, values.seconds),
            webhook_url=reader.read("ATELIER_WEBHOOK_URL", None, values.https),
            listen=reader.read("ATELIER_LISTEN", None, values.listen),
            metrics_listen=reader.read("ATELIER_METRICS_LISTEN", None, values.listen),
            log_level=reader.read("ATELIER_LOG_LEVEL", "INFO", values.level),
        )
        if settings.hf_namespace and not settings.hf_token:
            reader.problems.append("ATELIER_HF_NAMESPACE needs HF_TOKEN too: a Hugging Face token that may write.")
        if settings.webhook_url and not settings.listen:
            reader.problems.append("ATELIER_WEBHOOK_URL needs ATELIER_LISTEN too: where webhooks arrive here.")
        if settings.listen and settings.listen == settings.metrics_listen:
            reader.problems.append("ATELIER_METRICS_LISTEN must differ from ATELIER_LISTEN, which strangers may reach.")
        reader.refuse_unknown("ATELIER_")
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
