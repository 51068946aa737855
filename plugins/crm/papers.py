"""The talk on paper: 客户洽谈记录表, a form with boxes, to be signed by who wrote it and who gave guidance."""

from __future__ import annotations

from core.printing import forms
from core.printing.paper import Align, Column, Paper, Section
from core.printing.speech import Speech
from core.text import _
from core.work import Work
from plugins.crm.documents import Talk
from plugins.crm.services import people
from plugins.crm.settings import WAYS


def talk_paper(work: Work, talk: Talk, language: str) -> Paper:
    """The form of one talk: head, who was there, four boxes, the next step, signatures."""
    speech = Speech(language)
    return Paper(
        language=speech.main,
        title=speech.say(_("Record of a talk with a customer")),
        number=talk.title,
        made_at=work.now,
        company=forms.letterhead(work, speech),
        page_label=forms.page_label(speech),
        references=forms.references(talk, speech),
        fields=_head(talk, speech),
        sections=(
            _people(work, talk, speech),
            Section(speech.say(_("What was said")), talk.content, room=5),
            Section(speech.say(_("The customer's needs and opinions")), talk.needs, room=2),
            Section(speech.say(_("What was agreed")), talk.agreed, room=2),
            Section(speech.say(_("Open points")), talk.open_points, room=2),
            _next_step(work, talk, speech),
            Section(speech.say(_("Manager's guidance")), talk.guidance, room=2),
        ),
        signatures=(speech.say(_("Recorded by")), speech.say(_("Manager"))),
        signed_on=speech.say(_("Date:")),
    )


def _head(talk: Talk, speech: Speech) -> tuple[tuple[str, str], ...]:
    english = (talk.party_details or {}).get("name_en")
    way = dict(WAYS).get(talk.way, talk.way)
    return forms.said_pairs(
        (
            (speech.say(_("Customer")), speech.name(talk.party_name, english)),
            (speech.say(_("Topic")), talk.topic),
            (speech.say(_("From – to")), talk.time),
            (speech.say(_("Place")), talk.place),
            (speech.say(_("Way")), speech.say(way)),
            (speech.say(_("Competitors")), talk.competitor),
        )
    )


def _people(work: Work, talk: Talk, speech: Speech) -> Section:
    columns = (
        Column("position", speech.say(_("Line no.")), 0.5, Align.CENTRE),
        Column("side", speech.say(_("Company")), 2),
        Column("name", speech.say(_("Person")), 1),
        Column("title", speech.say(_("Title")), 1),
        Column("phone", speech.say(_("Telephone")), 1),
    )
    theirs = people(talk.their_people)
    if not theirs and talk.contact_name:
        theirs = [{"name": talk.contact_name, "title": "", "phone": talk.contact_phone}]
    ours = people(talk.our_people) or people(forms.who(work, talk.owner_id, speech))
    sides = [(talk.party_name, person) for person in theirs] + [(work.company.name, person) for person in ours]
    rows = tuple(
        (str(place), side, person["name"], person["title"], person["phone"])
        for place, (side, person) in enumerate(sides, 1)
    )
    return Section(speech.say(_("Those present")), columns=columns, rows=rows)


def _next_step(work: Work, talk: Talk, speech: Speech) -> Section:
    columns = (
        Column("position", speech.say(_("Line no.")), 0.5, Align.CENTRE),
        Column("what", speech.say(_("Matter")), 4),
        Column("who", speech.say(_("Responsible")), 1),
        Column("day", speech.say(_("To be done by")), 1, Align.CENTRE),
    )
    step = ("1", talk.next_step, forms.who(work, talk.owner_id, speech), speech.day(talk.next_on))
    return Section(speech.say(_("Next step")), columns=columns, rows=(step,) if talk.next_step else ())


PAPERS = {"crm.talk": talk_paper}
