"""Sign-in over HTTP: residents by phone and code, partners by client credentials."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar import Request as HttpRequest

from xinyi_platform.divisions import division_name
from xinyi_platform.identity.accounts import WrongCredentials, check_partner
from xinyi_platform.identity.residents import resident_profile
from xinyi_platform.identity.signing_in import TokenPair, end_family, open_family, redeem_code, rotate, send_code
from xinyi_platform.identity.tokens import issue_partner_token
from xinyi_platform.masking import mask_identity_number, mask_phone
from xinyi_platform.principals import Allow, Anyone, Resident
from xinyi_platform.rate_limits import client_of, limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request

Phone = Annotated[str, msgspec.Meta(max_length=24, examples=["13800000001"])]
Opaque = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class CodeRequest(Request, kw_only=True, frozen=True):
    phone: Phone


class CodeSent(Answer, kw_only=True, frozen=True):
    """`code` is only there in the demo, where nothing is sent to a phone."""

    expires_in_seconds: int
    code: str | None = None


class TokenRequest(Request, kw_only=True, frozen=True):
    phone: Phone
    code: Annotated[str, msgspec.Meta(pattern=r"^\d{6}$", examples=["123456"])]


class RefreshRequest(Request, kw_only=True, frozen=True):
    refresh_token: Annotated[Opaque, msgspec.Meta(examples=["q0TqT0xvO0n1k6lXy3pJfQd9s2uVbYc7"])]


class Tokens(Answer, kw_only=True, frozen=True):
    access_token: str
    token_type: str
    expires_in_seconds: int
    refresh_token: str


class PartnerTokenRequest(Request, kw_only=True, frozen=True):
    """Client credentials in the body; both are left out when they come by HTTP Basic."""

    client_id: Annotated[Opaque | None, msgspec.Meta(examples=["hebi-bike"])] = None
    client_secret: Annotated[Opaque | None, msgspec.Meta(examples=["the secret of the contract"])] = None
    grant_type: Literal["client_credentials"] = "client_credentials"


class PartnerTokens(Answer, kw_only=True, frozen=True):
    access_token: str
    token_type: str
    expires_in_seconds: int
    scope: str


class Me(Answer, kw_only=True, frozen=True):
    """My own data, masked as it would be on a screen that others can see."""

    id: UUID
    name: str
    phone: str
    identity_number: str
    birth_date: date
    division: str
    division_name: str


def _tokens(pair: TokenPair) -> Tokens:
    return Tokens(
        access_token=pair.access.token,
        token_type="Bearer",  # noqa: S106 -- the scheme's name
        expires_in_seconds=pair.access.expires_in_seconds,
        refresh_token=pair.refresh_token,
    )


class AuthController(Controller):
    path = "/api/v1/auth"
    guards = [Allow(Anyone)]
    tags = ["identity"]

    @post("/otp", status_code=202, operation_id="sendCode")
    async def otp(self, runtime: Runtime, request: HttpRequest[Any, Any, Any], data: CodeRequest) -> CodeSent:
        """Send a one-time code to a phone; the answer is the same for an unknown one."""
        code = await send_code(runtime, data.phone, address=client_of(request))
        return CodeSent(expires_in_seconds=300, code=code)

    @post("/token", status_code=200, operation_id="signIn")
    async def token(self, runtime: Runtime, data: TokenRequest) -> Tokens:
        """Exchange a code for tokens."""
        resident_id = await redeem_code(runtime, data.phone, data.code)
        return _tokens(await open_family(runtime, resident_id))

    @post("/refresh", status_code=200, operation_id="refresh")
    async def refresh(self, runtime: Runtime, data: RefreshRequest) -> Tokens:
        """Exchange a refresh token, once; a second use signs the whole family out."""
        return _tokens(await rotate(runtime, data.refresh_token))

    @post("/logout", status_code=204, operation_id="signOut")
    async def logout(self, runtime: Runtime, data: RefreshRequest) -> None:
        """End the sign-in that a refresh token belongs to."""
        await end_family(runtime, data.refresh_token)


@post("/partner/v1/token", status_code=200, guards=[Allow(Anyone)], tags=["partner"], operation_id="partnerToken")
async def partner_token(
    runtime: Runtime, request: HttpRequest[Any, Any, Any], data: PartnerTokenRequest | None = None
) -> PartnerTokens:
    """Client credentials, by HTTP Basic or in the body, for a scoped token, good for ten minutes."""
    client_id, client_secret = _client_credentials(request.headers.get("authorization", ""), data)
    await limit(runtime.cache, f"partner:{client_id[:64]}", times=60, per_seconds=60)
    partner = await check_partner(client_id, client_secret)
    token = issue_partner_token(runtime.keys, partner.id, partner.scopes, runtime.clock.now())
    return PartnerTokens(
        access_token=token.token,
        token_type="Bearer",  # noqa: S106 -- the scheme's name
        expires_in_seconds=token.expires_in_seconds,
        scope=" ".join(partner.scopes),
    )


def _client_credentials(header: str, data: PartnerTokenRequest | None) -> tuple[str, str]:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise WrongCredentials from error
        return client_id, secret
    if data is None or data.client_id is None or data.client_secret is None:
        raise WrongCredentials
    return data.client_id, data.client_secret


@get("/api/v1/me", guards=[Allow(Resident)], tags=["identity"], operation_id="getMe")
async def me(runtime: Runtime, principal: Resident) -> Me:
    """Who I am here."""
    profile = await resident_profile(runtime, principal.id)
    return Me(
        id=profile.id,
        name=profile.name,
        phone=mask_phone(profile.phone),
        identity_number=mask_identity_number(profile.identity_number),
        birth_date=profile.birth_date,
        division=profile.division,
        division_name=division_name(profile.division).zh,
    )


ROUTES = (AuthController, partner_token, me)
