"""The values that listeners and gate share."""

from streams.gate.question import WHYS, Answer, refusal


def test_the_first_refusal_is_the_mails() -> None:
    passes, asked, listed = (
        Answer("a@army.mil", "pass", "no-slip"),
        Answer("b@army.ml", "refuse", "asked", "[straymail] b"),
        Answer("c@navy.ml", "refuse", "listed", "[straymail] c"),
    )
    assert refusal([passes, asked, listed]) is asked
    assert refusal([passes]) is None
    assert refusal([]) is None


def test_each_reason_has_one_meaning() -> None:
    assert len(set(WHYS)) == len(WHYS)
