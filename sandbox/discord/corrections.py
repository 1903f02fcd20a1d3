"""Where SimCord 3.2.1's answers fall short of Discord's OpenAPI, corrected in one place; importing it applies them."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from simcord.backend import Backend, serializers
from simcord.backend.models import Guild, Message
from simcord.backend.ops import commands
from simcord.enums import InteractionType
from simcord.http.router import RequestContext, route
from simcord.http.routes import application as application_routes
from simcord.http.routes import commands as command_routes

from sandbox.discord.live import LiveBackend, Payload

USER = {
    "primary_guild": None,
    "avatar_decoration_data": None,
    "collectibles": None,
    "banner": None,
    "accent_color": None,
}
GUILD: Payload = {
    "home_header": None,
    "region": "deprecated",
    "widget_enabled": False,
    "widget_channel_id": None,
    "nsfw": False,
    "nsfw_level": 0,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "incidents_data": None,
    "safety_alerts_channel_id": None,
}
APPLICATION: Payload = {
    "name": "Sandbox",
    "icon": None,
    "description": "",
    "type": None,
    "flags": 0,
    "flags_new": "0",
    "summary": "",
    "verify_key": "0" * 64,
    "bot_public": True,
    "bot_require_code_grant": False,
    "redirect_uris": [],
    "team": None,
    "interactions_endpoint_url": None,
    "role_connections_verification_url": None,
    "explicit_content_filter": 0,
    "approximate_user_install_count": 0,
    "approximate_user_authorization_count": 0,
    "eligible_oauth2_scopes": [],
    "integration_types_config": {"0": {}, "1": {}},
}
CHOICES = {"min_values": 1, "max_values": 1}
COMPONENTS: dict[object, Payload] = {
    3: CHOICES,
    5: CHOICES,
    6: CHOICES,
    7: CHOICES,
    8: CHOICES,
    11: {"spoiler": False, "description": None},
    13: {"spoiler": False},
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
    "items": {"spoiler": False, "description": None},
}


def filled(component: Payload, place: str = "") -> Payload:
    """Return a component of a message with the keys that Discord adds, all the way down."""
    full = {**COMPONENTS.get(component.get("type", place), {}), **component}
    for key, value in full.items():
        if key in ("components", "items"):
            full[key] = [filled(child, key) for child in value]
        elif key == "accessory":
            full[key] = filled(value)
        elif key in ("media", "file") and "attachment_id" in value:
            full[key] = {"id": value["attachment_id"], **value}
    return full


def _message_payload(backend: LiveBackend, message: Message, **options: Any) -> Payload:
    """Give a message its nonce once, its embeds a type, and an answer the application that gave it."""
    payload = cast("Payload", _simcord_message(backend, message, **options))
    del payload["nonce"]
    if backend.fresh is not None and backend.nonce is not None and backend.fresh[0] == message.id:
        payload["nonce"] = backend.nonce
    payload["mention_roles"] = list(dict.fromkeys(payload["mention_roles"]))  # each once, however often it is named
    payload["embeds"] = [{"type": "rich", **embed} for embed in payload["embeds"]]
    payload["components"] = [filled(component) for component in payload["components"]]
    if message.is_ephemeral:
        payload["attachments"] = [{**attachment, "ephemeral": True} for attachment in payload["attachments"]]
    if message.interaction_metadata is not None:
        payload["application_id"] = payload["webhook_id"] = str(backend.application_id)
        payload["interaction_metadata"] = _origin(backend, payload["interaction_metadata"])
    return payload


def _origin(backend: LiveBackend, metadata: Payload) -> Payload:
    """Say which message a press of a button was on, and which action opened a form."""
    record = backend.interactions.get(int(metadata["id"]))
    if metadata["type"] == InteractionType.MESSAGE_COMPONENT and record is not None:
        return {**metadata, "interacted_message_id": str(record.source_message_id)}
    if metadata["type"] == InteractionType.MODAL_SUBMIT and record is not None:
        forms = (other for other in backend.interactions.values() if other.modal_consumed)
        opener = max(
            (form for form in forms if form.user_id == record.user_id), key=lambda form: form.id, default=record
        )
        opened = {**metadata, "id": str(opener.id), "type": opener.type}
        return {**metadata, "triggering_interaction_metadata": _origin(backend, opened) if opener is not record else {}}
    return metadata


def _channel_payload(backend: LiveBackend, channel: Any) -> Payload:
    restricted = channel.id in backend.age_restricted
    return {"flags": 0, "nsfw": restricted, **cast("Payload", _simcord_channel(backend, channel))}


def _guild_payload(backend: LiveBackend, guild: Guild) -> Payload:
    return {**GUILD, **_simcord_guild(backend, guild), "premium_tier": backend.boosts.get(guild.id, 0)}


def _register_commands(self: LiveBackend, guild_id: int | None, payloads: list[Payload]) -> list[Payload]:
    """Give each command its version, which changes whenever it is registered, and the place it is installed to."""
    registered = _simcord_register(self, guild_id, payloads)
    for command in registered:
        command["version"] = str(self.snowflake())
        command["integration_types"] = command.get("integration_types") or [0]
    self.tell()
    return registered


_simcord_message: Callable[..., Mapping[str, Any]] = serializers.message_payload
_simcord_channel: Callable[..., Mapping[str, Any]] = serializers.channel_payload
_simcord_guild: Callable[..., Mapping[str, Any]] = serializers.guild_create_payload
_simcord_user: Callable[..., Mapping[str, Any]] = serializers.user_payload
_simcord_register: Callable[..., list[Payload]] = commands.CommandsMixin.register_commands


def _live_only(corrected: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """Correct the sandbox's state alone: tests may have plain worlds of SimCord's in the same process."""

    def chosen(backend: Backend, *arguments: Any, **options: Any) -> Any:
        return (corrected if isinstance(backend, LiveBackend) else plain)(backend, *arguments, **options)

    return chosen


def _apply() -> None:
    patched = cast("Any", serializers)
    patched.message_payload = _live_only(_message_payload, _simcord_message)
    patched.channel_payload = _live_only(_channel_payload, _simcord_channel)
    patched.guild_create_payload = _live_only(_guild_payload, _simcord_guild)
    patched.user_payload = lambda user: {**USER, **_simcord_user(user)}  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]  # SimCord's
    cast("Any", commands.CommandsMixin).register_commands = _live_only(_register_commands, _simcord_register)
    fields = (*commands.COMMAND_FIELDS, "nsfw")
    cast("Any", commands).COMMAND_FIELDS = cast("Any", command_routes).COMMAND_FIELDS = fields


_apply()


# Requests that SimCord answers in a way of its own, and the routes below that answer in its place.
INSTEAD = {
    "GET /oauth2/applications/@me": "/applications/@me",
    "GET /users/@me/guilds": "/users/@me/guilds-in-short",
}


@route("GET", "/users/@me/guilds-in-short")
def guilds(ctx: RequestContext) -> list[Payload]:
    """Return the bot's guilds as this request has them: few fields, and what the bot may do there."""
    backend = ctx.backend
    whole: list[Payload] = application_routes.get_guilds(ctx)
    return [
        {
            **{key: guild.get(key) for key in ("id", "name", "icon", "banner", "features")},
            "owner": False,
            "permissions": str(backend.compute_permissions(int(guild["id"]), backend.application_id)),
        }
        for guild in whole
    ]


@route("GET", "/applications/@me")
def application(ctx: RequestContext) -> Payload:
    """Return the bot's application; SimCord has only its older address."""
    backend = ctx.backend
    bot = serializers.user_payload(backend.bot_user)
    counts = {"approximate_guild_count": len(backend.guilds)}
    return {**APPLICATION, **counts, "id": str(backend.application_id), "owner": bot, "bot": bot}


@route("POST", "/applications/{application_id}/commands")
@route("POST", "/applications/{application_id}/guilds/{guild_id}/commands")
def add_command(ctx: RequestContext) -> Payload:
    """Register one command more, or in place of its namesake."""
    guild_id = int(ctx.args["guild_id"]) if "guild_id" in ctx.args else None
    new = ctx.fields(*commands.COMMAND_FIELDS)
    key = new["name"], new.setdefault("type", 1)
    kept = [command for name, command in ctx.backend.commands.get(guild_id, {}).items() if name != key]
    return register(ctx.backend, guild_id, [*kept, new])[-1]


def register(backend: Backend, guild_id: int | None, registered: list[Payload]) -> list[Payload]:
    """Register commands that may carry what the server once added to them."""
    known = [{key: command[key] for key in commands.COMMAND_FIELDS if key in command} for command in registered]
    return backend.register_commands(guild_id, known)
