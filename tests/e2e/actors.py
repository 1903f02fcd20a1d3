"""People who do at random whatever can be typed, pressed or forged in Discord."""

from collections.abc import Callable
from typing import Any

from simcord.actors import _dispatch_actor_interaction as dispatch
from simcord.backend import serializers

from sandbox.discord import Answer, Channel, Message
from tests.e2e.said import HOSTILE
from tests.e2e.scene import Member, Scene, hostile_zip
from tests.e2e.stage import photos
from tests.e2e.walls import Action, Rows

COMMAND, PRESS, FORM = 2, 3, 5  # kinds of interactions
COMPONENTS_V2 = 1 << 15
MENUS = ("Show recipe", "Use in Atelier")
PLANNING = ("advanced", "captions", "advise", "ask-public", "go-public", "stay-private", "publish", "unpublish")
COMPARING = ("vote", "compare", "paint-all", "drop-batch", "drop-sheet")
FINDING = ("see", "older", "newer")
PRESSED = ("again", "vary", "edit", "delete", "try", "cancel", "show", "start", "discard", "drop", "keep")
PICTURES = ("vary-strong", "same-seed", "upscale", "edit-picture", "begin")
VERBS = (*PRESSED, *PLANNING, *FINDING, *PICTURES, *COMPARING)
GARBAGE = ("", "0", "-1", "7 OR 1=1", "ft:1:1", "١", "x" * 93, "9" * 4000, "a:b:c", "\n", "\U0001f600", "../../etc")
OWNED = ("rename", "share", "unshare", "default", "delete", "publish", "unpublish")


async def forge(
    member: Member, channel: Channel, custom_id: str, message: Message | None, *, alone: bool = False
) -> Answer:
    """Press a button that the message never had, as no client of Discord's would."""
    actor: Any = member.person.user if alone else member.person.members[member.guild.id]
    env = actor._env
    shown = message or Message(
        env, next(it for room in member.channels for it in env.backend.messages[room.id].values())
    )
    stored = env.backend.messages[shown.channel_id][shown.id]
    button = {"type": 2, "id": 3, "style": 2, "label": "forged", "custom_id": custom_id}
    # discord.py hands on only the presses of buttons that the message is said to have.
    layout = {"type": 17, "id": 1, "components": [{"type": 1, "id": 2, "components": [button]}]}
    told = dict(serializers.message_payload(env.backend, stored)) | {"components": [layout], "flags": COMPONENTS_V2}
    place = member.person.direct if alone else channel
    data = {"custom_id": custom_id, "component_type": 2, "id": 3}
    return Answer(env, await dispatch(actor, PRESS, place, data, extra={"message": told}, source_message_id=stored.id))


async def forge_form(member: Member, channel: Channel, custom_id: str, text: str) -> Answer:
    """Send a form that was opened by somebody else, or never."""
    actor: Any = member.person.members[member.guild.id]
    field = {"type": 4, "id": 2, "custom_id": "prompt", "value": text}
    data = {"custom_id": custom_id, "components": [{"type": 18, "id": 1, "component": field}]}
    return Answer(actor._env, await dispatch(actor, FORM, channel, data))


class Actor:
    """Does one thing at random; every method returns the answer, and what was typed for it."""

    def __init__(self, scene: Scene, rows: Rows) -> None:
        self.scene, self.rows, self.dice = scene, rows, scene.dice
        self.member = self.dice.choice(scene.members)
        self.person = self.member.person
        self.channel = self.dice.choice(self.member.channels)

    async def do(self, kind: str) -> Action:
        act: Callable[[], Any] = getattr(self, kind)
        answer, *given = await act()
        self.scene.tally[kind] += 1
        if answer is not None:
            await self.scene.answered(answer)
        alone = kind == "forge_in_private"
        return Action(
            who=self.person.id,
            guild=None if alone else self.member.guild.id,
            channel=self.person.direct.id if alone else self.channel.id,
            given=" ".join(map(str, given)),
            what=kind,
        )

    def target(self) -> str:
        """Name something: one's own, another's here or elsewhere, or nothing there is."""
        tunes = list(self.rows["fine_tunes"].values())
        tune = self.dice.choice(tunes) if tunes else {"id": 1, "name": "none", "trigger_word": "NONE"}
        number = tune["id"]
        forms = (tune["name"], tune["trigger_word"], f"ft:{number}", f"ft:{number}:1", self.dice.choice(GARBAGE[1:6]))
        return self.dice.choice(forms)

    def model(self) -> str:
        """Name a model on Replicate: one that was trained here for anybody, or a public one."""
        mine = [str(row["destination"]) for row in self.rows["fine_tunes"].values()]
        versions = [str(row["remote"]) for row in self.rows["versions"].values()]
        return self.dice.choice([*mine, *versions, *["fofr/flux-pixar-cars"] * len(mine)])

    def row(self) -> str:
        """Name a row of any table, anybody's, or none."""
        tables = (
            "fine_tunes",
            "datasets",
            "trainings",
            "generations",
            "generations",
            "searches",
            "batches",
            "comparisons",
        )
        table = self.dice.choice(tables)
        keys = [*map(str, self.rows[table]), self.dice.choice(GARBAGE)]
        if table == "trainings":
            keys += [f"{key}:{scale}" for key in keys for scale in ("0.8", "1.1")]  # ballots
        if table == "searches":
            keys = [f"{key}.{self.dice.choice((0, 3, 10**6))}" for key in keys]
        return self.dice.choice(keys)

    def prompt(self) -> str:
        """Describe a picture, with somebody's trigger word or none."""
        tune = self.dice.choice([*self.rows["fine_tunes"].values(), {"trigger_word": "a fox"}])
        return f"{tune['trigger_word']} {self.scene.plant()} {HOSTILE}"

    def messages(self) -> list[Message]:
        return [m for m in self.person.messages(self.channel) if not m.deleted]

    async def slash(self, command: str, **options: Any) -> tuple[Any, ...]:
        self.scene.tally[f"/{command}"] += 1
        return await self.person.slash(self.channel, command, **options), *options.values()

    async def imagine(self) -> tuple[Any, ...]:
        model = self.dice.choice([None, None, self.target(), self.target(), "schnell", "dev"])
        second = self.dice.choice([None, self.target(), self.model()])
        options = {"model": model, "second_lora": second}
        return await self.slash("imagine", prompt=self.prompt(), **{name: it for name, it in options.items() if it})

    async def compare(self) -> tuple[Any, ...]:
        options = {"model": self.target(), "model2": self.dice.choice(("dev", self.target()))}
        return await self.slash("compare", prompt=self.prompt(), **options)

    async def models(self) -> tuple[Any, ...]:
        every = ("list", "show", "show", "adopt", "adopt", *OWNED)
        command = self.dice.choice([one for one in every if not self.scene.tally[f"/models {one}"]] or every)
        options: dict[str, Any] = {} if command == "list" else {"name": self.target()}
        if command == "adopt":
            options = {"name": f"a-{self.scene.plant()}", "trigger_word": "pixar car", "model": self.model()}
        if command == "rename":
            options["new_name"] = self.dice.choice((f"r-{self.member.word}", "@everyone", "dev", self.target()[:32]))
        if command == "default":
            options["version"] = self.dice.choice((1, 2))
            options["lora_scale"] = self.dice.choice((0.5, 1.0))
        return await self.slash(f"models {command}", **options)

    async def look(self) -> tuple[Any, ...]:
        return await self.slash(self.dice.choice(("jobs", "help")))

    async def gallery(self) -> tuple[Any, ...]:
        words = self.dice.choice(("", "", "z", "everyone", f"Z{self.member.word}", self.target(), HOSTILE))[:200]
        options = {"words": words, "model": self.target(), "mine": True}
        return await self.slash("gallery", **{k: v for k, v in options.items() if v and self.dice.random() < 0.5})

    async def complete(self) -> tuple[Any, ...]:
        names = [(f"models {word}", "name") for word in OWNED]
        command, option = self.dice.choice([("imagine", "model"), ("gallery", "model"), *names])
        typed = self.dice.choice(("", "n-", "z", "ft:", self.target()[:100]))
        filled = {"prompt": "a fox"} if command == "imagine" else {}
        await self.person.autocomplete(self.channel, command, option, typed, **filled)
        return None, ""  # what was typed is no excuse for what is offered

    async def press(self) -> tuple[Any, ...]:
        there = [(m, b) for m in self.messages() for b in m.buttons if b.custom_id and not b.disabled]
        if not there:
            return await self.look()
        message, button = self.dice.choice(there)
        return await self.pressed(await self.person.click(message, custom_id=button.custom_id), button.custom_id or "")

    async def forge(self) -> tuple[Any, ...]:
        unpressed = [verb for verb in VERBS if not self.scene.tally[f"{verb}:"]]
        verb = self.dice.choice(unpressed or (*VERBS, "", "Again", "older-verb"))
        custom_id = self.dice.choice((f"{verb}:{self.row()}", f"{verb}:{self.row()}", self.dice.choice(GARBAGE)))
        shown = self.dice.choice([*self.messages(), None])
        return await self.pressed(await forge(self.member, self.channel, custom_id, shown), custom_id)

    async def pressed(self, answer: Answer, custom_id: str) -> tuple[Any, ...]:
        self.scene.tally[f"{custom_id.partition(':')[0][:12]}:"] += 1
        if answer.modal:
            self.scene.forms.append((self.member, answer))
        return answer, custom_id

    async def form(self) -> tuple[Any, ...]:
        mine = [form for form in self.scene.forms if form[0].is_of == self.member.is_of and form[1].modal]
        if not mine:
            return await self.slash("train photos")
        self.scene.forms.remove(chosen := self.dice.choice(mine))
        self.channel = next(room for room in self.member.channels if room.id == chosen[1]._interaction.channel_id)
        text, modal = self.prompt(), chosen[1].modal or {}
        fields = [label["component"]["custom_id"] for label in modal["components"]]
        # What is typed into the form of a report is a prompt where it takes text, and refused elsewhere.
        typed: dict[str, Any] = {"prompt": text} if "prompt" in fields else {self.dice.choice(fields[:2]): text[:200]}
        typed |= {"strength": "0.5"} if "strength" in fields else {}
        typed |= {"optimizer": ["prodigy"]} if "optimizer" in fields else {}
        return await self.person.submit_modal(chosen[1], typed), text

    async def forge_form(self) -> tuple[Any, ...]:
        opened = [form.modal["custom_id"] for _, form in self.scene.forms if form.modal]
        custom_id = self.dice.choice([*opened, *opened, "0" * 32, ""])
        text = self.prompt()
        return await forge_form(self.member, self.channel, custom_id, text), text

    async def forge_command(self) -> tuple[Any, ...]:
        actor: Any = self.person.members[self.member.guild.id]
        data = {"id": "1", "name": self.dice.choice(("forget-all", "models", "imagine")), "type": 1, "options": []}
        return Answer(actor._env, await dispatch(actor, COMMAND, self.channel, data)), ""

    async def forge_in_private(self) -> tuple[Any, ...]:
        custom_id = f"{self.dice.choice(VERBS)}:{self.row()}"
        return await forge(self.member, self.channel, custom_id, None, alone=True), ""

    async def train(self) -> tuple[Any, ...]:
        word, name = self.scene.plant(), self.target()
        options = {"zip": hostile_zip(word), "name": name[:32] or "x", "trigger_word": f"T{word}", "steps": 10}
        return (await self.slash("train zip", **options))[0], word, name

    async def picture(self) -> tuple[Any, ...]:
        """Have something made of a picture of one's own."""
        [(name, data)] = photos(1, seed=self.dice.getrandbits(16))
        command = self.dice.choice(("edit", "upscale", "vary"))
        options = {"instruction": self.prompt()} if command == "edit" else {}
        return await self.slash(f"picture {command}", picture=(f"{self.scene.plant()}-{name}", data), **options)

    async def menu(self) -> tuple[Any, ...]:
        """Open the menu of any message that can be seen."""
        shown = self.messages()
        if not shown:
            return await self.look()
        unseen = [name for name in MENUS if not self.scene.tally[name]]
        name = self.dice.choice(unseen or MENUS)
        self.scene.tally[name] += 1
        return await self.person.context_menu(self.channel, name, self.dice.choice(shown)), ""

    async def take_over(self) -> tuple[Any, ...]:
        """Import a LoRA, under somebody's name or none."""
        word, name = self.scene.plant(), self.target()
        return await self.slash("train import", name=name[:32] or "x", trigger_word=f"T{word}", url="fofr/flux-80s")
