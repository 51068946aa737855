"""What an administrator sets for the company: areas, data, settings, series, days."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from core.extension.core_settings import SESSION_HOURS
from core.operations import company
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor


@pytest.fixture
def admin(firm: Firm) -> Visitor:
    """The administrator of the firm, at a browser."""
    return Visitor(site_of(firm), firm, "admin")


def test_an_area_is_switched_and_follows_at_the_next_request(firm: Firm, admin: Visitor) -> None:
    """PLT-01: an area that is off vanishes from the screens, and comes back when it is opened again."""
    clerk = Visitor(admin.client.application, firm, "clerk")
    assert clerk.get("/quotation/quotations/").status_code == 200
    assert admin.post("/administration/areas/quotation", on="0").status_code == 303
    assert clerk.get("/quotation/quotations/").status_code == 404
    assert admin.post("/administration/areas/quotation", on="0").status_code == 303
    assert admin.post("/administration/areas/quotation", on="1").status_code == 303
    assert clerk.get("/quotation/quotations/").status_code == 200


def test_an_area_with_unfinished_documents_stays_and_says_why(firm: Firm, admin: Visitor) -> None:
    quotation = firm.create(Quotation, lines=[line(firm.item(), "2")], party_id=firm.party().id)
    firm.move(quotation, "submit")
    page = admin.get("/administration/areas/").text
    assert "1 × Quotation in the state" in page
    assert "Closing hides: 1 × Quotations" in page
    refused = admin.post("/administration/areas/quotation", on="0")
    assert refused.status_code == 409
    assert "It cannot be switched off" in refused.text
    assert firm.read("admin", lambda w: "quotation" in w.areas)


def test_company_data_are_changed_and_bad_ones_are_kept_and_marked(firm: Firm, admin: Visitor) -> None:
    assert admin.send("/administration/company/", phone="010-88886666", week=["1", "2", "3"]).status_code == 303
    assert firm.read("admin", lambda w: (w.company.row["phone"], w.company.row["week"])) == ("010-88886666", "123")
    refused = admin.send("/administration/company/", name="", address="北京市" * 200, phone="1")
    assert refused.status_code == 422
    assert refused.text.count('aria-invalid="true"') == 2
    assert 'value="1"' in refused.text
    assert firm.read("admin", lambda w: w.company.row["phone"]) == "010-88886666"
    assert admin.send("/administration/company/", language="xx", colour="plaid").status_code == 422
    assert admin.send("/administration/company/", week=[]).status_code == 422


def test_books_are_closed_up_to_a_day_that_is_over(firm: Firm, admin: Visitor) -> None:
    where = ("/administration/company/", "/administration/company/books")
    assert admin.send(*where, closed_until="2026-01-31").status_code == 303
    assert firm.read("admin", lambda w: w.company.closed_until) == date(2026, 1, 31)
    for wrong in ("2999-01-01", "soon"):
        assert admin.send(*where, closed_until=wrong).status_code == 422
    assert admin.send(*where, closed_until="").status_code == 303
    assert firm.read("admin", lambda w: w.company.closed_until) is None


def test_settings_are_typed_kept_when_refused_and_go_back_to_the_default(firm: Firm, admin: Visitor) -> None:
    page = "/administration/settings/"
    assert admin.send(page, core__session_hours="8").status_code == 303
    assert firm.read("admin", lambda w: w.setting(SESSION_HOURS)) == 8
    refused = admin.send(page, core__session_hours="9999", core__prices_include_tax="false")
    assert refused.status_code == 422
    assert "The greatest value is 720" in refused.text
    assert 'value="9999"' in refused.text
    assert firm.read("admin", lambda w: w.company.settings) == {"core.session_hours": "8"}
    chinese = Visitor(admin.client.application, firm, "admin", "zh_Hans_CN")
    assert "最大值为 720" in chinese.send(page, core__session_hours="9999").text
    assert admin.send(page, core__session_hours="").status_code == 303
    assert not firm.read("admin", lambda w: w.company.settings)


def test_a_stale_form_is_refused_and_a_repeated_one_changes_nothing(firm: Firm, admin: Visitor) -> None:
    page = "/administration/settings/"
    seen = admin.form(page)
    firm.run("admin", lambda w: company.choose_settings(w, {"core.session_hours": "4"}))
    stale = admin.client.post(f"/c/acme{page}", data={**seen, "core.session_hours": "6"})
    assert stale.status_code == 409
    assert 'value="6"' in stale.text
    assert firm.read("admin", lambda w: w.setting(SESSION_HOURS)) == 4
    seen = {**admin.form(page), "core.session_hours": "6"}
    version = firm.read("admin", lambda w: w.company.version)
    assert admin.client.post(f"/c/acme{page}", data=seen).status_code == 303
    assert admin.client.post(f"/c/acme{page}", data=seen).status_code == 303
    assert firm.read("admin", lambda w: w.company.version) == version + 1


def test_of_two_who_save_at_the_same_moment_one_is_told(firm: Firm, admin: Visitor) -> None:
    page, start = "/administration/settings/", Barrier(2)
    visitors = [admin, Visitor(admin.client.application, firm, "admin")]
    forms = [{**one.form(page), "core.session_hours": hours} for one, hours in zip(visitors, "45", strict=True)]

    def save(n: int) -> int:
        start.wait()
        return visitors[n].client.post(f"/c/acme{page}", data=forms[n]).status_code

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(save, range(2)))
    assert sorted(answers) == [303, 409]
    assert firm.read("admin", lambda w: w.setting(SESSION_HOURS)) == (4, 5)[answers.index(303)]


def test_number_series_show_the_next_number_and_refuse_what_cannot_count(firm: Firm, admin: Visitor) -> None:
    """PLT-04: every document has a number from its company's own series."""
    page = "/administration/series/"
    shown = admin.get("/administration/series/next", **{"quotation.quotation": "QT{yy}-{n:03}"}).text
    assert "QT26-001, starts again every year" in shown
    assert "field-error" in admin.get("/administration/series/next", **{"quotation.quotation": "<b>{n:04}"}).text
    refused = admin.send(page, quotation__quotation="QT-{dd}{n:04}")
    assert refused.status_code == 422
    assert 'value="QT-{dd}{n:04}"' in refused.text
    assert admin.send(page, quotation__quotation="QT{yyyy}-{n:03}").status_code == 303
    quotation = firm.create(Quotation, lines=[line(firm.item(), "2")], party_id=firm.party().id)
    firm.move(quotation, "submit")
    assert "002, starts again every year" in admin.get(page).text
    assert admin.send(page, quotation__quotation="").status_code == 303
    assert not firm.read("admin", lambda w: w.company.series)


def test_days_are_entered_changed_and_taken_out_again(firm: Firm, admin: Visitor) -> None:
    day = {"day": "2026-11-27", "until": "2026-11-29", "kind": "off", "name": "厂庆", "name_en": "Jubilee"}
    assert admin.post("/administration/calendar/day", **day).status_code == 303
    assert not firm.read("admin", lambda w: w.workdays.is_workday(date(2026, 11, 27)))
    assert "Jubilee" in admin.get("/administration/calendar/", year=2026).text
    version = firm.read("admin", lambda w: w.company.version)
    assert admin.post("/administration/calendar/day", **day).status_code == 303
    assert firm.read("admin", lambda w: w.company.version) == version
    assert admin.post("/administration/calendar/day", day="2026-11-27", kind="week").status_code == 303
    assert firm.read("admin", lambda w: w.workdays.is_workday(date(2026, 11, 27)))
    for wrong in ({"day": "27.11."}, {"day": ""}, {**day, "until": "2026-11-01"}, {**day, "kind": "perhaps"}):
        assert admin.post("/administration/calendar/day", **{"kind": "off", **wrong}).status_code == 422, wrong


def test_the_calendar_warns_of_a_year_it_does_not_know_and_takes_over_the_published_days(
    firm: Firm, admin: Visitor
) -> None:
    assert "No holidays of 2031 are entered" in admin.get("/administration/calendar/", year=2031).text
    assert "No holidays of 2020 are entered" in admin.get("/administration/calendar/", year=2020).text
    assert admin.post("/administration/calendar/statutory/2020").status_code == 303
    assert "are entered. Whatever" not in admin.get("/administration/calendar/", year=2020).text
    assert firm.read("admin", lambda w: w.workdays.is_workday(date(2020, 1, 19)))
    assert admin.post("/administration/calendar/statutory/1850").status_code == 404
