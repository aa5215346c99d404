"""The tools over the Model Context Protocol, by stdio or HTTP. Only this file knows the SDK."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, redirect_stdout
from io import TextIOWrapper
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
import msgspec
import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from cxone_rollcall.assistants.problem import NotAnswered
from cxone_rollcall.assistants.tools import INSTRUCTIONS, TOOLS, Asking, answer
from cxone_rollcall.errors import HistoryError, RequestFailed, SettingError, kind_and_place
from cxone_rollcall.version import __version__
from cxone_rollcall.views.json import encode

PATH = "/mcp"
LARGEST_BODY = 64 * 1024
"""Bytes of a request. Arguments are short texts."""
LONGEST_FAREWELL = 1
"""Seconds for answers under way when the server ends."""


def server_of(asking: Asking, complain: Callable[[str], None]) -> Server[Any]:
    """A server with our tools. It calls `complain` with the text of an internal error."""

    async def list_tools(
        context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=_tools())

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        try:
            return _result(await answer(asking, params.name, params.arguments or {}))
        except Exception as error:  # noqa: BLE001  no traceback reaches an assistant
            return _error(_problem(error, complain))

    return Server(
        "rollcall",
        version=__version__,
        title="Rollcall",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def serve_stdio(asking: Asking, complain: Callable[[str], None]) -> None:
    """Serve one assistant on stdin and stdout until it closes stdin. Whatever else is printed goes to stderr."""
    server = server_of(asking, complain)
    stdin = _Stream(TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace"))
    # A descriptor of its own: while a write blocks, flushing sys.stdout at the end would wait for it.
    stdout = _Stream(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", newline="\n"))
    with redirect_stdout(sys.stderr):
        async with stdio_server(stdin, stdout) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


@asynccontextmanager
async def serving_http(asking: Asking, complain: Callable[[str], None], *, host: str, port: int) -> AsyncIterator[str]:
    """Serve over streamable HTTP while the block runs; yields the URL. Port 0 is any free one.

    Requests with another `Host`, or from the page of another `Origin`, are refused: a web page must not reach it by a
    name that it points to this machine (DNS rebinding). Raises `SettingError` if the address is taken.
    """
    with _listening(host, port) as listening:
        port = listening.getsockname()[1]
        names = [f"[{host}]" if ":" in host else host, "localhost", "127.0.0.1"]
        addresses = [f"{name}:{port}" for name in dict.fromkeys(names)]
        application = server_of(asking, complain).streamable_http_app(
            streamable_http_path=PATH,
            stateless_http=True,
            max_request_body_size=LARGEST_BODY,
            transport_security=TransportSecuritySettings(
                allowed_hosts=addresses, allowed_origins=[f"http://{one}" for one in addresses]
            ),
        )
        config = uvicorn.Config(
            application, log_config=None, access_log=False, timeout_graceful_shutdown=LONGEST_FAREWELL
        )
        http = _Http(config)
        running = asyncio.create_task(http.serve([listening]))
        try:
            yield f"http://{addresses[0]}{PATH}"
        finally:
            http.should_exit = True
            await running


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingError(
            f"cannot listen on {host}:{port}: {error.strerror or error}", example="--listen 127.0.0.1:0"
        ) from error


class _Http(uvicorn.Server):
    """Leaves signals to the command, which closes the client too."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


class _Stream(anyio.AsyncFile[str]):
    """Stdin or stdout. A signal ends the wait for the assistant."""

    async def readline(self) -> str:
        """The next line; "" at the end."""
        return await anyio.to_thread.run_sync(self.wrapped.readline, abandon_on_cancel=True)

    async def write(self, text: str) -> int:
        """Write a text, and return its length."""
        return await anyio.to_thread.run_sync(self.wrapped.write, text, abandon_on_cancel=True)

    async def flush(self) -> None:
        """Pass on what was written."""
        await anyio.to_thread.run_sync(self.wrapped.flush, abandon_on_cancel=True)


def _tools() -> list[types.Tool]:
    return [
        types.Tool(
            name=tool.name,
            title=tool.title,
            description=tool.about,
            input_schema=tool.input_schema,
            output_schema=tool.output_schema,
            annotations=types.ToolAnnotations(
                title=tool.title,
                read_only_hint=True,
                destructive_hint=False,
                idempotent_hint=True,
                open_world_hint=tool.asks_tenant,
            ),
        )
        for tool in TOOLS
    ]


def _result(document: msgspec.Struct) -> types.CallToolResult:
    """An answer as its summary and as JSON. The summary has no text of the tenant."""
    text = encode(document).decode()
    whole: Mapping[str, Any] = msgspec.json.decode(text)
    return types.CallToolResult(content=[_text(whole["summary"]), _text(text)], structured_content=whole)


def _error(problem: NotAnswered) -> types.CallToolResult:
    more = [] if problem.data is None else [_text(encode(problem.data).decode())]
    said = str(problem)
    said = said if said.endswith((".", "?", "}")) else f"{said}."
    return types.CallToolResult(content=[_text(said), *more], is_error=True)


def _problem(error: Exception, complain: Callable[[str], None]) -> NotAnswered:
    """Any error in our words, without what a server sent."""
    match error:
        case NotAnswered():
            return error
        case SettingError() | HistoryError():
            return NotAnswered(f"{error}. Try: {error.example}" if error.example else str(error))
        case RequestFailed():
            return NotAnswered("A request to the tenant failed, so nothing is known. Say that it is unknown")
    complain(f"internal error: {kind_and_place(error)}; please report it")
    return NotAnswered(f"Rollcall itself failed ({kind_and_place(error)}), so nothing is known. Say that it is unknown")


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)
