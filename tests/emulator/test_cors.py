"""Web pages may use the API if allowed, never the control path."""

from typing import Any

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import

PAGE = {"Origin": "https://app.example.com"}
ASKED = {**PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


async def test_a_page_may_use_the_api(published: Visit) -> None:
    """A browser's question is answered, and the page may read every answer."""
    async with published("rate-limit=rate=1000,at=states", cors=True) as visitor:
        question = await visitor.ask("OPTIONS", f"{visitor.base}agents", headers=ASKED, token="")
        assert (question.status, question.headers["access-control-allow-headers"]) == (204, "authorization")
        assert question.headers["access-control-allow-origin"] == "*"
        for token, status in ((visitor.token, 200), ("wrong", 401)):
            reply = await visitor.get("agents?top=1", headers=PAGE, token=token)
            assert (reply.status, reply.headers["access-control-allow-origin"]) == (status, "*")
        program = await visitor.get("agents?top=1")
        assert "access-control-allow-origin" not in program.headers


async def test_the_control_path_refuses_pages(published: Visit) -> None:
    """The control path refuses web pages whatever the setting."""
    async with published(cors=True) as visitor:
        reply = await visitor.ask("GET", "/_emulator/world", headers=PAGE)
        assert reply.status == 403
        assert "access-control-allow-origin" not in reply.headers


async def test_no_page_by_default(published: Visit) -> None:
    """By default no web page may use the API."""
    async with published() as visitor:
        assert (await visitor.ask("OPTIONS", f"{visitor.base}agents", headers=ASKED)).status == 405
        assert "access-control-allow-origin" not in (await visitor.get("agents", headers=PAGE)).headers
