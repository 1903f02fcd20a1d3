"""A Hugging Face on this machine, as far as trainers and their copies go: repositories, private or public."""

from aiohttp import web


class Hub:
    """The repositories of models by name, forgotten when the world ends."""

    def __init__(self) -> None:
        self.private: dict[str, bool] = {}
        self.revoked: set[str] = set()

    def app(self) -> web.Application:
        """Build the application behind huggingface.co."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/api/repos/create", self._create),
                web.get("/api/models/{owner}/{name}", self._show),
            ]
        )
        return app

    def push(self, repository: str) -> None:
        """Take an upload of the trainer, which makes a repository public unless it is there."""
        self.private.setdefault(repository, False)

    async def _create(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return web.json_response({"error": "Invalid username or password."}, status=401)
        wish = await request.json()
        repository = f"{wish['organization']}/{wish['name']}"
        if repository in self.private:
            return web.json_response({"error": "You already created this model repo"}, status=409)
        self.private[repository] = bool(wish.get("private"))
        return web.json_response({"url": f"https://huggingface.co/{repository}", "name": repository})

    async def _show(self, request: web.Request) -> web.Response:
        repository = f"{request.match_info['owner']}/{request.match_info['name']}"
        private = self.private.get(repository)
        if private is None or (private and not self._knows(request)):
            return web.json_response({"error": "Repository not found"}, status=404 if self._knows(request) else 401)
        return web.json_response({"id": repository, "private": private})

    def _knows(self, request: web.Request) -> bool:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return bool(token) and token not in self.revoked
