"""`viz.worksheets.mistakes`: wrong answers, and what they would mean."""

import pytest

from engine import check_by_hand
from engine.teaching.worked import worked
from nn.textbook import softmax, w131, w222
from viz.worksheets.mistakes import mistakes


def test_mistakes_are_what_check_by_hand_explains():
    """Every answer in the box is wrong, and its explanation is that of the checker."""
    net = w131()
    found = dict(mistakes(worked(net.root, net.focus)))
    assert found[0.00158][0].startswith("2 of the 4 paths left out: a₂₂ → ŷ₁ and a₂₁ → ŷ₂")
    assert found[0.00158][-1].endswith("other slips")
    for answer, sentences in found.items():
        check = check_by_hand(net.L, "w_131", answer)
        assert not check.is_right
        assert sentences[0] == check.findings[0].sentence
    w222_work = worked(w222().root, "w_222")
    assert next(mistakes(w222_work, digits=2))[0] == -0.014
    assert dict(mistakes(w222_work))[0.006876] == ["the factor 2 of the power rule forgotten"]


def test_mistakes_that_are_right_or_mean_nothing_are_left_out():
    """Half of the gradient means something only where a factor 2 or half the routes can go."""
    net = softmax.softmax_cross_entropy()
    answers = [answer for answer, _ in mistakes(worked(net.root, net.focus))]
    assert net.gradient("a_L2") == pytest.approx(-0.9129, rel=1e-4)
    assert answers[0] == 0.9129
    assert -0.9129 not in answers
    assert -0.4565 not in answers
    assert len(answers) == len(set(answers)) == 3
