"""What a desk can say, and what may follow what."""

import pytest

from sync.base.work import ANSWERS, Button, Work, button_of, may_press, work_after


def test_every_button_has_an_answer_and_words() -> None:
    """No button is without a meaning for the visitor."""
    assert set(ANSWERS) == set(Button)
    assert all(answer.reads for answer in ANSWERS.values())
    assert all(button_of(answer.business_status) is button for button, answer in ANSWERS.items())
    assert button_of("something-newer") is None


@pytest.mark.parametrize("button", [Button.ACCEPT, Button.CONTACTED, Button.HELPED, Button.SEND_BACK])
@pytest.mark.parametrize("work", [work for work in Work if work.is_final])
def test_nothing_but_a_confirmed_withdrawal_follows_an_end(button: Button, work: Work) -> None:
    """A referral that has ended is not answered again."""
    assert not may_press(button, work)
    assert may_press(Button.CONFIRM_WITHDRAWAL, work)


def test_sent_back_after_acceptance_is_a_failure() -> None:
    """A partner that had accepted and sends back has failed the referral, in FHIR's words."""
    assert work_after(Button.SEND_BACK, accepted=False) is Work.REJECTED
    assert work_after(Button.SEND_BACK, accepted=True) is Work.FAILED
