"""A process that attaches a file and is killed in the middle; run by ``test_files``."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from core.app import open_program
from core.db.engine import open_engine
from core.operations import bringing
from core.operations.attach import attach
from core.records.stores import Bucket, ObjectStore
from core.work import Ask
from plugins.quotation.documents import Quotation

PDF = b"%PDF-1.7 signed\n%%EOF"


def die(*_about: Any, **_more: Any) -> None:
    """As by ``kill -9``: nothing is flushed, nothing is undone."""
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(ObjectStore):
    """A store in front of which, or behind which, the process ends."""

    moment = "announced"

    def put(self, company_id: int, sha256: str, content: bytes) -> None:
        if self.moment == "announced":
            die()
        super().put(company_id, sha256, content)
        die()


def main(words: list[str]) -> None:
    """Attach the file to the document; the words say which, and when to die."""
    url, firm, who, document, moment, *bucket = words
    program = open_program(open_engine(url))
    ask = Ask(int(firm), int(who))
    if bucket[0]:
        store = Dying(Bucket(*bucket))
        store.moment = moment
        program.works.store = store
        bringing.bring(program.works, ask, Quotation, int(document), "a.pdf", PDF)

    def command(work: Any) -> None:
        attach(work, Quotation, int(document), "a.pdf", PDF)
        work.finish()
        die()

    program.works.run(ask, command)


if __name__ == "__main__":
    main(sys.argv[1:])
