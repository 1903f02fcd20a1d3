"""What people do in the sweep: each scenario prepares, acts once, and says when its wish was accepted and fulfilled."""

from typing import Protocol

from tests.sweep.scene import Scene


class Scenario(Protocol):
    """One wish of a person; only what follows `act` is faulty."""

    async def prepare(self, scene: Scene) -> None:
        """Bring about what the wish is about."""
        ...

    async def act(self, scene: Scene) -> None:
        """Wish, as a person does; once more when it was not accepted."""
        ...

    def accepted(self, scene: Scene) -> bool:
        """Say whether the bot has taken the wish on."""
        ...

    def fulfilled(self, scene: Scene) -> bool:
        """Say whether at the end everything is as it was wished."""
        ...


class Imagine:
    """Two pictures of plain FLUX."""

    async def prepare(self, scene: Scene) -> None:
        """Nothing is needed."""

    async def act(self, scene: Scene) -> None:
        await scene.world.alice.slash(scene.channel, "imagine", prompt=f"a lighthouse, number {scene.run}", count=2)

    def accepted(self, scene: Scene) -> bool:
        return bool(scene.new_rows("generations"))

    def fulfilled(self, scene: Scene) -> bool:
        return all(row["state"] == "succeeded" for row in scene.new_rows("generations"))


class Edit(Imagine):
    """A picture made of one that is attached: it is fetched, kept, uploaded, and painted from."""

    async def act(self, scene: Scene) -> None:
        instruction = f"make it night, number {scene.run}"
        await scene.world.alice.slash(scene.channel, "picture edit", picture=scene.photo, instruction=instruction)


class Compare:
    """One prompt on two models, from Paint all to the sheet."""

    async def prepare(self, scene: Scene) -> None:
        prompt = f"a lighthouse, number {scene.run}"
        await scene.world.alice.slash(scene.channel, "compare", prompt=prompt, model="schnell", model2="dev")
        self._offer = await scene.message("paint-all")

    async def act(self, scene: Scene) -> None:
        await scene.press(self._offer, "paint-all")

    def accepted(self, scene: Scene) -> bool:
        return bool(scene.new_rows("comparisons"))

    def fulfilled(self, scene: Scene) -> bool:
        return all(row["state"] == "succeeded" for row in scene.new_rows("comparisons"))


class Enrich:
    """A few words that a language model makes prose of."""

    async def prepare(self, scene: Scene) -> None:
        """Nothing is needed."""

    async def act(self, scene: Scene) -> None:
        await scene.world.alice.slash(scene.channel, "enrich", prompt=f"a lighthouse, number {scene.run}")

    def accepted(self, scene: Scene) -> bool:
        return bool(scene.new_rows("enrichments"))

    def fulfilled(self, scene: Scene) -> bool:
        return all(row["state"] == "succeeded" for row in scene.new_rows("enrichments"))


class Train:
    """A training, from Start to the model card with its sample sheet."""

    async def prepare(self, scene: Scene) -> None:
        await scene.world.alice.slash(
            scene.channel,
            "train zip",
            zip=("photos.zip", scene.photos),
            name=f"anna-{scene.run}",
            trigger_word=f"ZIKI{scene.run}",
        )
        self._report = await scene.message("start")

    async def act(self, scene: Scene) -> None:
        await scene.press(self._report, "start")

    def accepted(self, scene: Scene) -> bool:
        return bool(scene.new_rows("trainings"))

    def fulfilled(self, scene: Scene) -> bool:
        return all(row["state"] == "succeeded" for row in scene.new_rows("trainings"))


class CancelGeneration:
    """Cancel below a generation that Replicate works on."""

    table = "generations"

    async def prepare(self, scene: Scene) -> None:
        scene.world.replicate.habits.stuck = "processing"
        await self._begin(scene)
        self._status = await scene.message("cancel")
        assert await scene.until(lambda: self._runs(scene))
        scene.world.replicate.habits.stuck = None

    async def _begin(self, scene: Scene) -> None:
        await Imagine().act(scene)

    def _runs(self, scene: Scene) -> bool:
        jobs = scene.world.replicate.state.jobs
        known = [row["remote_id"] for row in scene.new_rows(self.table)]
        return any(remote_id and jobs[remote_id].status == "processing" for remote_id in known)

    async def act(self, scene: Scene) -> None:
        await scene.press(self._status, "cancel")

    def accepted(self, scene: Scene) -> bool:
        return any(row["cancel_requested"] or row["ended_at"] for row in scene.new_rows(self.table))

    def fulfilled(self, scene: Scene) -> bool:
        remote = scene.world.replicate.state.jobs[scene.created()[0].id]
        return remote.status == "canceled" and scene.new_rows(self.table)[0]["state"] == "canceled"


class CancelTraining(CancelGeneration):
    """Cancel below a training that Replicate works on."""

    table = "trainings"

    async def _begin(self, scene: Scene) -> None:
        training = Train()
        await training.prepare(scene)
        await training.act(scene)


class DeleteModel:
    """Delete a fine-tune, here and at Replicate."""

    async def prepare(self, scene: Scene) -> None:
        training = Train()
        await training.prepare(scene)
        await training.act(scene)
        await scene.message("try")
        assert await scene.until(lambda: not scene.unsettled())
        self._known = {row["id"] for row in scene.rows("fine_tunes")}
        self._destination = scene.created()[0].destination
        await scene.world.alice.slash(scene.channel, "models delete", name=f"anna-{scene.run}")
        self._question = await scene.message("drop")

    async def act(self, scene: Scene) -> None:
        await scene.press(self._question, "drop")

    def accepted(self, scene: Scene) -> bool:
        rows = {row["id"]: row for row in scene.rows("fine_tunes")}
        return any(rows.get(known, {"deleted_at": 1})["deleted_at"] for known in self._known)

    def fulfilled(self, scene: Scene) -> bool:
        return self._destination not in scene.world.replicate.state.models and not scene.rows("versions")


class DeletePictures:
    """Delete below a result: the pictures, not the generation."""

    async def prepare(self, scene: Scene) -> None:
        await Imagine().act(scene)
        self._result = await scene.message("delete")
        assert await scene.until(lambda: not scene.unsettled())
        self._files = [scene.data / row["path"] for row in self._rows(scene)]
        assert len(self._files) == 2
        assert all(path.exists() for path in self._files)

    async def act(self, scene: Scene) -> None:
        await scene.press(self._result, "delete")

    def accepted(self, scene: Scene) -> bool:
        return not self._rows(scene) and not any(path.exists() for path in self._files)

    def fulfilled(self, scene: Scene) -> bool:
        return self.accepted(scene)

    def _rows(self, scene: Scene) -> list[dict[str, str]]:
        mine = {row["id"] for row in scene.new_rows("generations")}
        return [row for row in scene.rows("pictures") if row["generation_id"] in mine]


SCENARIOS: dict[str, type[Scenario]] = {
    "train": Train,
    "imagine": Imagine,
    "cancel a generation": CancelGeneration,
    "cancel a training": CancelTraining,
    "delete a model": DeleteModel,
    "delete pictures": DeletePictures,
    "compare": Compare,
    "edit a picture": Edit,
    "enrich": Enrich,
}
