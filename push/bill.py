"""What the endpoint costs while it exists, as AWS's Price List says today.

Facts: the Price List Query API, GetProducts; a product is a JSON text with `product.attributes`
(instanceName, component Hosting, regionCode) and `terms.OnDemand` (awslabs/llmeter reads it so).
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from push.undertaking import Pricing

HOURS_A_MONTH = 730
"""As AWS's own calculator counts: 365 days of 24 hours in twelve parts."""
WHERE = "https://aws.amazon.com/sagemaker/ai/pricing/"


def of(instances: Mapping[str, int], region: str, pricing: Pricing) -> str:
    """Say what instances cost, or that it could not be read and where to look."""
    if not instances:
        return f"a serverless endpoint costs by use: {WHERE}"
    size = " and ".join(f"{count} x {kind}" for kind, count in instances.items())
    total = Decimal(0)
    for kind, count in instances.items():
        try:
            price = hourly(_products(kind, region, pricing))
        # without a price the endpoint is as good
        except (BotoCoreError, ClientError) as error:
            return _unknown(size, region, str(error).partition("\n")[0])
        if price is None:
            return _unknown(size, region, f"the Price List has no one price for {kind}")
        total += price * count
    return (
        f"{size} in {region}: {total.normalize():f} USD an hour,"
        f" {total * HOURS_A_MONTH:.2f} USD a month, whether it is asked or not (AWS Price List)"
    )


def hourly(products: Sequence[str]) -> Decimal | None:
    """Read the price of an hour in USD; `None` where there is none, or more than one."""
    prices = set()
    for product in products:
        read = json.loads(product)
        if read["product"]["attributes"].get("component") != "Hosting":
            continue
        for term in read.get("terms", {}).get("OnDemand", {}).values():
            for dimension in term["priceDimensions"].values():
                if "USD" in dimension["pricePerUnit"]:
                    prices.add(Decimal(dimension["pricePerUnit"]["USD"]))
    return prices.pop() if len(prices) == 1 else None


def _products(instance_type: str, region: str, pricing: Pricing) -> Sequence[str]:
    wanted = {"regionCode": region, "instanceName": instance_type, "component": "Hosting"}
    filters = [
        {"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()
    ]
    answer: Mapping[str, Any] = pricing.get_products(ServiceCode="AmazonSageMaker", Filters=filters)
    products: Sequence[str] = answer["PriceList"]
    return products


def _unknown(size: str, region: str, why: str) -> str:
    return (
        f"what {size} in {region} cost could not be read ({why}): look at {WHERE};"
        " it costs for every hour that it exists"
    )
