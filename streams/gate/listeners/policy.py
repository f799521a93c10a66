"""Postfix's policy delegation, which Exim can speak too: a question for each recipient, before it is accepted.

The protocol: https://www.postfix.org/SMTPD_POLICY_README.html. To pass is `DUNNO`, which leaves the decision to the
restrictions that follow; `OK` would let anybody relay.
"""

from __future__ import annotations

from streams.gate.listeners.connection import MOST_WAITING, MailSystemConnection
from streams.gate.listeners.open_connections import OpenConnections
from streams.gate.question import Answer, Gatekeeper, Question, refusal

END = b"\n\n"
PASS = b"action=DUNNO\n\n"
REQUEST, STAGE = "smtpd_access_policy", "RCPT"


class PolicyConnection(MailSystemConnection):
    """Answers one smtpd process of Postfix, or Exim for one recipient. A request that is too long passes, unread."""

    __slots__ = ("_is_too_long",)

    def __init__(self, gate: Gatekeeper, together: OpenConnections) -> None:
        super().__init__(gate, together)
        self._is_too_long = False

    def take_request(self) -> bool:
        end = self.received.find(END)
        if end < 0:
            if len(self.received) > MOST_WAITING:
                if not self._is_too_long:
                    self.together.on_bad_request()
                self._is_too_long = True
                del self.received[:-1]  # the last byte may be half of the end
            return False
        question = None if self._is_too_long else read_question(bytes(self.received[:end]))
        if self._is_too_long:
            self.gate.let_pass("policy", 1)
        self._is_too_long = False
        del self.received[: end + len(END)]
        if question is None:
            self.write(PASS)
        else:
            self.answer_later(self.gate.ask(question, self._deliver))
        return True

    def _deliver(self, answers: list[Answer]) -> bool:
        refused = refusal(answers)
        return self.write(PASS if refused is None else f"action=550 5.7.1 {refused.reply}\n\n".encode("ascii"))


def read_question(request: bytes) -> Question | None:
    """The question in the attributes of a request, one `name=value` a line; None where it asks nothing that the gate
    answers: another stage than RCPT, or no recipient. Bytes that aren't UTF-8 become lone surrogates."""
    text = f"\n{request.decode('utf-8', 'surrogateescape')}\n"
    recipient = _value(text, "recipient")
    if not recipient or _value(text, "request") != REQUEST or _value(text, "protocol_state") != STAGE:
        return None
    return Question(
        "policy",
        _value(text, "sender"),
        (recipient,),
        login=_value(text, "sasl_username") or None,
        client_address=_value(text, "client_address") or None,
        instance=_value(text, "instance") or None,
    )


def _value(text: str, name: str) -> str:
    """The value of an attribute, empty where it has none. Seven of some thirty attributes are of interest, so this
    takes a third of the time of a dictionary of all."""
    start = text.find(f"\n{name}=")
    return "" if start < 0 else text[start + len(name) + 2 : text.index("\n", start + 1)]
