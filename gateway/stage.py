"""A stage: its name, its variables, what it limits and logs. Not: where it is declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.api_keys import ApiKey
from gateway.quota import QuotaSettings
from gateway.token_bucket import Limits

EVERY_METHOD = "*/*"


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """What the clients with its keys may do, each for itself."""

    name: str
    keys: tuple[ApiKey, ...]
    """Those that are enabled."""
    throttle: Limits | None = None
    methods: Mapping[str, Limits] = field(default_factory=dict)
    """By route, such as `/applications/mail/POST`."""
    quota: QuotaSettings | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """The one stage that the gateway serves."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    throttles: Mapping[str, Limits] = field(default_factory=dict)
    """By route, or `*/*` for each of the others."""
    detailed_metrics: Mapping[str, bool] = field(default_factory=dict)
    """Whether a route is counted by itself, by route or `*/*`."""
    access_log: str | None = None
    """The format of a line; `None` writes none."""
    plans: tuple[UsagePlan, ...] = ()

    def named_routes(self) -> frozenset[str]:
        """Give the routes of which something is said."""
        said = {*self.throttles, *self.detailed_metrics}
        return frozenset(said.union(*(plan.methods for plan in self.plans)) - {EVERY_METHOD})

    def has_metrics(self, route: str) -> bool:
        """Tell whether a route is counted by itself."""
        return self.detailed_metrics.get(route, self.detailed_metrics.get(EVERY_METHOD, False))

    def limits(self, route: str) -> Limits | None:
        """Give the stage's limits of a route."""
        return self.throttles.get(route, self.throttles.get(EVERY_METHOD))
