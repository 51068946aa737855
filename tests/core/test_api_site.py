"""The interface beside the site: what is below /api is answered to programs; nothing of the one reaches the other."""

from __future__ import annotations

from core.testing.api import Api, said, token_for
from core.testing.builders import Firm
from core.testing.sites import site_of


def test_the_interface_and_the_site_answer_side_by_side(firm: Firm) -> None:
    """JSON below /api, also for what is not there; pages elsewhere; no cookie from the one, no token for the other."""
    site = site_of(firm)
    api = Api(site.test_client(), token_for(firm, "rep"))
    made = api.made("/core/parties", {"name": "甲公司"})
    assert said(api.get(f"/core/parties/{made['id']}")) == made
    client = site.test_client()
    lost = client.get("/api/nothing", headers={"Accept": "text/html"})
    assert (lost.status_code, lost.mimetype) == (404, "application/problem+json")
    assert "Set-Cookie" not in lost.headers
    headers = {"Authorization": f"Bearer {api.token}", "Accept": "text/html"}
    for path in ("/c/acme/", "/c/acme/api/v1/core/me", f"/c/acme/core/party/{made['id']}"):
        page = client.get(path, headers=headers)
        assert page.status_code in {303, 302, 404}, path
        assert page.mimetype == "text/html"


def test_the_description_is_open_and_names_no_company(firm: Firm) -> None:
    """It says what the program can do, and nothing about who uses it."""
    site = site_of(firm)
    answer = site.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, said(answer)["openapi"]) == (200, "3.1.0")
    assert "大华" not in answer.get_data(as_text=True)
