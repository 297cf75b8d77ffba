"""Signatures are those of Standard Webhooks: the published vector, and what must not pass."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import standardwebhooks
from standardwebhooks import Webhook, WebhookVerificationError

from config.kernel.webhooks import signing

# Published with the specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = '{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def signed(at=AT, secrets=(SECRET,), body=BODY):
    return signing.headers(message_id=ID, at=at, body=body, secrets=secrets)


def test_the_published_vector():
    assert signed() == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_the_moment_counts_not_how_the_clock_is_read():
    assert signed(AT.astimezone(timezone(timedelta(hours=5, minutes=30)))) == signed()


def test_a_secret_is_32_random_bytes_and_fresh():
    first, second = signing.new_secret(), signing.new_secret()
    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first[6:])) == 32


class TestReceiver:
    """What a receiver's library says to our headers."""

    def verify(self, headers, secret=SECRET, body=BODY):
        return Webhook(secret).verify(body, headers)

    def test_it_accepts_what_was_signed_now(self):
        assert self.verify(signed(datetime.now(UTC))) == json.loads(BODY)

    def test_it_accepts_either_secret_while_they_rotate(self):
        new = signing.new_secret()
        headers = signed(datetime.now(UTC), secrets=(new, SECRET))
        assert headers["webhook-signature"].count("v1,") == 2
        for secret in (new, SECRET):
            assert self.verify(headers, secret)

    def test_it_accepts_a_secret_without_padding(self):
        secret = signing.new_secret()
        assert secret.endswith("=")
        assert self.verify(signed(datetime.now(UTC), (secret.rstrip("="),)), secret)

    @pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_a_missing_header_is_refused(self, missing):
        headers = signed(datetime.now(UTC))
        del headers[missing]
        with pytest.raises(WebhookVerificationError):
            self.verify(headers)

    @pytest.mark.parametrize("seconds", [-301, 301])
    def test_an_old_or_early_message_is_refused(self, seconds):
        with pytest.raises(WebhookVerificationError):
            self.verify(signed(datetime.now(UTC) + timedelta(seconds=seconds)))

    @pytest.mark.parametrize(
        "changes",
        [{"webhook-timestamp": "hello"}, {"webhook-id": "msg_other"},
         {"webhook-signature": SIGNATURE.replace("g0", "g1")}],
    )  # fmt: skip
    def test_a_changed_header_is_refused(self, changes):
        with pytest.raises(WebhookVerificationError):
            self.verify({**signed(datetime.now(UTC)), **changes})

    def test_a_changed_byte_of_the_body_is_refused(self):
        with pytest.raises(WebhookVerificationError):
            self.verify(signed(datetime.now(UTC)), body=BODY.replace("2", "3", 1))

    def test_a_strange_secret_is_refused(self):
        with pytest.raises(WebhookVerificationError):
            self.verify(signed(datetime.now(UTC)), signing.new_secret())


def test_an_empty_secret_signs_nothing():
    with pytest.raises(standardwebhooks.webhooks.EmptyWebhookSecretError):
        signed(secrets=("whsec_",))
