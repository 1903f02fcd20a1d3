"""README, .env.example and Makefile say what the code says: the same variables, commands and targets."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
READ_BY_LIBRARIES = {"HTTPS_PROXY", "SSL_CERT_FILE"}

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def variables_read(source: str) -> set[str]:
    strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return {string for string in strings if isinstance(string, str) and VARIABLE.fullmatch(string)}


def variables_explained(example: str) -> set[str]:
    """Collect the variables whose paragraph says in a comment what they are for."""
    assignment = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]*)=", re.MULTILINE)
    paragraphs = [part for part in example.split("\n\n") if re.search(r"^# [A-Z][a-z A-Z].*\.$", part, re.MULTILINE)]
    return {name for paragraph in paragraphs for name in assignment.findall(paragraph)}


def keyword(call: ast.Call | ast.ClassDef, name: str) -> str | None:
    values = [each.value for each in call.keywords if each.arg == name]
    return (
        values[0].value if values and isinstance(values[0], ast.Constant) and isinstance(values[0].value, str) else None
    )


def commands_of(source: str) -> Iterator[str]:
    """Name the slash commands of one cog, with their group: `models list`."""
    for cog in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)):
        group = keyword(cog, "group_name")
        below = dict(filter(None, map(group_below, cog.body)))
        for function in (node for node in cog.body if isinstance(node, ast.AsyncFunctionDef)):
            for mark in (node for node in function.decorator_list if isinstance(node, ast.Call)):
                owner, _, kind = ast.unparse(mark.func).rpartition(".")
                if kind == "command" and owner in {"app_commands", *below}:
                    yield " ".join(filter(None, (group, below.get(owner), keyword(mark, "name") or function.name)))


def group_below(node: ast.stmt) -> tuple[str, str | None] | None:
    """Read `budget = app_commands.Group(name="budget")` in a cog: what it is called there, and by members."""
    match node:
        case ast.Assign(targets=[ast.Name(name)], value=ast.Call() as call) if ast.unparse(call.func).endswith(
            ".Group"
        ):
            return name, keyword(call, "name")
        case _:
            return None


def test_every_variable_that_the_settings_read_is_explained():
    read = variables_read((ROOT / "bot" / "settings" / "__init__.py").read_text("utf-8"))
    assert {"DISCORD_TOKEN", "REPLICATE_API_TOKEN"} <= read
    assert read - variables_explained(EXAMPLE) == set()
    assert read - set(VARIABLE.findall(README)) == set()


def test_no_variable_is_explained_that_nothing_reads():
    read = READ_BY_LIBRARIES.union(*(variables_read(path.read_text("utf-8")) for path in (ROOT / "bot").rglob("*.py")))
    assert variables_explained(EXAMPLE) - read == set()


def test_the_commands_of_the_readme_are_those_of_the_cogs():
    real = {command for path in (ROOT / "cogs").glob("*.py") for command in commands_of(path.read_text("utf-8"))}
    assert set(re.findall(r"^\| `/([a-z ]+)` \|", README, re.MULTILINE)) == real
    groups = {command.partition(" ")[0] for command in real}
    assert set(re.findall(r"`/([a-z ]+)`", README)) <= real | groups


def test_the_make_targets_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    code = "\n".join(re.findall(r"`[^`\n]+`|^ {4}.+", README, re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", code))
    assert {"demo", "run", "test"} <= named <= targets


def test_the_links_of_the_readme_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-sandbox.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_by_hash_and_names_no_address(name: str):
    lock = (ROOT / name).read_text("utf-8")
    assert re.findall(r"^\s*-(?!-hash=sha256:).*|\w+://.*|file:.*| @ .*", lock, re.MULTILINE) == []
    packages = re.split(r"\n(?=[a-z0-9])", re.sub(r"^ *#.*\n", "", lock, flags=re.MULTILINE).strip())
    assert len(packages) > 10
    assert [each for each in packages if not re.match(r"[\w.-]+==\S+.*\\\n +--hash=sha256:[0-9a-f]{64}", each)] == []


def test_the_readers_of_this_file_find_what_they_look_for():
    assert variables_read('A = "ONE_TWO"\nb = env.get("THREE_4", "INFO")') == {"ONE_TWO", "THREE_4"}
    assert variables_explained("# What it is for.\n# ONE_TWO=3\n\n# THREE_FOUR=\n") == {"ONE_TWO"}
    cog = """
class Train(commands.GroupCog, group_name="train"):
    @app_commands.command(name="zip")
    async def from_zip(self): ...
class Jobs(commands.Cog):
    @app_commands.command()
    async def jobs(self): ...
    @app_commands.autocomplete()
    async def names(self): ...
class Team(commands.GroupCog, group_name="team"):
    budget = app_commands.Group(name="budget", description="")
    @budget.command(name="set")
    async def set_it(self): ...
"""
    assert set(commands_of(cog)) == {"train zip", "jobs", "team budget set"}


PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
QUOTED = re.findall(r"`([^`]+)`", PAGE)


def test_the_page_of_the_code_names_every_room():
    rooms = {f"bot/{path.name}/" for path in (ROOT / "bot").iterdir() if (path / "__init__.py").exists()}
    files = {f"bot/{path.name}" for path in (ROOT / "bot").glob("*.py")} - {"bot/__init__.py"}
    assert rooms | files | {"cogs/", "sandbox/"} <= set(QUOTED)


def test_the_page_of_the_code_names_nothing_that_is_not_there():
    paths = {name for name in QUOTED if "/" in name and not name.startswith("/")}
    assert [name for name in sorted(paths) if not (ROOT / name).exists()] == []
    source = "".join(path.read_text("utf-8") for part in ("bot", "cogs") for path in (ROOT / part).rglob("*.py"))
    classes = {name for name in QUOTED if re.fullmatch(r"[A-Z][a-z]+(?:[A-Z][a-z]+)*", name)}
    assert {"FineTune", "Notice"} <= classes
    assert [name for name in sorted(classes) if f"class {name}" not in source] == []
    methods = [name.split(".") for name in QUOTED if re.fullmatch(r"[A-Z]\w+\.[a-z]\w+", name)]
    assert [name for name in methods if f"class {name[0]}" not in source or f"def {name[1]}(" not in source] == []
