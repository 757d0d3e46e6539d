"""Turning a template and its values into a page in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context
from litestar.connection import Request
from litestar.enums import MediaType
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup

from xinyi_platform.features import Feature
from xinyi_platform.language import Language, Text, language_of
from xinyi_platform.masking import mask_identity_number, mask_name, mask_phone
from xinyi_platform.principals import caller_of
from xinyi_platform.settings import Settings
from xinyi_platform.web import charts, formatting
from xinyi_platform.web.assets import asset_url
from xinyi_platform.web.navigation import navigation_of

AnyRequest = Request[Any, Any, Any]


def template_config(features: Sequence[Feature], settings: Settings) -> TemplateConfig[JinjaTemplateEngine]:
    """Return the engine that finds the templates of all features, the host's first."""
    folders: list[Path] = [folder for feature in features for folder in feature.template_folders]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=settings.debug,
        cache_size=-1,
    )
    environment.filters.update(
        text=_read_text,
        local_time=formatting.local_time,
        local_date=_local_date,
        yuan=formatting.yuan,
        mask_phone=mask_phone,
        mask_name=mask_name,
        mask_identity_number=mask_identity_number,
    )
    environment.globals.update(
        t=_translate,
        language=_language,
        reader=_reader,  # `caller` is Jinja's own word inside macros
        csrf_field=_csrf_field,
        navigation=_navigation,
        asset=asset_url,
        bar_chart=charts.bar_chart,
        line_chart=charts.line_chart,
        city_name=settings.city_name,
        is_demo=settings.profile == "demo",
    )
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


def page(
    template: str,
    request: AnyRequest,
    *,
    status_code: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Template:
    """Return a page. The reader's language, caller and form token are at hand in the template."""
    return Template(
        template_name=template,
        context={**values, "request": request},
        status_code=status_code,
        headers=headers,
        media_type=MediaType.HTML,
    )


def render(template: str, request: AnyRequest, **values: Any) -> Markup:
    """Return a piece of a page as safe HTML."""
    engine = request.app.template_engine
    if engine is None:
        raise RuntimeError("the application was built without templates")
    context = {**values, "request": request, "csrf_input": _field(request)}
    return Markup(engine.get_template(template).render(**context))  # noqa: S704  # the template escaped it


async def fill_slots(request: AnyRequest, slot: str, about: dict[str, Any] | None = None) -> list[Markup]:
    """Return what the features have to say in a slot, in their order; who stays away leaves nothing."""
    features: Sequence[Feature] = request.app.state.features
    fillers = [filler for feature in features for filler in feature.slots if filler.slot == slot]
    pieces = []
    for filler in sorted(fillers, key=lambda f: f.order):
        values = await filler.load(request, dict(about or {}))
        if values is not None:
            pieces.append(render(filler.template, request, **values))
    return pieces


def _field(request: AnyRequest) -> Markup:
    token = ScopeState.from_scope(request.scope).csrf_token
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(token if isinstance(token, str) else "")


@pass_context
def _csrf_field(context: Context) -> Markup:
    return _field(context["request"])


@pass_context
def _language(context: Context) -> Language:
    return language_of(context["request"])


@pass_context
def _translate(context: Context, zh: str, en: str, **values: object) -> str:
    return Text(zh, en).format(**values).read(_language(context)) if values else _pick(context, zh, en)


def _pick(context: Context, zh: str, en: str) -> str:
    return en if _language(context) == "en" else zh


@pass_context
def _read_text(context: Context, text: Text | str | int | None) -> str:
    if isinstance(text, Text):
        return text.read(_language(context))
    return "" if text is None else str(text)


@pass_context
def _local_date(context: Context, value: Any) -> str:
    return formatting.local_date(value, _language(context))


@pass_context
def _reader(context: Context) -> object:
    return caller_of(context["request"])


@pass_context
def _navigation(context: Context, surface: str) -> list[dict[str, Any]]:
    return navigation_of(context["request"], surface)
