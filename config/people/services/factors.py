"""The second factor: an authenticator app by TOTP (RFC 6238), ten recovery codes, who needs one."""

import secrets
from base64 import b32decode, b32encode
from collections.abc import Collection
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils.crypto import salted_hmac
from django_otp.oath import TOTP

from config.kernel import commands, sealing, security
from config.kernel.models import User
from config.people.errors import FactorIsRequired, WrongCode
from config.people.models import Notice, RecoveryCode, RequiredRole, SecondFactor
from config.people.services import links

PURPOSE = "people.second_factor"
ISSUER = "Kapell"
STEP_SECONDS, DIGITS = 30, 6
TOLERANCE = 1  # steps: clocks differ, and typing takes a while
KEY_BYTES = 20
CODES, CODE_BYTES = 10, 10
FOR_EVERYBODY_ABOVE = "administrator"  # superusers count as of this role


def new_key() -> bytes:
    """Return a fresh key for an app."""
    return secrets.token_bytes(KEY_BYTES)


def as_text(key: bytes) -> str:
    """Return a key as people type it into an app."""
    return b32encode(key).decode()


def as_address(key: bytes, user: User) -> str:
    """Return what the QR code says."""
    label = quote(f"{ISSUER}:{user.get_username()}")
    return f"otpauth://totp/{label}?{urlencode({'secret': as_text(key), 'issuer': ISSUER})}"


@commands.command
def add(*, user: User, key: bytes, code: str, at: datetime) -> list[str]:
    """Make an app the person's second factor and return fresh recovery codes, shown this once.

    `code` proves that the app shows what it should. Replaces an earlier factor. Raises `WrongCode`.
    """
    step = _step_of(key, code, at, after=-1)
    if step is None:
        raise WrongCode
    SecondFactor.objects.filter(user=user).delete()
    factor = SecondFactor(
        user=user, sealed=sealing.seal(as_text(key), purpose=PURPOSE), last_step=step, added_at=at
    )
    factor.save(force_insert=True)
    links.tell(user=user, kind=Notice.Kind.FACTOR_CHANGED, at=at)
    security.note("factor_added", user=user.pk)
    return renew_codes(user=user)


@commands.command
def renew_codes(*, user: User) -> list[str]:
    """Make ten recovery codes, the earlier ones end; return them, shown this once."""
    codes = [_new_code() for _ in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(user=user, digest=_digests(code)[0]) for code in codes]
    )
    security.note("recovery_codes_made", user=user.pk)
    return codes


@commands.command
def prove(*, user: User, code: str, at: datetime) -> None:
    """Take a code of the app or a recovery code, each once. Raises `WrongCode`."""
    typed = "".join(code.split()).replace("-", "")
    if len(typed) == DIGITS and typed.isdigit():
        return _prove_by_app(user, typed, at)
    return _prove_by_recovery(user, typed, at)


@commands.command
def remove(*, user: User, by: User, at: datetime) -> None:
    """Take a person's second factor away. Their own they may keep off only if no role requires it.

    Raises `FactorIsRequired`.
    """
    if by.pk == user.pk and is_required(user):
        raise FactorIsRequired
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    links.tell(user=user, kind=Notice.Kind.FACTOR_CHANGED, at=at)
    security.note("factor_removed", user=user.pk, by=by.pk)


@commands.command
def require_for(*, groups: Collection[Group]) -> None:
    """Require a second factor of these roles and of no other, from each next sign-in on."""
    RequiredRole.objects.exclude(group__in=groups).delete()
    known = set(RequiredRole.objects.values_list("group_id", flat=True))
    for group in groups:
        if group.pk not in known:
            RequiredRole(group=group).save(force_insert=True)
    security.note("factor_required", roles=",".join(sorted(group.name for group in groups)))


def has(user: User) -> bool:
    """Tell whether somebody has a second factor."""
    return SecondFactor.objects.filter(user=user).exists()


def codes_left(user: User) -> int:
    """Return how many recovery codes somebody has."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def is_required(user: User) -> bool:
    """Tell whether a role of this person requires a second factor."""
    required = RequiredRole.objects.all()
    if user.is_superuser and required.filter(group__name=FOR_EVERYBODY_ABOVE).exists():
        return True
    return required.filter(group__in=user.groups.all()).exists()


def _prove_by_app(user: User, code: str, at: datetime) -> None:
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        raise WrongCode
    key = _key(factor)
    step = None if key is None else _step_of(key, code, at, after=factor.last_step)
    # Of two requests with one code, one moves the step on and the other finds it moved.
    owned = SecondFactor.objects.filter(pk=factor.pk, last_step=factor.last_step)
    if step is None or not owned.update(last_step=step):
        raise WrongCode


def _prove_by_recovery(user: User, code: str, at: datetime) -> None:
    unused = RecoveryCode.objects.filter(user=user, used_at=None)
    if not unused.filter(digest__in=_digests(code)).update(used_at=at):
        raise WrongCode
    security.note("recovery_code_used", user=user.pk)


def _key(factor: SecondFactor) -> bytes | None:
    try:
        return b32decode(sealing.unseal(factor.sealed, purpose=PURPOSE))
    except sealing.Unreadable:
        return None


def _step_of(key: bytes, code: str, at: datetime, *, after: int) -> int | None:
    """Return the time step a code belongs to, near the present and after the last one taken."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not typed.isdigit():
        return None
    totp = TOTP(key, STEP_SECONDS, digits=DIGITS)
    totp.time = at.timestamp()
    return totp.t() if totp.verify(int(typed), TOLERANCE, min_t=after + 1) else None


def _new_code() -> str:
    text = b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _digests(code: str) -> list[str]:
    """Return a code's hash under the present and the former keys; it has 80 bits."""
    plain = code.replace("-", "").lower()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        salted_hmac("people.recovery", plain, secret=key, algorithm="sha256").hexdigest()
        for key in keys
    ]
