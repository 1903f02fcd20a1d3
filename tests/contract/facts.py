"""What Replicate's models take, from the documents in tests/contract/facts.

They are the shared schemas without their prose: types, ranges, defaults, choices. `npm-model` is what the npm package
all-the-public-replicate-models 1.352.0 has of a model, `source` what a public repository has at the commits it names,
`page` a page of replicate.com, `community` what programs of others send; the last two name their source.
`python -m tests.contract.facts FOLDER` writes them anew from the whole ones; a test holds that they agree.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parent / "facts"
PROSE = {
    *(
        "title",
        "description",
        "x-order",
        "cover_image_url",
        "created_at",
        "default_example",
        "github_url",
        "license_url",
    ),
    *("paper_url", "run_count", "visibility", "url", "weights_url", "cog_version", "note", "info", "paths", "openapi"),
    # What every model of Replicate's has alike, and what bills say.
    *("Status", "WebhookEvent", "ValidationError", "HTTPValidationError", "PredictionRequest", "PredictionResponse"),
    *("TrainingRequest", "TrainingResponse", "TrainingOutput", "hardware"),
}


def facts(name: str) -> Any:
    """Read a document by its name."""
    return json.loads((FACTS / f"{name}.json").read_bytes())


def names() -> set[str]:
    """List the documents."""
    return {path.stem for path in FACTS.glob("*.json")}


def without_prose(document: Any) -> Any:
    """Leave out what describes and does not bind."""
    if isinstance(document, list):
        return [without_prose(each) for each in document]
    if not isinstance(document, dict):
        return document
    kept = {key: without_prose(value) for key, value in document.items() if key not in PROSE}
    named = re.search(r"Supports:? ((?:\w+, )+\w+)", str(document.get("description", "")))
    return kept | {"supports": named[1].split(", ")} if named else kept


def written(document: Any) -> str:
    """Write a document so that each field is a line."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    for leaf in (r"\[[^\[\]{}]*\]", r"\{[^{}]*\}"):
        text = re.sub(leaf, lambda found: re.sub(r"\s+", " ", found[0]), text)
    return f"{text}\n"


def main() -> None:
    """Write the documents anew."""
    for path in sorted(Path(sys.argv[1]).glob("*.json")):
        document = without_prose(json.loads(path.read_bytes()))
        (FACTS / path.name).write_text(written(document), "utf-8")


if __name__ == "__main__":
    main()
