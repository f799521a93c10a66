"""The words of the sample mails: names by country, and topics with their subjects, attachments and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

_WORDS = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
GIVEN: dict[str, list[str]] = _WORDS["given"]
SURNAMES: dict[str, list[str]] = _WORDS["surnames"]
FILLINGS: dict[str, list[str]] = _WORDS["fillings"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject and the names of attached files, both with placeholders; the range of the mail's size in bytes; and how
    it is marked (`care`: an index into `MARKINGS`)."""

    subject: str
    files: tuple[str, ...] = ()
    least: int = 3_000
    most: int = 60_000
    care: int = 0


ROUTINE, PROTECT = 1, 2
MARKINGS = {
    ".uk": ("", "OFFICIAL", "OFFICIAL-SENSITIVE"),
    ".mil": ("", "", "CUI"),
    ".gov": ("", "", "CUI"),
    ".nl": ("", "", "Dep.V."),
    ".gov.au": ("", "OFFICIAL", "OFFICIAL: Sensitive"),
}
"""By the end of the sender's domain: the markings there for mail of care 0, ROUTINE and PROTECT."""

SENSITIVE_TOPICS = (
    Topic("MOVORD {n}: {unit} to {place}", ("MOVORD_{n}.pdf",), 90_000, 900_000, PROTECT),
    Topic("Itinerary for visiting party, {place}", ("itinerary_{n}.docx",), 40_000, 400_000, ROUTINE),
    Topic("Passport copies for the {place} visas", ("passport_scan_{n}.jpg", "visa_form.pdf"), 900_000, 6_000_000),
    Topic("Medical board results, serial {n}", ("med_board_{n}.pdf",), 80_000, 700_000, PROTECT),
    Topic("Crew list and next of kin, {unit}", ("crew_list.xlsx",), 30_000, 200_000, PROTECT),
    Topic("Manifest for flight {n} {place}", ("manifest_{n}.csv",), 10_000, 90_000, PROTECT),
    Topic("Access list for EX {exercise}", ("access_list.xlsx",), 30_000, 250_000, ROUTINE),
    Topic("EX {exercise}: joining instructions", ("joining_instructions.pdf", "map_{n}.pdf"), 300_000, 4_000_000),
    Topic("Base map and gate plan, {place}", ("gate_plan_{n}.pdf",), 500_000, 5_000_000, PROTECT),
    Topic("Travel claim {n} and card statement", ("claim_{n}.pdf",), 60_000, 400_000),
    Topic("Hotel rooming list, {unit} in {place}", ("rooming_list.xlsx",), 20_000, 120_000),
    Topic("Verplaatsingsbevel {n}, {unit}", ("bevel_{n}.pdf",), 60_000, 500_000, PROTECT),
    Topic("Visite \u00e0 {place} : programme et h\u00e9bergement", ("programme.pdf",), 80_000, 600_000, ROUTINE),
    Topic("Inspection findings, {part}", ("inspection_{n}.pdf",), 90_000, 900_000, ROUTINE),
)
EVERYDAY_TOPICS = (
    Topic("Re: agenda for Thursday's call"),
    Topic("Minutes of the liaison meeting", ("minutes.docx",), 30_000, 200_000),
    Topic("Out of office until Monday"),
    Topic("Re: parking at {place}"),
    Topic("Quote {n}: {part}", ("quote_{n}.pdf",), 40_000, 300_000),
    Topic("Invoice {n}", ("invoice_{n}.pdf",), 40_000, 300_000),
    Topic("Delivery note {n}, {part}", ("delivery_{n}.pdf",), 30_000, 200_000),
    Topic("Room booking confirmation {n}"),
    Topic("Fwd: course dates, {place}"),
    Topic("Re: Re: who has the projector?"),
    Topic("Dental appointment on Wednesday"),
    Topic("Retirement collection for the Colonel"),
    Topic("Newsletter of {unit}", (), 60_000, 400_000),
    Topic("Re: EX {exercise} planning conference"),
    Topic("Purchase order {n}", ("PO_{n}.pdf",), 40_000, 200_000),
)
