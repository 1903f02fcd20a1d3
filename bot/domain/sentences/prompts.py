"""What a prompt loads, and what in it FLUX does not read as its writer means it, in sentences."""

from collections.abc import Callable, Mapping, Sequence

INSTEAD = {
    "ar": "use the option `aspect_ratio`",
    "aspect": "use the option `aspect_ratio`",
    "seed": "use the option `seed`",
    "no": "describe what is to be there instead",
}
"""What takes the place of a flag of Midjourney's."""


def _flag(shown: str, flag: str) -> str:
    instead = INSTEAD.get(flag, "leave it out and describe the look in words")
    return f"FLUX knows no flags such as `{shown}`: {instead}."


def _also_fits(names: Sequence[str]) -> str:
    return f"Its trigger word also fits {', '.join(names)}; name one with `model` to choose."


SENTENCES: Mapping[str, Callable[..., str]] = {
    # What is loaded
    "trigger-added": "Added the trigger word `{word}`.".format,
    "loaded": "`{word}` loaded **{name}**.".format,
    "also-fits": _also_fits,
    "loads-beside": "For `{word}` too, add `second_lora: {name}`.".format,
    "mixed": (
        "Both answer to `{word}`, so FLUX mixes the two: train one of them again with a trigger word of its own."
    ).format,
    "not-loaded": (
        "`{word}` did not load **{name}**, as this paints like the picture before: run /imagine for that."
    ).format,
    "varied-by-other": "{model} cannot begin with a picture, so {other} varies it.".format,
    # What is not heeded
    "weights": "FLUX knows no weights such as `{shown}`: name what matters early, and in more words.".format,
    "flag": _flag,
    "negative": "FLUX knows no negative prompt and paints what it names: describe only what is to be there.".format,
    "list-of-no": ("FLUX may paint just what a list of “no …” names: describe what is to be there instead.").format,
    "too-long": (
        "This prompt has about {length} tokens, of which this model reads the first {most}: shorten it, or say what "
        "matters first."
    ).format,
    "tags": "FLUX reads sentences better than a list of tags: `/enrich` or a `preset` makes prose of it.".format,
    "harsh-guidance": (
        "Guidance {guidance:g} makes colours harsh on dev, where 2 to 3.5 suits most: lower it to 3.5 if they are."
    ).format,
}
