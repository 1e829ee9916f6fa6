"""The SDK's server and client, in the revision of 2025 with sessions and in that of 2026 without."""
import asyncio
import json

from mcp.client.client import Client
from mcp.server.mcpserver import MCPServer

from serving import asgi


def server():
    mcp = MCPServer("shop")

    @mcp.tool()
    def get_weather(city: str) -> str:
        return f"fine in {city}"

    @mcp.tool()
    def add_order(id: int) -> int:
        if id < 0:
            raise ValueError("no such order")
        return id

    @mcp.prompt()
    def greet(name: str) -> str:
        return f"Greet {name}"

    @mcp.resource("greeting://{name}")
    def greeting(name: str) -> str:
        return f"Hello, {name}"

    return mcp


def watched(app, truth):
    """Says what the server was asked: the SDK has no log of it. A tool's own failure is in its answer."""

    async def wrapped(scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "POST":
            return await app(scope, receive, send)
        asked, answered = [], []

        async def received():
            message = await receive()
            asked.append(message.get("body", b""))
            return message

        async def sent(message):
            answered.append(message.get("body", b""))
            await send(message)

        await app(scope, received, sent)
        message, answer = json.loads(b"".join(asked)), b"".join(answered)
        method, params = message["method"], message.get("params") or {}
        name = {"tools/call": f" {params.get('name')}", "prompts/get": f" {params.get('name')}",
                "resources/read": f" {str(params.get('uri')).split(':')[0]}:"}.get(method, "")
        kind = "call" if "id" in message else "notification"
        truth.add("POST /mcp", f"mcp {kind} {method}{name}", b'"isError":true' in answer)

    return wrapped


async def ask(url, mode):
    async with Client(url, mode=mode) as client:
        await client.list_tools()
        for city in ("Rome", "Oslo"):
            await client.call_tool("get_weather", {"city": city})
        await client.call_tool("add_order", {"id": 4})
        await client.call_tool("add_order", {"id": -4})
        await client.list_prompts()
        await client.get_prompt("greet", {"name": "Ann"})
        await client.list_resource_templates()
        await client.read_resource("greeting://ann")


def run(port, truth, mode, json_response):
    with asgi(watched(server().streamable_http_app(json_response=json_response), truth), port):
        asyncio.run(ask(f"http://127.0.0.1:{port}/mcp", mode))
