"""The organisations of the sample: senders, other official ones, and partners, with the form of their addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation with its mail domain. `form` is the local part of its addresses: {g}iven name, {f}irst letter of
    it, {s}urname, {n}umber."""

    domain: str
    country: str
    form: str
    people: int
    desks: tuple[str, ...] = ()


SENDING = (
    Organisation(
        "mod.gov.uk", "uk", "{g}.{s}{n}", 34, ("jhc-movements", "dmc-travel", "air-liaison-desk", "dphc-med-boards")
    ),
    Organisation("fcdo.gov.uk", "uk", "{g}.{s}", 10, ("visits.protocol",)),
    Organisation("army.mil", "us", "{g}.{f}.{s}{n}.mil", 18, ("usarmy.travel.desk",)),
    Organisation("us.navy.mil", "us", "{g}.{f}.{s}{n}.civ", 12),
    Organisation("us.af.mil", "us", "{g}.{s}.{n}", 12, ("atoc.manifests",)),
    Organisation("state.gov", "us", "{s}{f}", 10),
    Organisation("mindef.nl", "nl", "{f}.{s}.{n}", 14, ("dvvo.transport",)),
    Organisation("defence.gov.au", "au", "{g}.{s}{n}", 14, ("adf.visits",)),
    Organisation("harrowgate-avionics.co.uk", "uk", "{g}.{s}", 8, ("contracts",)),
    Organisation("delmarva-rotorcraft.com", "us", "{f}{s}", 8, ("field.service",)),
    Organisation("fairlead-crew-travel.com", "uk", "{g}", 5, ("military.desk", "rooming")),
)
OFFICIAL = (
    Organisation("mail.mil", "us", "{g}.{f}.{s}.mil", 8),
    Organisation("navy.mil", "us", "{g}.{s}", 10),
    Organisation("usmc.mil", "us", "{g}.{s}", 8),
    Organisation("socom.mil", "us", "{g}.{s}", 5),
    Organisation("health.mil", "us", "{g}.{f}.{s}.civ", 6),
    Organisation("usace.army.mil", "us", "{g}.{f}.{s}", 6),
    Organisation("315aw.afrc.af.mil", "us", "{g}.{s}", 3),
    Organisation("usaid.gov", "us", "{f}{s}", 5),
    Organisation("dhs.gov", "us", "{g}.{s}", 5),
    Organisation("nato.int", "int", "{s}.{g}", 8, ("visits",)),
    Organisation("shape.nato.int", "int", "{g}.{s}", 8),
    Organisation("defensie.nl", "nl", "{f}.{s}", 6),
    Organisation("minbuza.nl", "nl", "{g}.{s}", 4),
    Organisation("dfat.gov.au", "au", "{g}.{s}", 5),
    Organisation("homeoffice.gov.uk", "uk", "{g}.{s}", 6),
    Organisation("forces.gc.ca", "int", "{g}.{s}", 4),
    Organisation("bundeswehr.org", "int", "{g}{s}", 4),
    Organisation("army.cz", "int", "{s}{f}", 3),
    Organisation("mil.no", "int", "{g}.{s}", 3),
    Organisation("mil.pl", "int", "{f}.{s}", 3),
    Organisation("navy.lt", "int", "{g}.{s}", 2),
    Organisation("diplomatie.gouv.ml", "int", "{f}{s}", 3, ("protocole",)),
    Organisation("sante.gouv.ml", "int", "{f}{s}", 2),
)
PARTNERS = tuple(
    Organisation(domain, country, form, people)
    for domain, country, form, people in (
        ("gmail.com", "uk", "{g}.{s}{n}", 14),
        ("outlook.com", "us", "{g}{s}{n}", 10),
        ("hotmail.co.uk", "uk", "{f}{s}{n}", 6),
        ("btinternet.com", "uk", "{g}.{s}", 4),
        ("ziggo.nl", "nl", "{f}.{s}", 3),
        ("bigpond.com", "au", "{f}{s}", 3),
        ("tynedale-fasteners.co.uk", "uk", "{g}", 3),
        ("carrick-marine-paints.co.uk", "uk", "sales", 1),
        ("blackmoor-tyres.co.uk", "uk", "orders", 1),
        ("penrose-tentage.com", "uk", "{g}.{s}", 2),
        ("northmere-catering.co.uk", "uk", "{g}", 2),
        ("hotel-zeeduin-denhelder.nl", "nl", "receptie", 1),
        ("grandhotel-ardennes-mons.be", "int", "groups", 1),
        ("ledra-bay-hotel.com.cy", "int", "reservations", 1),
        ("esplanade-darwin-suites.com.au", "au", "bookings", 1),
        ("tidewater-inn-norfolk.com", "us", "frontdesk", 1),
        ("stmargaret-infirmary.nhs.uk", "uk", "{g}.{s}", 3),
        ("lakeside-orthopaedics.org", "us", "records", 1),
        ("medisch-centrum-oost.nl", "nl", "poli", 1),
        ("severn-and-wye-bank.co.uk", "uk", "cards", 1),
        ("prairiecreditunion.org", "us", "memberservice", 1),
        ("polderbank.nl", "nl", "zakelijk", 1),
        ("westmarch.ac.uk", "uk", "{f}.{s}", 3),
        ("tideway.edu.au", "au", "{g}.{s}", 2),
        ("blueridge-tech.edu", "us", "{s}{n}", 2),
        ("kestrel-freight.eu", "int", "{g}.{s}", 3),
        ("transbaltic-rail.ee", "int", "{g}", 2),
        ("sahel-logistique.ml", "int", "{g}.{s}", 2),
        ("bamako-handling.com", "int", "ops", 1),
        ("redgum-uniforms.com.au", "au", "{g}", 2),
        ("halyard-chandlers.com", "uk", "{g}", 2),
        ("osprey-translation.org", "uk", "{g}.{s}", 2),
        ("amersfoort-drukwerk.nl", "nl", "{g}", 2),
        ("camp-mill-schools.org", "us", "{g}.{s}", 2),
        ("copperline-telecom.co", "us", "support", 1),
        ("bluefin-satcom.io", "us", "{g}", 2),
        ("veterans-harbour.org.uk", "uk", "{g}", 2),
        ("stratus-payroll.cm", "int", "paie", 1),
    )
)
