"""Mail data full of markup and script: it is shown as text, runs nothing and loads nothing."""

from __future__ import annotations

from streams.events.alert import encode_alert
from streams.events.finding import Evidence
from streams.events.hit import encode_hit
from streams.events.mistaken_domain import MistakenDomain
from tests.cli.finding import finding
from tests.console.browser import Browser
from tests.console.conftest import Pipeline
from tests.console.samples import hit
from tests.console.test_page import show

SCRIPT = "<script>document.title='run'</script>"
IMAGE = "<img src=x onerror=\"document.title='run'\">"
DOMAIN = f"army.ml{IMAGE}"
SENDER = f"\"><svg onload=document.title='run'>{SCRIPT}@mod.gov.uk"
SUBJECT = f"</pre></td>{SCRIPT}{IMAGE}${{document.title='run'}}{{{{7*7}}}}"


def test_markup_and_script_in_mail_are_shown_as_text(pipeline: Pipeline, browser: Browser) -> None:
    domain = MistakenDomain(DOMAIN, f"army.mil{SCRIPT}", SUBJECT, f"why {IMAGE}", 0.9, certain=True)
    state = finding(
        domain=domain,
        sender=SENDER,
        labels=[IMAGE],
        owner=f"x@y.z{SCRIPT}",
        runbook_url="javascript:document.title='run'",
        evidences=[Evidence(SENDER, [f"a@{DOMAIN}"], f"<{IMAGE}>", 1, SUBJECT)],
    )
    evil = hit("1", sender=SENDER, domain=DOMAIN, recipients=[f"a@{DOMAIN}"], subject=SUBJECT, message_id=IMAGE)
    pipeline.send(pipeline.names.typo_hits, encode_hit(evil))
    pipeline.send(pipeline.names.alerts, encode_alert(state))
    show(browser, pipeline)
    browser.until(lambda: IMAGE in "".join(browser.texts("#rows")), "the domain is shown as text")
    browser.find("#rows .open").click()
    browser.until(lambda: SUBJECT in "".join(browser.texts("#detail .mails")), "the subject is shown as text")
    for summary in browser.all("#detail summary"):
        summary.click()
    assert browser.texts("#detail .copied pre")
    assert browser.script("return document.querySelectorAll('main script, main img, main svg[onload]').length") == 0
    assert browser.script("return [...document.querySelectorAll('a')].map((a) => a.protocol)") == ["http:"]
    assert browser.driver.title in ("straymail", "(1) straymail")
    assert browser.console() == []


def test_the_policy_stops_what_would_run_anyway(pipeline: Pipeline, browser: Browser) -> None:
    show(browser, pipeline)
    refused = browser.script("""
        const element = document.createElement("div");
        try { element.innerHTML = "<b>x</b>"; return "it ran"; } catch (error) { return error.name; }""")
    assert refused == "TypeError"
    browser.script("const i = document.createElement('img'); i.src = 'http://127.0.0.2:9/x'; document.body.append(i)")
    browser.until(lambda: any("img-src" in line for line in browser.console()), "the picture is refused")


def test_an_id_in_the_address_is_text_too(pipeline: Pipeline, browser: Browser) -> None:
    show(browser, pipeline, "?finding=%3Cimg%20src%3Dx%3E&domain=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    browser.until(lambda: "Can't show this finding" in browser.find("#detail").text, "the missing finding is reported")
    assert browser.script("return document.querySelector('input[name=domain]').value") == '"><script>alert(1)</script>'
