"""What a tour leaves behind: a folder with every picture that was seen, and transcript.json; judges nothing."""

import json
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from sandbox.discord import File, Message, Person
from sandbox.discord.live import Payload


class Transcript:
    """Writes down steps as they are made, each with the messages that were seen in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._steps: list[Payload] = []
        self._kept: dict[tuple[int, bytes], str] = {}  # message and picture -> its file
        self._began = time.monotonic()

    def step(self, what: str, messages: Sequence[Message], people: Sequence[Person]) -> None:
        """Note a step that was seen, with its messages as they are now, and print its line."""
        number, seconds = len(self._steps) + 1, time.monotonic() - self._began
        seen = [self._describe(message, people, f"{number:02}") for message in messages]
        self._steps.append({"step": number, "what": what, "seconds": round(seconds, 1), "seen": seen})
        print(f"{number:2}. {what} ({seconds:.1f} s)", flush=True)

    def close(self, messages: Iterable[Message], people: Sequence[Person], not_seen: str | None) -> None:
        """Write transcript.json: the steps, every message as it is at the end, and what was not seen, if anything."""
        whole = {
            "seen": not_seen is None,
            "not_seen": not_seen,
            "steps": self._steps,
            "messages": [self._describe(message, people, "end") for message in messages],
        }
        text = json.dumps(whole, indent=2, ensure_ascii=False)
        (self.folder / "transcript.json").write_text(text + "\n", encoding="utf-8")

    def _describe(self, message: Message, people: Sequence[Person], prefix: str) -> Payload:
        return {
            "id": str(message.id),
            "author": message.author,
            "seen_by": [person.name for person in people if person.sees(message)],
            "notifies": [person.name for person in people if person.id in message.pinged],
            "text": message.text,
            "buttons": [button.label for button in message.buttons],
            "pictures": [self._keep(file, message, prefix) for file in message.pictures],
        }

    def _keep(self, file: File, message: Message, prefix: str) -> Payload:
        key = message.id, file.data
        if key not in self._kept:
            # A name that a bot chose becomes no path.
            self._kept[key] = re.sub(r"[^\w.-]", "_", f"{prefix}-{file.name}")
            (self.folder / self._kept[key]).write_bytes(file.data)
        return {"file": self._kept[key], "description": file.alt}
