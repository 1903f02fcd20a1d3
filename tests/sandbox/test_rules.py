"""Every rule that docs/sandbox.md calls kept has a test that exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_kept_rule_names_a_test_that_exists() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    kept = [part.partition("\n##")[0] for part in text.split("### Kept")[1:]]
    rules = [rule for part in kept for rule in re.split(r"^- ", part, flags=re.MULTILINE)[1:]]
    assert rules
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for rule in rules:
        named = re.findall(r"`(test_\w+)`", rule)
        assert named, rule
        assert not [name for name in named if f"def {name}(" not in tests], rule
