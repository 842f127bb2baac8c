"""The operations on endpoints: CreateEndpoint, UpdateEndpoint, DescribeEndpoint and the like.

An operation checks, writes down what is to be, and begins it; it does not wait (life does).
"""

from collections.abc import Mapping

from hosting.control import deployment, listing
from hosting.control.api_errors import InvalidRequestError, ResourceLimitExceededError
from hosting.control.description import describe
from hosting.control.endpoint_configs import EndpointConfigs, variants
from hosting.control.json_protocol import Operation, Operations, Request
from hosting.control.lives import EndpointLives
from hosting.control.members import Members
from hosting.control.models import LIST, Models
from hosting.control.records import Records, Status
from hosting.control.registry import Registry
from hosting.control.tags import check_keys
from hosting.live import LiveEndpoints, LiveVariant
from hosting.store import Document

NAME = Members(frozenset({"EndpointName"}))
CREATE = Members(frozenset({"EndpointName", "EndpointConfigName", "Tags"}))
UPDATE = Members(
    frozenset(
        {
            "EndpointName",
            "EndpointConfigName",
            "RetainAllVariantProperties",
            "ExcludeRetainedVariantProperties",
        }
    ),
    only={"RetainDeploymentConfig": (False,)},
)
WEIGHTS = Members(
    frozenset(
        {
            "EndpointName",
            "DesiredWeightsAndCapacities.VariantName",
            "DesiredWeightsAndCapacities.DesiredWeight",
            "DesiredWeightsAndCapacities.DesiredInstanceCount",
        }
    )
)
LIST_ENDPOINTS = Members(
    LIST.emulated | {"LastModifiedTimeBefore", "LastModifiedTimeAfter", "StatusEquals"}
)
_IN_PROGRESS = {Status.CREATING, Status.UPDATING, Status.DELETING}
_SUMMARY = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")


class Endpoints:
    """The endpoints that were created."""

    def __init__(
        self,
        registry: Registry,
        configs: EndpointConfigs,
        models: Models,
        lives: EndpointLives,
        live: LiveEndpoints,
    ) -> None:
        self._registry = registry
        self._records = Records(registry)
        self._configs = configs
        self._models = models
        self._lives = lives
        self._live = live

    def operations(self) -> Operations:
        """Give the operations on endpoints."""
        return {
            "CreateEndpoint": Operation(self.create_endpoint, CREATE),
            "DescribeEndpoint": Operation(self.describe_endpoint, NAME),
            "ListEndpoints": Operation(self.list_endpoints, LIST_ENDPOINTS),
            "UpdateEndpoint": Operation(self.update_endpoint, UPDATE),
            "UpdateEndpointWeightsAndCapacities": Operation(self.update_weights, WEIGHTS),
            "DeleteEndpoint": Operation(self.delete_endpoint, NAME),
        }

    async def create_endpoint(self, request: Request) -> Document:
        """Begin to create an endpoint. Raises InvalidRequestError, ResourceLimitExceededError."""
        return self._create(request, declared=False)

    def declare(self, request: Request) -> None:
        """Begin to create an endpoint whose containers may take their time to answer."""
        self._create(request, declared=True)

    async def describe_endpoint(self, request: Request) -> Document:
        """Give what an endpoint is, and how it fares."""
        name = request["EndpointName"]
        return describe(self._records.find(name), self._live.in_service.get(name))

    async def list_endpoints(self, request: Request) -> Document:
        """Give a page of endpoints."""
        keys = {
            "Name": "EndpointName",
            "CreationTime": "CreationTime",
            "Status": "EndpointStatus",
        }
        found, token = listing.page(
            self._records.all(), request, sort_keys=keys, status="EndpointStatus"
        )
        return listing.answer("Endpoints", found, token, _SUMMARY)

    async def update_endpoint(self, request: Request) -> Document:
        """Begin to serve another configuration, without a pause."""
        name = request["EndpointName"]
        record = self._in_service(name)
        deployed = record["Deployed"]
        config = self._configs.find(request["EndpointConfigName"])
        retained = {}
        if request.get("RetainAllVariantProperties", False):
            excluded = request.get("ExcludeRetainedVariantProperties", [])
            left_out = {each["VariantPropertyType"] for each in excluded}
            retained = dict(deployment.retained(deployed, left_out))
            if "DataCaptureConfig" not in left_out:
                config = deployment.with_capture_of(deployed, config)
        pending = self._deployment(name, config, retained)
        self._records.change(name, Status.UPDATING, Pending=pending, FailureReason=None)
        life = self._lives.of(name)
        life.begin(life.update)
        return {"EndpointArn": record["EndpointArn"]}

    async def update_weights(self, request: Request) -> Document:
        """Begin to change weights and numbers of instances, without a pause."""
        changes = {each["VariantName"]: each for each in request["DesiredWeightsAndCapacities"]}
        name = request["EndpointName"]
        self.rescale(name, changes)
        return {"EndpointArn": self._records.arn(name)}

    def rescale(self, name: str, changes: Mapping[str, Request]) -> None:
        """Begin to change the DesiredWeight or DesiredInstanceCount of variants, by their names.

        Raises InvalidRequestError, ResourceLimitExceededError.
        """
        deployed = self._in_service(name)["Deployed"]
        given = self._registry.given
        wanted = deployment.rescaled_counts(name, deployed, changes, given)
        self._check_limit(
            deployment.started(deployed["Config"], wanted, given)
            - deployment.instance_count(deployed, given)
        )
        changed = deployment.rescaled(name, deployed, changes, wanted)
        self._records.change(name, Status.UPDATING, Deployed=changed, FailureReason=None)
        life = self._lives.of(name)
        life.begin(life.scale)

    def is_gone(self, name: str, variant: str) -> bool:
        """Tell whether there is no such endpoint any more, or no such variant of it."""
        record = self._records.get(name)
        return record is None or (
            "Deployed" in record and variant not in record["Deployed"]["Variants"]
        )

    def scalable(self, name: str, variant: str) -> LiveVariant | None:
        """Give a variant whose instances can be changed now, else None."""
        record = self._records.get(name)
        if record is None or record["EndpointStatus"] != Status.IN_SERVICE:
            return None
        production = self._live.in_service[name].variants
        return next((each for each in production if each.name == variant), None)

    def why_not_scalable(self, name: str, variant: str) -> str | None:
        """Tell why the instances of a variant can never be changed, or give None."""
        record = self._records.get(name)
        deployed = record.get("Deployed") if record else None
        if deployed is None:
            return f'Endpoint "{self._records.arn(name)}" is not there, or not in service yet.'
        for each in deployed["Config"]["ProductionVariants"]:
            if each["VariantName"] == variant:
                if each["ModelName"] in self._registry.given:
                    return deployment.cannot_scale(variant, each["ModelName"])
                return None
        return f"Variant {variant} is not a production variant of endpoint {name}."

    async def delete_endpoint(self, request: Request) -> Document:
        """Begin to delete an endpoint; the invocations that are under way end before it does."""
        name = request["EndpointName"]
        record = self._records.find(name)
        status = record["EndpointStatus"]
        awaited = status == Status.CREATING and record["Declared"]
        if status in _IN_PROGRESS and not awaited:
            raise InvalidRequestError(
                f'Cannot update in-progress endpoint "{record["EndpointArn"]}".'
            )
        self._records.change(name, Status.DELETING)
        life = self._lives.of(name)
        life.begin(life.delete)
        return {}

    def _create(self, request: Request, *, declared: bool) -> Document:
        name = request["EndpointName"]
        arn = self._records.arn(name)
        if self._records.get(name) is not None:
            raise InvalidRequestError(f'Cannot create already existing endpoint "{arn}".')
        config = self._configs.find(request["EndpointConfigName"])
        pending = self._deployment(name, config, {})
        tags = request.get("Tags", [])
        check_keys(tags)
        self._records.create(name, pending, declared=declared)
        self._registry.tags.create(arn, tags)
        life = self._lives.of(name)
        life.begin(life.create_declared if declared else life.create)
        return {"EndpointArn": arn}

    def _deployment(self, name: str, config: Request, retained: Mapping[str, Request]) -> Request:
        """Freeze a configuration. Raises InvalidRequestError, ResourceLimitExceededError."""
        named = {variant["ModelName"] for variant in variants(config)}
        models = {model: self._models.find(model) for model in named}
        # in an update both fleets run until the new one is in service
        wanted = deployment.counts(config, retained)
        self._check_limit(deployment.started(config, wanted, self._registry.given))
        return deployment.deployment(name, config, models, self._registry.now(), retained)

    def _in_service(self, name: str) -> Request:
        """Give the document of an endpoint that can be changed. Raises InvalidRequestError."""
        record = self._records.find(name)
        status, arn = record["EndpointStatus"], record["EndpointArn"]
        if status == Status.FAILED:
            # (botocore, EndpointStatus: deleting is the only thing that can be done with it)
            raise InvalidRequestError(f'Cannot update failed endpoint "{arn}": delete it.')
        if status != Status.IN_SERVICE:
            raise InvalidRequestError(f'Cannot update in-progress endpoint "{arn}".')
        return record

    def _check_limit(self, delta: int) -> None:
        """Refuse more instances than there may be. Raises ResourceLimitExceededError."""
        limit = self._registry.instance_limit
        current = sum(
            deployment.instance_count(record[state], self._registry.given)
            for record in self._records.all()
            for state in ("Deployed", "Pending")
            if state in record
        )
        if delta > 0 and current + delta > limit:
            raise ResourceLimitExceededError(
                f"The service limit 'instances of this stack' is {limit} Instances,"
                f" with current utilization of {current} Instances and a request delta of {delta}"
                " Instances. Delete endpoints, or set INSTANCE_LIMIT to more."
            )
