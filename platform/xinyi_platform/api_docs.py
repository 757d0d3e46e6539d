"""The OpenAPI document: at /schema/openapi.json, with the security schemes of each kind of caller."""

from __future__ import annotations

from litestar import Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag

from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.settings import Settings


def openapi_config(settings: Settings) -> OpenAPIConfig:
    """Return the document's settings. No viewer is served: one that loads from elsewhere breaks the CSP."""
    return OpenAPIConfig(
        title=f"{settings.city_name} 信易+ Xinyi+",
        version="1",
        description="Good public credit becomes everyday benefits, with reasons. Errors are RFC 9457 problems.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        openapi_router=Router("/schema", route_handlers=[], guards=[Allow(Anyone)], include_in_schema=False),
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
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
