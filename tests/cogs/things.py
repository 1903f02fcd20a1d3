"""Things for tests: each with sensible values, any of which a test may change."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.dataset.report import Finding, LeftOut, Picture, Report
from bot.domain import entities
from bot.domain.catalog import FINE_TUNE_DEV
from bot.domain.entities import (
    Batch,
    Comparison,
    Dataset,
    Enrichment,
    FineTune,
    Generation,
    JobState,
    Kind,
    Plan,
    Recipe,
    Search,
    Selection,
    Training,
    Version,
)
from bot.domain.policy import Budgets
from bot.domain.team import Team, TeamBudget, Whom
from bot.views.drafts import Draft
from bot.views.fine_tunes import Card
from bot.views.gallery import Find, GalleryPage
from bot.views.jobs import Allowance
from bot.views.outcomes import Painted, Trained
from bot.views.team import TeamMoney

GUILD, OWNER, CHANNEL = 11, 22, 33
NOW = 1_790_000_000.0


def plan(**changes: Any) -> Plan:
    return replace(Plan(name="anna", trigger_word="ZIKI"), **changes)


def fine_tune(**changes: Any) -> FineTune:
    return replace(
        FineTune(
            id=7,
            guild_id=GUILD,
            owner_id=OWNER,
            name="anna",
            trigger_word="ZIKI",
            kind=Kind.SUBJECT,
            destination="acme/anna",
            created_at=NOW,
        ),
        **changes,
    )


def version(number: int = 1) -> Version:
    return Version(fine_tune_id=7, number=number, remote=f"acme/anna:{number:064d}", training_id="5", created_at=NOW)


def card(*numbers: int, **changes: Any) -> Card:
    made = Card(
        fine_tune=fine_tune(),
        versions=[version(number) for number in numbers or (1,)],
        generations=3,
        mine=True,
        training=None,
    )
    return replace(made, **changes)


def recipe(**changes: Any) -> Recipe:
    return replace(
        Recipe(
            prompt="ZIKI on a beach",
            model=FINE_TUNE_DEV.key,
            remote=f"acme/anna:{1:064d}",
            count=2,
            seed=42,
            settings=FINE_TUNE_DEV.choose({}),
            fine_tune="anna",
        ),
        **changes,
    )


def generation(**changes: Any) -> Generation:
    made = Generation(
        id="1300000000000000001",
        guild_id=GUILD,
        owner_id=OWNER,
        channel_id=CHANNEL,
        fine_tune_id=7,
        estimate=16_000,
        created_at=NOW,
        recipe=recipe(),
        version=2,
    )
    return replace(made, **changes)


def batch(*prompts: str, **changes: Any) -> Batch:
    made = [
        generation(id=f"1300000000000000007p{n}", recipe=recipe(prompt=prompt))
        for n, prompt in enumerate(prompts or ("a red fox", "a blue fox"), 1)
    ]
    basic = Batch(
        id="1300000000000000007",
        guild_id=GUILD,
        owner_id=OWNER,
        channel_id=CHANNEL,
        wishes=tuple(made),
        created_at=NOW,
    )
    return replace(basic, **changes)


def comparing(**changes: Any) -> Batch:
    """Have a comparison of two LoRA scales that waits for Paint all."""
    basic = batch("ZIKI on a beach", "ZIKI on a beach")
    wishes = tuple(replace(wish, parent_id=basic.id) for wish in basic.wishes)
    labels = ("LoRA scale 0.8", "LoRA scale 1.0")
    return replace(basic, wishes=wishes, comparison=comparison(id=basic.id, labels=labels), **changes)


def comparison(**changes: Any) -> Comparison:
    made = Comparison(
        id="1300000000000000012",
        guild_id=GUILD,
        owner_id=OWNER,
        channel_id=CHANNEL,
        estimate=24_400,
        created_at=NOW,
        prompt="ZIKI on a beach",
        labels=("anna", "FLUX.1 dev"),
    )
    return replace(made, **changes)


def enrichment(**changes: Any) -> Enrichment:
    made = Enrichment(
        id="1300000000000000008",
        guild_id=GUILD,
        owner_id=OWNER,
        channel_id=CHANNEL,
        message_id=44,
        estimate=10_000,
        created_at=NOW,
        prompt="a fox “HI”",
        preset="poster",
        model="meta/llama",
    )
    return replace(made, **changes)


def selection(**changes: Any) -> Selection:
    made = Selection(
        id="1300000000000000006",
        guild_id=GUILD,
        owner_id=OWNER,
        channel_id=CHANNEL,
        paths=("sources/1300000000000000006/image-1.png",),
        created_at=NOW,
    )
    return replace(made, **changes)


def finished(**changes: Any) -> Generation:
    done = {"state": JobState.SUCCEEDED, "cost": 15_500, "started_at": NOW, "ended_at": NOW + 4.24}
    return generation(**(done | changes))


def training(**changes: Any) -> Training:
    made = Training(
        id="1300000000000000005",
        guild_id=GUILD,
        owner_id=OWNER,
        channel_id=CHANNEL,
        fine_tune_id=7,
        estimate=1_900_000,
        created_at=NOW,
        plan=plan(),
        sha256="0" * 64,
    )
    return replace(made, **changes)


def trained(**changes: Any) -> Training:
    done = {"state": JobState.SUCCEEDED, "cost": 1_830_000, "started_at": NOW, "ended_at": NOW + 1260}
    return training(**(done | changes))


def pictures(folder: Path, count: int, of: Generation) -> list[tuple[entities.Picture, Path]]:
    made: list[tuple[entities.Picture, Path]] = []
    for number in range(1, count + 1):
        path = folder / f"{of.id}-{number}.webp"
        path.write_bytes(b"RIFF" + bytes([number]) * 60)
        row = entities.Picture(
            generation_id=of.id,
            number=number,
            path=path.name,
            media_type="image/webp",
            width=1024,
            height=1024,
            size=path.stat().st_size,
        )
        made.append((row, path))
    return made


def painted(folder: Path, count: int = 2, **changes: Any) -> Painted:
    job = finished(**changes)
    return Painted(generation=job, fine_tune=fine_tune(), pictures=pictures(folder, count, job))


def outcome(folder: Path, **changes: Any) -> Trained:
    samples = [
        painted(folder, 1, id=f"130000000000000010{n}", recipe=recipe(prompt=f"sample {n} of ZIKI", count=1))
        for n in range(4)
    ]
    return Trained(training=trained(**changes), fine_tune=fine_tune(), version=version(2), samples=samples)


def report(**changes: Any) -> Report:
    made = Report(
        pictures=tuple(Picture(name=f"IMG_{n}.jpg", width=1600, height=1200) for n in range(1, 13)),
        left_out=(LeftOut("notes.pdf", "not_image"),),
        findings=(Finding("duplicate", (2, 5)),),
    )
    return replace(made, **changes)


def draft(folder: Path, dataset_id: str = "1300000000000000009", **changes: Any) -> Draft:
    sheet = folder / f"{dataset_id}.sheet"
    sheet.write_bytes(b"\xff\xd8\xff" + bytes(50))
    dataset = Dataset(
        id=dataset_id,
        guild_id=GUILD,
        owner_id=OWNER,
        channel_id=CHANNEL,
        plan=plan(),
        report={},
        archive=f"datasets/{dataset_id}.zip",
        sha256="0" * 64,
        estimate=1_900_000,
        created_at=NOW,
    )
    made = Draft(dataset=dataset, report=report(), contact_sheet=sheet, seconds=1200.0, version=2, is_new=False)
    return replace(made, **changes)


def allowance(**changes: Any) -> Allowance:
    made = Allowance(member_spent=1_000_000, member_budget=5_000_000, guild_spent=2_000_000, guild_budget=50_000_000)
    return replace(made, **changes)


def team_money(**changes: Any) -> TeamMoney:
    budgets = [
        TeamBudget(guild_id=GUILD, whom=Whom.MEMBER, whom_id=OWNER, amount=7_000_000),
        TeamBudget(guild_id=GUILD, whom=Whom.ROLE, whom_id=88, month="2026-11", amount=2_000_000),
    ]
    made = TeamMoney(
        month="2026-11",
        team=Team(budgets=budgets),
        budget=50_000_000,
        usual=Budgets(member=5_000_000, guild=100_000_000),
        spent={OWNER: 1_500_000, 4242: 500_000},
    )
    return replace(made, **changes)


def gallery_page(*finds: Find, **changes: Any) -> GalleryPage:
    search = Search(id="1300000000000000006", guild_id=GUILD, owner_id=OWNER, words="red fo", created_at=NOW)
    return replace(GalleryPage(search=search, fine_tune=None, finds=finds, older=None, newer=None), **changes)


def find(folder: Path, **changes: Any) -> Find:
    told = {"message_id": 44, "delivered": "message"}
    return Find(painted=painted(folder, **(told | changes)), mine=True, thumbnail=b"small")
