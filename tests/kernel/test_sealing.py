"""What is sealed is read by the system alone, under its present key or a former one."""

import pytest

from config.kernel import sealing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize("text", ["", "x", SECRET, "ü" * 500])
def test_what_is_sealed_can_be_read_again(text):
    sealed = sealing.seal(text, purpose="test")
    assert sealing.unseal(sealed, purpose="test") == text


def test_sealing_shows_nothing_and_never_repeats_itself():
    first, second = (sealing.seal(SECRET, purpose="test") for _ in range(2))
    assert first != second
    assert SECRET[6:] not in first
    assert first.startswith("s1.")


def test_a_former_key_still_opens_and_a_strange_one_does_not(settings):
    sealed = sealing.seal(SECRET, purpose="test")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-" * 5
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed, purpose="test")
    settings.SECRET_KEY_FALLBACKS = [former]
    assert sealing.unseal(sealed, purpose="test") == SECRET


def test_a_secret_of_one_purpose_is_none_of_another():
    sealed = sealing.seal(SECRET, purpose="test")
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed, purpose="other")


def test_every_altered_character_is_noticed():
    sealed = sealing.seal("secret", purpose="test")
    for place in range(len(sealed)):
        wrong = "A" if sealed[place] != "A" else "B"
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(sealed[:place] + wrong + sealed[place + 1 :], purpose="test")


@pytest.mark.parametrize("text", ["", "s1.", "s1.AAAA", "plain text", "s1.ÄÖÜ"])
def test_what_was_never_sealed_is_unreadable(text):
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(text, purpose="test")
