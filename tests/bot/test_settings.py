"""Everything an operator may set is read, and everything that is wrong is said at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import catalog
from bot.errors import SettingsError
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
NEEDED = {"DISCORD_TOKEN": "planted-discord", "REPLICATE_API_TOKEN": "planted-replicate"}
VERSION = "a" * 64
KEY = "planted-weights-and-biases-0123456789abc"
EVERYTHING = {
    "ATELIER_DATA_DIR": ("/srv/atelier", "data_dir", Path("/srv/atelier")),
    "REPLICATE_BASE_URL": ("https://replicate.example/", "replicate_base_url", "https://replicate.example"),
    "HTTPS_PROXY": ("http://me:planted-password@proxy:3128", "proxy", "http://me:planted-password@proxy:3128"),
    "ATELIER_GUILD_ID": ("123", "guild_id", 123),
    "ATELIER_TRAINER": ("me/trainer", "trainer", "me/trainer"),
    "ATELIER_ENRICH_MODEL": ("meta/llama", "enrich_model", "meta/llama"),
    "HF_TOKEN": ("planted-hugging-face", "hf_token", "planted-hugging-face"),
    "WANDB_API_KEY": (KEY, "wandb_api_key", KEY),
    "ATELIER_WANDB_PROJECT": ("faces", "wandb_project", "faces"),
    "ATELIER_GUILD_BUDGET": ("7.50", "guild_budget", 7_500_000),
    "ATELIER_MEMBER_BUDGET": ("3", "member_budget", 3_000_000),
    "ATELIER_MIN_SIDE": ("512", "min_side", 512),
    "ATELIER_SUBMIT_GRACE": ("60.5", "submit_grace", 60.5),
    "ATELIER_LISTEN": ("127.0.0.1:8080", "listen", ("127.0.0.1", 8080)),
    "ATELIER_METRICS_LISTEN": ("127.0.0.1:9100", "metrics_listen", ("127.0.0.1", 9100)),
    "ATELIER_LOG_LEVEL": ("debug", "log_level", "DEBUG"),
}
WRONG = {
    "REPLICATE_BASE_URL": "api.replicate.com/v1",
    "HTTPS_PROXY": "proxy:3128",
    "ATELIER_GUILD_ID": "my server",
    "ATELIER_TRAINER": "trainer",
    "ATELIER_TRAINER_VERSION": "latest",
    "ATELIER_ENRICH_MODEL": "gpt-4",
    "ATELIER_HF_NAMESPACE": "my team",
    "WANDB_API_KEY": "short",
    "ATELIER_WANDB_PROJECT": "my faces",
    "ATELIER_GUILD_BUDGET": "lots",
    "ATELIER_MEMBER_BUDGET": "-1",
    "ATELIER_MIN_SIDE": "2.5",
    "ATELIER_SUBMIT_GRACE": "soon",
    "ATELIER_WEBHOOK_URL": "http://atelier.example/replicate",
    "ATELIER_LISTEN": "8080",
    "ATELIER_METRICS_LISTEN": "127.0.0.1",
    "ATELIER_LOG_LEVEL": "chatty",
}


def problems(env: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(env)
    return raised.value.problems


def test_two_tokens_are_all_it_needs() -> None:
    settings = Settings.from_env(NEEDED)
    assert (settings.data_dir, settings.trainer) == (Path("data"), catalog.TRAINER)
    assert (settings.guild_budget, settings.member_budget, settings.min_side) == (100_000_000, 20_000_000, 256)
    assert {
        settings.proxy,
        settings.guild_id,
        settings.hf_token,
        settings.webhook_url,
        settings.listen,
        settings.metrics_listen,
    } == {None}


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_variable_is_read(name: str) -> None:
    text, field, value = EVERYTHING[name]
    assert getattr(Settings.from_env(NEEDED | {name: f" {text} "}), field) == value
    assert Settings.from_env(NEEDED | {name: "  "}) == Settings.from_env(NEEDED)


def test_variables_that_belong_together() -> None:
    assert Settings.from_env(NEEDED | {"ATELIER_TRAINER_VERSION": VERSION}).trainer == f"{catalog.TRAINER}:{VERSION}"
    assert Settings.from_env(NEEDED | {"https_proxy": "http://p:1"}).proxy == "http://p:1"
    assert "HF_TOKEN" in problems(NEEDED | {"ATELIER_HF_NAMESPACE": "team"})[0]
    same = {"ATELIER_LISTEN": "127.0.0.1:8080", "ATELIER_METRICS_LISTEN": "127.0.0.1:8080"}
    assert "must differ" in problems(NEEDED | same)[0]
    assert "ATELIER_LISTEN" in problems(NEEDED | {"ATELIER_WEBHOOK_URL": "https://a.example/replicate"})[0]


def test_everything_wrong_is_said_at_once_a_sentence_each() -> None:
    told = problems(WRONG)
    named = {"DISCORD_TOKEN", "REPLICATE_API_TOKEN", *WRONG}
    assert {line.split()[0] for line in told} == named
    assert all(line.endswith(".") for line in told)
    assert len(told) == len(named)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_not_repeated(name: str) -> None:
    assert "planted" not in str(problems({"DISCORD_TOKEN": "x", name: f"{WRONG[name]} planted-by-mistake"}))


@given(st.dictionaries(st.sampled_from([*EVERYTHING, *WRONG, *NEEDED]), st.text()))
def test_any_environment_is_read_or_refused_with_reasons(env: dict[str, str]) -> None:
    try:
        settings = Settings.from_env(env)
    except SettingsError:
        return
    assert settings.discord_token == env["DISCORD_TOKEN"].strip()


@pytest.mark.parametrize("marks", ['"{}"', "'{}'", ' "{}" '])
def test_quotation_marks_around_a_value_are_no_part_of_it(marks: str) -> None:
    env = {name: marks.format(value) for name, value in (NEEDED | {"ATELIER_GUILD_BUDGET": "7.50"}).items()}
    settings = Settings.from_env(env)
    assert (settings.discord_token, settings.guild_budget) == ("planted-discord", 7_500_000)
    assert problems(NEEDED | {"DISCORD_TOKEN": '""'})[0].startswith("DISCORD_TOKEN is missing")


def test_a_misspelt_variable_is_named_with_the_nearest_one() -> None:
    assert problems(NEEDED | {"ATELIER_GUILD_BUDGT": "20", "ATELIER_QQQ_XYZ": "1"}) == (
        "ATELIER_GUILD_BUDGT is no setting. Did you mean ATELIER_GUILD_BUDGET? Correct it, or take it out.",
        "ATELIER_QQQ_XYZ is no setting. Take it out.",
    )
    assert Settings.from_env(NEEDED | {"ATELIER_GUILD_BUDGT": " ", "SOMEBODY_ELSES": "1"}) == Settings.from_env(NEEDED)


def test_addresses_of_ipv6_and_homes_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    settings = Settings.from_env(NEEDED | {"ATELIER_LISTEN": "[::1]:8080", "ATELIER_DATA_DIR": "~/atelier"})
    assert (settings.listen, settings.data_dir) == (("::1", 8080), Path("/home/me/atelier"))
    [problem] = problems(NEEDED | {"ATELIER_DATA_DIR": "~nobody-of-this-name/atelier"})
    assert problem.startswith("ATELIER_DATA_DIR begins with the home of a user")


def test_no_secret_shows_itself_and_all_are_known_to_the_log() -> None:
    settings = Settings.from_env(NEEDED | {name: text for name, (text, _, _) in EVERYTHING.items()})
    assert "planted" not in repr(settings)
    secrets = ("planted-discord", "planted-replicate", "planted-hugging-face", "planted-password", KEY)
    assert set(settings.secrets) == set(secrets)


def test_copies_are_made_where_both_halves_are_set() -> None:
    assert Settings.from_env(NEEDED).copies == ()
    both = {"HF_TOKEN": "planted-hugging-face", "ATELIER_HF_NAMESPACE": "team", "WANDB_API_KEY": KEY}
    copies = Settings.from_env(NEEDED | both).copies
    assert [copy.needs for copy in copies] == ["hf_token", "wandb_api_key"]
    assert "private repository of team (the trainer's own default is public)" in copies[0].notice
    assert "planted" not in repr(copies) + "".join(copy.notice for copy in copies)
    assert Settings.from_env(NEEDED | {"HF_TOKEN": "planted-hugging-face"}).copies == ()


def test_the_example_explains_every_variable() -> None:
    example = (ROOT / ".env.example").read_text()
    for name in (*NEEDED, *EVERYTHING, *WRONG, "SSL_CERT_FILE"):
        assert name in example
