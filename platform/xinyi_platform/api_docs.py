"""The OpenAPI document: at /schema/openapi.json, with who may call what, problem answers and examples.

The framework draws paths and schemas. What follows from this house's own rules is added here, in one place for
every operation: the guard becomes the security requirement, errors are RFC 9457 problems, bodies have examples.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cached_property
from typing import Any, get_args

import msgspec
from litestar import Litestar, Request, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.routes import HTTPRoute

from xinyi_platform.principals import Allow, Anyone, Partner, Resident, Staff
from xinyi_platform.settings import Settings

Json = dict[str, Any]

_SCHEMES: dict[type[Any], str] = {Resident: "residentToken", Partner: "partnerToken", Staff: "staffSession"}
_PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `detail` is for people, by Accept-Language; more members may follow.",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/problems/not_found"]},
        "title": {"type": "string", "examples": ["not found"]},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "examples": ["没有找到您要的内容。"]},
        "instance": {"type": "string", "examples": ["/api/v1/entitlements/0192f0c1-7c5e-7000-8000-000000000000"]},
        "code": {"type": "string", "examples": ["not_found"]},
    },
}
_MEANINGS = {
    "400": "The request cannot be read, or a field is wrong",
    "401": "Not signed in, or the token has expired",
    "403": "Signed in, and may not do this",
    "404": "Nothing here by that name, or another person's",
    "409": "The current state does not allow it, or the first request with this key still runs",
    "413": "The body is too large",
    "422": "Understood, and cannot be done; also an Idempotency-Key that was used for another request",
    "429": "Too many requests; Retry-After says when",
    "503": "A part that this needs does not answer",
}
_SAMPLES: Json = {"number": 1, "boolean": False, "array": [], "object": {}}
_FORMATS = {"date": "2026-11-23", "date-time": "2026-11-23T02:00:00Z", "uuid": "0192f0c1-7c5e-7000-8000-000000000000"}


def openapi_config(settings: Settings) -> OpenAPIConfig:
    """Return the document's settings. No viewer is served: one that loads from elsewhere breaks the CSP."""
    return OpenAPIConfig(
        title=f"{settings.city_name} 信易+ Xinyi+",
        version="1",
        description="Good public credit becomes everyday benefits, with reasons. Errors are RFC 9457 problems.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        openapi_router=Router("/schema", route_handlers=[], guards=[Allow(Anyone)], include_in_schema=False),
        render_plugins=[FinishedDocument(path="/openapi.json")],
        use_handler_docstrings=True,
        tags=[
            Tag(name="scenarios", description="信易+ scenes and verdicts with their reasons"),
            Tag(name="entitlements", description="What a resident claimed, and its code"),
            Tag(name="partner", description="Machine clients: redemptions and deposit-free orders"),
            Tag(name="merchants", description="Public facts of a merchant, and complaints"),
            Tag(name="honor-lists", description="Published lists"),
        ],
        components=Components(
            security_schemes={
                "residentToken": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                "partnerToken": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT"),
                "staffSession": SecurityScheme(type="apiKey", name="xinyi_console", security_scheme_in="cookie"),
            }
        ),
    )


class FinishedDocument(JsonRenderPlugin):
    """Serves the framework's document with this house's rules added; drawn once."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        self._drawn = openapi_schema, request.app
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        return msgspec.json.encode(finish_document(*self._drawn))


def finish_document(drawn: Json, app: Litestar) -> Json:
    """Return the document with summary, security, problem answers and examples on every operation."""
    document = copy.deepcopy(drawn)
    schemas: Json = document["components"].setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    for path, method, handler in _operations(app):
        operation = document["paths"].get(path, {}).get(method)
        if operation is not None:
            _finish_operation(operation, handler, schemas, method=method, path=path)
    return document


def _operations(app: Litestar) -> Iterator[tuple[str, str, Any]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods:
                    yield route.path_format, method.lower(), handler


def _finish_operation(operation: Json, handler: Any, schemas: Json, *, method: str, path: str) -> None:
    if " " not in operation.get("summary", ""):  # the handler's name, where nobody wrote one
        operation["summary"] = operation["description"].partition(".")[0].partition("\n")[0]
    guards = [getattr(guard, "func", guard) for guard in handler.resolve_guards()]
    names = [_SCHEMES[kind] for guard in guards for kind in guard.kinds if kind in _SCHEMES]
    operation["security"] = [{name: []} for name in names]
    body = operation.get("requestBody")
    if body:
        _finish_body(body, handler, schemas)
    for status in _problem_statuses(method, path, is_guarded=bool(names), has_body=bool(body)):
        operation["responses"][status] = {
            "description": _MEANINGS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _problem_statuses(method: str, path: str, *, is_guarded: bool, has_body: bool) -> list[str]:
    writes = method != "get"
    wanted = {"400": True, "401": is_guarded or writes, "403": is_guarded, "404": "{" in path, "409": writes}
    wanted |= {"413": has_body, "422": writes, "429": True, "503": True}
    return [status for status, is_wanted in wanted.items() if is_wanted]


def _finish_body(body: Json, handler: Any, schemas: Json) -> None:
    annotation = handler.parsed_fn_signature.parameters["data"].annotation
    for kind in (annotation, *get_args(annotation)):
        config = getattr(kind, "__struct_config__", None)
        if config is not None and config.forbid_unknown_fields and kind.__name__ in schemas:
            schemas[kind.__name__]["additionalProperties"] = False
    content = body["content"].get("application/json")
    if content is not None:
        content.setdefault("examples", {"example": {"value": example_of(content["schema"], schemas)}})


def example_of(schema: Json, schemas: Json) -> Any:
    """Return a value that fits a schema: what it names as an example or default, else the plainest one."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    if "default" in schema:
        return schema["default"]
    for name in ("oneOf", "anyOf", "allOf"):
        if name in schema:
            return example_of(schema[name][0], schemas)
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else next(one for one in kinds if one != "null")
    if "properties" in schema:
        shown = set(schema.get("required", ())) | {n for n, s in schema["properties"].items() if "examples" in s}
        return {n: example_of(s, schemas) for n, s in schema["properties"].items() if n in shown}
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "示例文字内容")
    return max(1, int(schema.get("minimum", 0))) if kind == "integer" else _SAMPLES[kind]
