"""Both sides of each kind of slip that once went wrong: slips are found, and real names of others stay silent."""

from __future__ import annotations

import pytest

from streams.domains.names import canonical
from streams.domains.verdict import Verdict
from tests.domains.scorers import scorer_of

SLIPS = {
    "a brand under many suffixes": (
        "yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es gmail.com hotmail.com hotmail.fr"
        " hotmail.de outlook.com",
        "yahoo.comm yahoo.cmo yahoo.cim gmail.om gmail.cm hotmail.con outlook.cm hotmail.xom yahoo.co.ku outlook.comm",
    ),
    "a suffix typed twice": (
        "gmail.com northfield.com acme.co.uk",
        "gmail.com.com northfield.com.com acme.co.uk.uk acme.co.uk.co.uk",
    ),
    "no dot, or no suffix": (
        "gmail.com northfield.com acme-labs.co.uk",
        "gmailcom northfieldcom acme-labscouk northfield acme-labs",
    ),
    "letters after the suffix": (
        "gmail.com northfield.com acme-labs.org",
        "gmail.comcom gmail.comwww northfield.commail acme-labs.organd",
    ),
    "a subdomain": (
        "houston.rr.com students.uu.nl cs.stanford.edu lists.acme.org ll.mit.edu",
        "huoston.rr.com studens.uu.nl studetns.uu.nl mail.huoston.rr.com lits.acme.org mit.ll.edu",
    ),
    "the dot of a watched subdomain": (
        "shape.nato.int acme.company.com lab.northfield.org",
        "shapenato.int acmecompany.com acme-company.com lab-northfield.org labnorthfield.org",
    ),
    "the same subdomain under another suffix": (
        "law.northfield.edu alumni.northfield.es",
        "law.northfield.com alumni.northfield.com",
    ),
    "Latin names under suffixes of other scripts": ("shop.рф лавка.рф", "shpo.рф shopp.рф"),
    "a hyphen within a word": ("lockheedmartin.com northfield.org", "lockh-eedmartin.com nor-thfield.org"),
}
REAL = {
    "a brand under many suffixes": (
        "yahoo.com yahoo.co.uk yahoo.de google.com google.de google.fr bbc.co.uk bbc.com",
        "goggles.com goodle.com abc.com cbc.ca ybc.co google.cat",
    ),
    "another country's organisation": (
        "amnesty.org greenpeace.org redcross.org oxfam.org unicef.org savethechildren.org wwf.org caritas.org msf.org"
        " habitat.org transparency.org actionaid.org scouts.org rotary.org wikimedia.org debian.org mensa.org",
        "amnesty.org.uk greenpeace.org.uk greenpeace.org.au redcross.org.au redcross.org.uk redcross.org.nz"
        " oxfam.org.uk oxfam.org.au oxfam.org.nz oxfam.org.hk unicef.org.uk unicef.org.au unicef.org.nz"
        " savethechildren.org.uk savethechildren.org.au wwf.org.au wwf.org.za caritas.org.au caritas.org.hk msf.org.uk"
        " habitat.org.au transparency.org.uk actionaid.org.uk scouts.org.uk scouts.org.za rotary.org.au"
        " wikimedia.org.uk wikimedia.org.au mensa.org.uk mensa.org.au",
    ),
    "the firm's other name, with a hyphen": (
        "servicenow.com cocacola.com rollsroyce.com mercedesbenz.com tmobile.com walmart.com hewlettpackard.com"
        " ebay.com tonline.de linkedin.com bestbuy.com homedepot.com playstation.com dropbox.com"
        " salesforce.com jnj.com",
        "service-now.com rolls-royce.com mercedes-benz.com t-mobile.com t-online.de",
    ),
    "a well-known short name": (
        "vice.com xbox.com mail.com gmail.com aol.com bing.com msn.com live.com cisco.com visa.com ebay.com hp.com",
        "ice.com vive.com box.com mailw.com ymail.com email.com mail.ru ring.com ping.com king.com nice.com"
        " wise.com line.com five.com hpe.com vista.co",
    ),
    "the parent and the siblings of a watched subdomain": (
        "student.gu.se fas.harvard.edu cs.cmu.edu houston.rr.com students.uu.nl media.mit.edu ox.ac.uk",
        "gu.se harvard.edu cmu.edu rr.com uu.nl mit.edu ling.gu.se chem.gu.se hks.harvard.edu hbs.harvard.edu"
        " ece.cmu.edu andrew.cmu.edu austin.rr.com tampabay.rr.com science.uu.nl phil.uu.nl csail.mit.edu"
        " gsd.harvard.edu alumni.cmu.edu alum.mit.edu",
    ),
    "a suffix of another script": (
        "probe.商業.tw shop.рф 中国.cn",
        "other.商業.tw tests.商業.tw bank.рф пример.рф 台湾.tw",
    ),
    "a body with a former or similar name": (
        "fcdo.gov.uk defra.gov.uk dfe.gov.uk dft.gov.uk dhs.gov dod.gov dea.gov doi.gov",
        "fco.gov.uk dcms.gov.uk dh.gov.uk doj.gov dot.gov doe.gov ed.gov epa.gov",
    ),
    "another English": (
        "defence.gov.au centre.org theatre.com colour.com labour.org.uk organisation.org fibre.com harbour.com",
        "defense.gov center.org theater.com color.com labor.org fiber.com",
    ),
    "within a network": (
        "intel.com northfield.com army.mil cisco.com",
        "intel.local northfield.lan army.internal cisco.localdomain northfield.corp intel.home northfield.intranet",
    ),
    "a neighbouring university": (
        "lu.se uu.nl tu-berlin.de unc.edu psu.edu ucla.edu osu.edu",
        "kau.se ru.nl vu.nl fu-berlin.de ksu.edu asu.edu ucsb.edu ucsd.edu wsu.edu msu.edu fsu.edu",
    ),
}


@pytest.mark.parametrize("kind", SLIPS)
def test_slips_are_found(kind: str) -> None:
    assert [verdict for verdict in _verdicts(*SLIPS[kind]) if not verdict.typo] == []


@pytest.mark.parametrize("kind", REAL)
def test_real_names_stay_silent(kind: str) -> None:
    assert [verdict for verdict in _verdicts(*REAL[kind]) if verdict.typo] == []


def _verdicts(watched: str, typed: str) -> list[Verdict]:
    scorer = scorer_of(*map(canonical, watched.split()))
    return [scorer.score(name) for name in typed.split()]
