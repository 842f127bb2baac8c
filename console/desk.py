"""The auditor's desk: joins the rules of a review, the store and the clock. Knows no HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from aws_lambda_powertools import Logger

from console import review
from console.case import Case, Event
from console.review import Attempt, Verdict
from console.store import Count, Cursor, LostRaceError, Page, Store
from riskstack.contract.application import Status
from riskstack.contract.decision import Transition

Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Desk:
    """What an auditor can do."""

    store: Store
    clock: Clock
    logger: Logger

    def counts(self) -> dict[Status, Count]:
        """Count the applications by status."""
        return {status: self.store.count(status) for status in Status}

    def page(self, status: Status, after: Cursor | None) -> Page:
        """List the cases of a status: what is decided newest first, what waits oldest first."""
        decided = status in (Status.ACCEPTED, Status.REJECTED)
        page = self.store.page(status, after, oldest_first=not decided)
        for application_id in page.unreadable:
            self.logger.error("unreadable item", application_id=application_id)
        return page

    def case(self, application_id: str) -> tuple[Case, tuple[Event, ...]]:
        """Read one case and its audit trail; errors as of the store."""
        return self.store.case(application_id), self.store.trail(application_id)

    def claim(self, application_id: str, actor: str, shown: int) -> None:
        """Take an application for review; errors as of `review.claim` and the store."""
        attempt = Attempt(actor, shown, self.clock())
        self._take(application_id, lambda case: review.claim(case, attempt), review.UNCLAIMED)

    def decide(
        self, application_id: str, actor: str, shown: int, verdict: Verdict, note: str
    ) -> None:
        """Accept or reject a claimed application; errors as of `review.decide` and the store."""
        attempt = Attempt(actor, shown, self.clock())
        self._take(application_id, lambda case: review.decide(case, attempt, verdict, note))

    def _take(
        self, application_id: str, rule: Callable[[Case], Transition | None], condition: str = ""
    ) -> None:
        try:
            self._write(rule(self.store.case(application_id)), condition)
        except LostRaceError:
            # the case as it is now tells who was first, and the rule refuses with that name
            self._write(rule(self.store.case(application_id)), condition)

    def _write(self, transition: Transition | None, condition: str) -> None:
        if transition is None:
            return
        self.store.write(transition, condition)
        self.logger.info(
            transition.action,
            application_id=transition.application_id,
            version=transition.version + 1,
            status=str(transition.after),
        )
