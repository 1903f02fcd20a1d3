"""Runs language models: what they are asked, their tokens as these come, the count that is paid for."""

import re

from sandbox.prose import rewritten
from sandbox.replicate.fields import Json, filled
from sandbox.replicate.jobs import Job
from sandbox.replicate.lifecycle import Lifecycle
from sandbox.replicate.model import Model

QUEUE, PART, PARTS, FINISH = 0.15, 0.2, 4, 0.05  # seconds of the sandbox's time, and how many
PACE = 90.0  # tokens a second, from a run of Llama 3 8B
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
INSTRUCTIONS = ("system_prompt", "system_instruction")


class Writer:
    """Writes what predictions ask for."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._life = lifecycle

    async def run(self, job: Job, model: Model) -> None:
        """Write from start to the last token; the output grows meanwhile."""
        life, values = self._life, filled(model.fields, job.input)
        await life.start(job, QUEUE)
        given = _text(values)
        most = next(int(values[name]) for name in LIMITS if name in values)
        told = next((str(job.input[name]) for name in INSTRUCTIONS if job.input.get(name)), "")
        asked = given if told else subject(given)
        answer = tokens(rewritten(asked, life.habits.writing, life.state.triggers()))[:most]
        for part in range(1, PARTS + 1):
            await life.clock.sleep(PART * job.pace)
            life.give(job, answer[: len(answer) * part // PARTS], complete=part == PARTS)
        job.used = round((0.1 + len(answer) / PACE) * job.pace, 6)
        job.metrics |= {
            "input_token_count": len(tokens(f"{told}\n{given}")),
            "output_token_count": len(answer),
            "tokens_per_second": round(len(answer) / job.used, 6),
            "time_to_first_token": 0.06,
        }
        await life.clock.sleep(FINISH)


def subject(given: str) -> str:
    """Guess which part of a request with its instructions is the prompt, as a language model would see from its form.

    That is what stands in <prompt> tags, else the last paragraph without a label such as "Prompt:".
    """
    tagged = re.search(r"<(\w+)>\s*(.*?)\s*</\1>", given, re.DOTALL)
    last = tagged[2] if tagged else given.strip().rpartition("\n\n")[2]
    return re.sub(r"^\s*[\w ]{0,30}prompt:\s*", "", last, flags=re.IGNORECASE)


def tokens(text: str) -> list[str]:
    """Cut a text into pieces about as long as a language model's; joined they are the text again."""
    return re.findall(r"\s*\w{1,8}|\s*[^\w\s]|\s+", text)


def _text(values: Json) -> str:
    messages: list[Json] = values.get("messages") or []
    if messages:
        return str(messages[-1].get("content", ""))
    return str(values.get("prompt") or "")
