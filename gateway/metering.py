"""Metering: the step that finds a request's API key and holds it to the limits. Pure: no clock.

The order is AWS's: the client's limit for the method in its usage plan, the client's own, the
method's in the stage, the account's (API Gateway developer guide, "How throttling limit settings
are applied"). The quota comes last: a request that is throttled does not use it up.
"""

from datetime import UTC, datetime

from gateway.api_keys import ApiKey, ApiKeys
from gateway.deployment import Route
from gateway.gateway_response import FORBIDDEN, QUOTA_EXCEEDED, THROTTLED, RefusedError
from gateway.quota import Quota
from gateway.stage import Stage, UsagePlan
from gateway.token_bucket import ACCOUNT, Limits, TokenBucket

_BucketKey = tuple[str, str]
"""Whose bucket it is, and of what: a client or the stage, a route or all."""


class Meter:
    """The keys, buckets and quotas of a stage; a restart forgets what was used."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._keys = ApiKeys(key for plan in stage.plans for key in plan.keys)
        # a key stands in one plan of a stage (developer guide, "What are usage plans")
        self._plans = {key.key_id: plan for plan in stage.plans for key in plan.keys}
        self._quotas = {
            key.key_id: Quota(plan.quota) for plan in stage.plans for key in plan.keys if plan.quota
        }
        self._buckets: dict[_BucketKey, TokenBucket] = {}

    def find_key(self, route: Route, value: str | None) -> ApiKey | None:
        """Find the key that a request came with, `None` where its route needs none.

        Raises:
            RefusedError: the route needs a key, and it is missing, unknown or disabled.
        """
        if not route.needs_api_key:
            return None
        key = self._keys.find(value)
        if key is None:
            raise RefusedError(FORBIDDEN, "API key missing or unknown")
        return key

    def admit(self, route: Route, key: ApiKey | None, now: float, at: float) -> None:
        """Count a request.

        `now` is in seconds of a clock that never goes back, `at` in those since the epoch.

        Raises:
            RefusedError: it is one too many.
        """
        name = route.key
        if key:
            plan: UsagePlan = self._plans[key.key_id]
            self._take((key.key_id, name), plan.methods.get(name), now)
            self._take((key.key_id, ""), plan.throttle, now)
        self._take(("stage", name), self._stage.limits(name), now)
        self._take(("account", ""), ACCOUNT, now)
        quota = key and self._quotas.get(key.key_id)
        if key and quota and not quota.use(datetime.fromtimestamp(at, UTC)):
            raise RefusedError(QUOTA_EXCEEDED, f"the quota of key {key.key_id} is used up")

    def _take(self, owner: _BucketKey, limits: Limits | None, now: float) -> None:
        if limits is None:
            return
        bucket = self._buckets.get(owner)
        if bucket is None:
            bucket = self._buckets[owner] = TokenBucket(limits, now)
        if not bucket.take(now):
            raise RefusedError(
                THROTTLED, f"over {limits.rate:g} a second: {' '.join(filter(None, owner))}"
            )
