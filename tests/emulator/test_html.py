"""The page for people."""

PAGE = "/pages/acme"


def test_a_quiet_page_says_so_and_lists_components(http):
    text = http.get(PAGE).text
    assert "All systems operational" in text
    assert "Nothing has happened here yet." in text
    for name in ("Acme Status", "API", "Dashboard", "EU", "Database", "Queue"):
        assert name in text


def test_live_and_planned_events_are_announced(acme, http, emulator):
    acme.incident(name="Slow API", component_statuses=acme.statuses(API="full_outage"))
    acme.window(name="Database move", automate_maintenance_status=True)
    text = http.get(PAGE).text
    assert "Some systems are down" in text
    assert "Slow API" in text
    assert '<time datetime="2026-06-01T13:00:00Z">Mon 1 Jun 2026, 13:00</time>' in text
    assert "Planned: " in text
    emulator.advance(3700)
    text = http.get(PAGE).text
    assert "In progress: " in text
    assert "Under maintenance" in text


def test_a_problem_with_no_component_is_not_all_well(acme, http):
    acme.incident()
    text = http.get(PAGE).text
    assert "We are looking into a problem" in text
    assert "All systems operational" not in text


def test_maintenance_is_the_headline_when_nothing_is_wrong(acme, http):
    acme.window(maintenance_status="maintenance_in_progress")
    assert '<p class="banner planned" role="status">' in http.get(PAGE).text


def test_what_is_over_is_listed_as_past(acme, http):
    acme.incident(name="Old story", incident_status="resolved")
    text = http.get(PAGE).text
    assert "All systems operational" in text
    assert "Old story" in text.partition("Past events")[2]


def test_every_event_has_a_page_of_its_own(acme, http):
    key = acme.incident(name="Slow API")["id"]
    acme.update_incident(key, message="We found **it**.", incident_status="identified")
    text = http.get(f"{PAGE}/incidents/{key}").text
    assert "We found <strong>it</strong>." in text
    assert text.index("We found") < text.index("We are looking")
    assert http.get(f"{PAGE}/maintenances/{key}").status_code == 404


def test_what_does_not_exist_is_a_page_too(http, emulator):
    emulator.add_page("Beta")
    for path in ("/pages/nobody", f"{PAGE}/incidents/01NONE"):
        answer = http.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")
    assert 'href="/pages/beta"' in http.get("/").text


def test_messages_and_names_cannot_bring_html_scripts_or_images(acme, http):
    evil = '<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://example.com/i.png) <b onclick="x()">b</b>'
    key = acme.incident(name="<img src=x>", message=evil)["id"]
    for path in (PAGE, f"{PAGE}/incidents/{key}"):
        answer = http.get(path)
        for bad in ("<script", 'href="javascript', "<img", "<b onclick"):
            assert bad not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_components_in_groups_of_sub_pages_are_shown(acme, http):
    layout = {"name": "Big", "sub_pages": {"UK": {"components": ["Shop"], "groups": {"Rail": ["Trains"]}}}}
    acme.ok("POST", "/_emulator/pages", layout)
    text = http.get("/pages/big").text
    for name in ("UK", "Shop", "UK / Rail", "Trains"):
        assert name in text
