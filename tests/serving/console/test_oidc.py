"""Signing in at a provider, over real HTTP."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from model.errors import SettingsError
from serving import ids
from serving.console import users
from serving.console.by import By
from serving.console.oidc import identity_of, way_there
from serving.console.oidc_settings import OidcSettings
from serving.console.users import User, all_users
from serving.console.viewer import Role
from serving.live import LiveBundle
from serving.store.database import reading, writing
from tests.databases import store
from tests.serving.console.desk import SESSION_COOKIE, Desk, desk
from tests.serving.console.provider import CLIENT, SECRET, Provider, running

DOOR = "/console/sign-in/provider"
PREFIX = "REPLYWISE_OIDC_"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as provider:
        provider.claims = {"preferred_username": "Ann", "groups": ["support", "leads"]}
        yield provider


@pytest.fixture
def environ(tmp_path: Path, provider: Provider) -> dict[str, str]:
    """Return what a deployment sets of the provider."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    return {
        f"{PREFIX}ISSUER": provider.issuer,
        f"{PREFIX}CLIENT_ID": CLIENT,
        f"{PREFIX}CLIENT_SECRET_FILE": str(secret),
        f"{PREFIX}ROLES": json.dumps({"support": "qa", "leads": "analyst"}),
        f"{PREFIX}NAME": "Acme",
    }


@pytest.fixture
def elsewhere(
    parrot: LiveBundle, tmp_path: Path, environ: dict[str, str]
) -> Iterator[Desk]:
    """Return the console of people whom the provider signs in."""
    with store("sqlite", tmp_path) as url, desk(parrot, url, environ=environ) as found:
        yield found


def there_and_back(to: Desk, away: str = DOOR) -> httpx2.Response:
    """Go to the provider and come back, as a browser does."""
    leave = to.get(away)
    assert leave.status_code == 303, leave.text
    back = httpx2.get(leave.headers["location"]).headers["location"]
    assert back.startswith("http://testserver/console/sign-in/return?")
    return to.get(back.removeprefix("http://testserver"))


def people(at: Desk) -> list[User]:
    with reading(at.engine) as connection:
        return all_users(connection)


def test_the_door_names_the_provider(elsewhere: Desk) -> None:
    page = elsewhere.get("/console/sign-in?next=/console/consent").text

    assert "Sign in with Acme" in page
    assert f'href="{DOOR}?next=/console/consent"' in page
    assert 'type="password"' not in page


def test_the_first_visit_makes_a_user_of_the_highest_role(elsewhere: Desk) -> None:
    answer = there_and_back(elsewhere, f"{DOOR}?next=/console/consent")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/consent"
    [user] = people(elsewhere)
    assert (user.name, user.role, user.password) == ("ann", Role.ANALYST, None)
    assert elsewhere.get("/console/consent").status_code == 200


def test_what_is_asked_for_is_bound_to_this_browser(
    elsewhere: Desk, provider: Provider
) -> None:
    there_and_back(elsewhere)
    first = provider.asked
    elsewhere.sign_out()
    there_and_back(elsewhere)
    second = provider.asked

    assert first["response_type"] == "code"
    assert first["code_challenge_method"] == "S256"
    assert set(first["scope"].split()) == {"openid", "profile", "email"}
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
    assert len(people(elsewhere)) == 1


def test_a_role_follows_the_provider_each_time(
    elsewhere: Desk, provider: Provider
) -> None:
    there_and_back(elsewhere)
    provider.claims["groups"] = "support"
    elsewhere.sign_out()
    there_and_back(elsewhere)

    assert [user.role for user in people(elsewhere)] == [Role.QA]


def made_admin(at: Desk) -> None:
    """Let an admin make one of Ann."""
    with writing(at.engine) as connection:
        by = By("operator:test", ids.now, ids.new_id)
        users.set_role(connection, "ann", Role.ADMIN, by)


def test_a_role_that_an_admin_gave_stays_where_no_claim_says(
    elsewhere: Desk, provider: Provider
) -> None:
    there_and_back(elsewhere)
    made_admin(elsewhere)
    del provider.claims["groups"]
    answer = there_and_back(elsewhere)

    assert answer.status_code == 303
    assert [user.role for user in people(elsewhere)] == [Role.ADMIN]


@pytest.mark.parametrize("groups", [[], ["others"]])
def test_who_is_in_no_mapped_group_any_more_is_refused(
    elsewhere: Desk, provider: Provider, groups: list[str]
) -> None:
    there_and_back(elsewhere)
    elsewhere.sign_out()
    provider.claims["groups"] = groups
    answer = there_and_back(elsewhere)

    assert answer.status_code == 403
    assert "nothing gives you a role here" in answer.text
    assert SESSION_COOKIE not in elsewhere.client.cookies


def test_who_is_in_no_mapped_group_any_more_gets_the_default_role(
    environ: dict[str, str], parrot: LiveBundle, tmp_path: Path, provider: Provider
) -> None:
    environ[f"{PREFIX}DEFAULT_ROLE"] = "qa"
    with store("sqlite", tmp_path) as url, desk(parrot, url, environ=environ) as found:
        there_and_back(found)
        made_admin(found)
        provider.claims["groups"] = ["others"]
        there_and_back(found)

        assert [user.role for user in people(found)] == [Role.QA]


def test_where_no_group_is_mapped_none_takes_a_role_away(
    environ: dict[str, str], parrot: LiveBundle, tmp_path: Path
) -> None:
    environ |= {f"{PREFIX}DEFAULT_ROLE": "qa", f"{PREFIX}ROLES": "{}"}
    with store("sqlite", tmp_path) as url, desk(parrot, url, environ=environ) as found:
        there_and_back(found)
        made_admin(found)
        there_and_back(found)

        assert [user.role for user in people(found)] == [Role.ADMIN]


def test_whom_nothing_gives_a_role_is_told(elsewhere: Desk, provider: Provider) -> None:
    provider.claims["groups"] = ["others"]
    answer = there_and_back(elsewhere)

    assert answer.status_code == 403
    assert "nothing gives you a role here" in answer.text
    assert people(elsewhere) == []


def test_a_name_that_is_taken_is_not_taken_over(
    elsewhere: Desk, provider: Provider
) -> None:
    elsewhere.sign_in("admin", "ann")
    provider.claims["email"] = "ann@acme.example"
    elsewhere.sign_out()
    there_and_back(elsewhere)

    assert [(user.name, user.role) for user in people(elsewhere)] == [
        ("ann", Role.ADMIN),
        ("ann@acme.example", Role.ANALYST),
    ]


def test_whoever_is_disabled_stays_out(elsewhere: Desk) -> None:
    there_and_back(elsewhere)
    with writing(elsewhere.engine) as connection:
        by = By("operator:test", ids.now, ids.new_id)
        users.disable(connection, "ann", by)
    answer = there_and_back(elsewhere)

    assert answer.status_code == 403
    assert "ask an admin" in answer.text


def test_a_provider_that_refuses_is_believed(
    elsewhere: Desk, provider: Provider
) -> None:
    provider.refuse = "access_denied"
    answer = there_and_back(elsewhere)

    assert answer.status_code == 403
    assert "The provider did not sign you in." in answer.text


def test_a_token_that_is_not_for_this_is_refused(
    elsewhere: Desk, provider: Provider
) -> None:
    moment, usual = int(time.time()), dict(provider.claims)
    wrong: list[dict[str, Any]] = [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": ["somebody else", "a third"], "azp": CLIENT},
        {"iss": "https://evil.example"},
        {"exp": moment - 3600},
        {"iat": moment + 3600, "exp": moment + 7200},
        {"sub": None},
        {"at_hash": "bm90IGl0"},
    ]

    for claims in wrong:
        provider.claims = {**usual, **claims}
        answer = there_and_back(elsewhere)
        assert answer.status_code == 403, claims
        assert "not proven" in answer.text
    assert SESSION_COOKIE not in elsewhere.client.cookies
    assert people(elsewhere) == []


def test_a_token_that_others_signed_is_refused(
    elsewhere: Desk, provider: Provider
) -> None:
    other = ECKey.generate_key("P-256")

    def by_another(claims: dict[str, Any]) -> str:
        header = {"alg": "ES256", "kid": provider.key.kid}
        return jwt.encode(header, claims, other)

    def by_our_secret(claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))

    def by_nobody(claims: dict[str, Any]) -> str:
        head, body, _ = provider.signed(claims).split(".")
        return f"eyJhbGciOiJub25lIn0.{body}." if head else ""

    provider.about = {
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"]
    }
    for sign in (by_another, by_our_secret, by_nobody, lambda _claims: "no token"):
        provider.sign = sign
        answer = there_and_back(elsewhere)
        assert answer.status_code == 403
        assert "not proven" in answer.text


def test_the_way_back_is_for_who_left(elsewhere: Desk) -> None:
    leave = elsewhere.get(DOOR)
    back = httpx2.get(leave.headers["location"]).headers["location"]
    elsewhere.client.cookies.clear()

    answer = elsewhere.get(back.removeprefix("http://testserver"))
    assert answer.status_code == 403
    assert "begun in another window" in answer.text


def test_nobody_is_signed_in_as_somebody_who_left_elsewhere(
    elsewhere: Desk, provider: Provider
) -> None:
    # What another person would put together for a browser that holds no secret.
    back = "http://testserver/console/sign-in/return"
    settings = OidcSettings(provider.issuer, CLIENT, SECRET)
    away = asyncio.run(way_there(settings, "", back))
    planted = httpx2.get(away).headers["location"]

    answer = elsewhere.get(planted.removeprefix("http://testserver"))
    assert answer.status_code == 403
    assert people(elsewhere) == []


def test_a_code_counts_once(elsewhere: Desk) -> None:
    leave = elsewhere.get(DOOR)
    back = httpx2.get(leave.headers["location"]).headers["location"]
    path = back.removeprefix("http://testserver")
    flow = elsewhere.client.cookies["replywise-provider"]
    elsewhere.get(path)
    elsewhere.client.cookies.set("replywise-provider", flow)

    assert elsewhere.get(path).status_code == 403


def test_another_issuer_is_not_the_one(elsewhere: Desk, provider: Provider) -> None:
    provider.about = {"issuer": "https://evil.example"}
    answer = elsewhere.get(DOOR)

    assert answer.status_code == 502
    assert "calls itself otherwise" in answer.text


def test_an_endpoint_must_be_reached_safely(
    elsewhere: Desk, provider: Provider
) -> None:
    provider.about = {"authorization_endpoint": "http://login.example/authorize"}

    assert elsewhere.get(DOOR).status_code == 502


def test_a_provider_that_is_away_is_told(parrot: LiveBundle, tmp_path: Path) -> None:
    environ = {f"{PREFIX}ISSUER": "http://127.0.0.1:9", f"{PREFIX}CLIENT_ID": CLIENT}
    with store("sqlite", tmp_path) as url, desk(parrot, url, environ=environ) as found:
        answer = found.get(DOOR)

    assert answer.status_code == 502
    assert "does not answer" in answer.text


def test_without_a_provider_there_is_no_such_door(quick_desk: Desk) -> None:
    assert quick_desk.get(DOOR).status_code == 404


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [
        ("groups", {"groups": ["leads", "support"]}, Role.ANALYST),
        ("groups", {"groups": "support"}, Role.QA),
        ("groups", {}, None),
        ("a.roles", {"a": {"roles": ["support"]}}, Role.QA),
        ("a.roles", {"a": ["support"]}, None),
    ],
)
def test_a_claim_gives_the_role(
    claim: str, claims: dict[str, Any], role: Role | None
) -> None:
    settings = OidcSettings(
        "https://a.example",
        CLIENT,
        role_claim=claim,
        roles={"support": Role.QA, "leads": Role.ANALYST},
    )

    identity = identity_of({"sub": "7", **claims}, settings)
    assert identity.role is role
    assert identity.subject == "https://a.example 7"
    assert identity.names[-1].startswith("sso-")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ISSUER", "http://login.example"),
        ("CLIENT_ID", ""),
        ("CLIENT_SECRET_FILE", "/nowhere/at/all"),
        ("ROLES", '{"a": "boss"}'),
        ("ROLES", "qa"),
        ("ROLES", "[1]"),
        ("DEFAULT_ROLE", "boss"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(name: str, value: str) -> None:
    usual = {f"{PREFIX}ISSUER": "https://a.example", f"{PREFIX}CLIENT_ID": "us"}

    with pytest.raises(SettingsError, match=f"{PREFIX}{name}: expected"):
        OidcSettings.from_environment({**usual, f"{PREFIX}{name}": value})


def test_settings_are_read_and_the_secret_not_shown() -> None:
    assert OidcSettings.from_environment({}) is None
    settings = OidcSettings.from_environment(
        {
            f"{PREFIX}ISSUER": "https://a.example",
            f"{PREFIX}CLIENT_ID": "us",
            f"{PREFIX}CLIENT_SECRET": "hush",
            f"{PREFIX}ROLE_CLAIM": "roles",
            f"{PREFIX}DEFAULT_ROLE": "qa",
        }
    )

    assert settings is not None
    assert settings.client_secret == "hush"  # noqa: S105 - made up
    assert (settings.role_claim, settings.default_role) == ("roles", Role.QA)
    assert "hush" not in repr(settings)
