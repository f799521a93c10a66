"""The slips in the sample mail: the intended domain, the typed one, the kind of slip, and the delivery of the mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip. `kind` describes the typing mistake; `delivery` is the final status, `times` the number of mails."""

    intended: str
    mistaken: str
    kind: str
    delivery: str
    times: int = 1


SLIPS = (
    Slip("army.mil", "army.ml", "suffix lost a letter", "delivered", 6),
    Slip("us.af.mil", "us.af.ml", "suffix lost a letter", "delivered", 4),
    Slip("mail.mil", "mail.ml", "suffix lost a letter", "delivered", 3),
    Slip("navy.mil", "navy.ml", "suffix lost a letter", "delivered", 3),
    Slip("us.navy.mil", "us.navy.ml", "suffix lost a letter", "delivered", 2),
    Slip("usmc.mil", "usmc.ml", "suffix lost a letter", "delivered", 2),
    Slip("usace.army.mil", "usace.army.ml", "suffix lost a letter", "delivered"),
    Slip("315aw.afrc.af.mil", "315aw.afrc.af.ml", "suffix lost a letter", "deferred"),
    Slip("health.mil", "health.ml", "suffix lost a letter", "delivered"),
    Slip("socom.mil", "socom.ml", "suffix lost a letter", "held"),
    Slip("army.mil", "army.mil.co", "suffix appended", "delivered"),
    Slip("army.mil", "armymil.com", "missing dot", "delivered"),
    Slip("army.mil", "amry.ml", "transposition, and suffix lost a letter", "failed", 2),
    Slip("navy.mil", "navy.nil", "replacement", "failed"),
    Slip("state.gov", "satte.gov", "transposition", "failed", 2),
    Slip("state.gov", "state.gv", "suffix lost a letter", "failed"),
    Slip("state.gov", "state-gov.com", "dot to dash", "delivered"),
    Slip("usaid.gov", "usiad.gov", "transposition", "rejected"),
    Slip("mod.gov.uk", "mod.gov.ku", "transposition", "failed"),
    Slip("mod.gov.uk", "mod.gv.uk", "omission", "failed", 2),
    Slip("mod.gov.uk", "mod.govuk", "missing dot", "failed"),
    Slip("mod.gov.uk", "modgov.uk", "missing dot", "delivered"),
    Slip("homeoffice.gov.uk", "homeofice.gov.uk", "omission", "failed", 2),
    Slip("fcdo.gov.uk", "fcdo.gov.co.uk", "suffix mixed up", "delivered"),
    Slip("nato.int", "nato.itn", "transposition", "failed"),
    Slip("nato.int", "nat0.int", "homoglyph", "delivered"),
    Slip("nato.int", "n\u0430to.int", "homoglyph", "unknown"),
    Slip("shape.nato.int", "shape.nato.ing", "replacement", "failed"),
    Slip("defensie.nl", "defensei.nl", "transposition", "delivered", 2),
    Slip("mindef.nl", "midnef.nl", "transposition", "failed"),
    Slip("defence.gov.au", "defence.gov.ua", "transposition", "rejected", 2),
    Slip("defence.gov.au", "defense.gov.au", "replacement", "failed"),
    Slip("dfat.gov.au", "dfat.gov.aau", "repetition", "failed"),
    Slip("harrowgate-avionics.co.uk", "harrowgate-avionics.co", "suffix lost a part", "delivered"),
    Slip("delmarva-rotorcraft.com", "delmarva-rotorcraft.co", "suffix lost a letter", "delivered", 2),
    Slip("delmarva-rotorcraft.com", "delmarva-rotorcratf.com", "transposition", "failed"),
    Slip("fairlead-crew-travel.com", "fairlead-crew-travel.cm", "suffix lost a letter", "delivered"),
    Slip("fairlead-crew-travel.com", "fairleadcrewtravel.com", "hyphen lost", "deferred"),
)
BURST = Slip("army.mil", "army.ml", "suffix lost a letter", "delivered", 12)
BURST_DESK = "jhc-movements@mod.gov.uk"
"""A desk with a wrong entry in its address book: it writes to army.ml a dozen times in a day."""
