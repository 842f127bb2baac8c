from decimal import Decimal

import boto3
import pytest
from botocore.stub import Stubber

from push.bill import hourly, of
from tests.unit.push.stand import REGION, product


def test_the_price_of_an_hour_is_read() -> None:
    assert hourly([product("0.1150000000")]) == Decimal("0.115")


def test_only_hosting_counts() -> None:
    products = [product("0.1", "Training"), product("0.2"), product("0.3", "Notebook")]
    assert hourly(products) == Decimal("0.2")


@pytest.mark.parametrize(
    "products", [[], [product("0.1", "Training")], [product("1"), product("2")]]
)
def test_none_or_two_prices_are_no_price(products: list[str]) -> None:
    assert hourly(products) is None


def ask(instances: dict[str, int], *answers: list[str] | str) -> str:
    """Ask with the SDK's own client: a request that AWS would not take fails."""
    client = boto3.session.Session("a", "b", region_name="us-east-1").client("pricing")
    with Stubber(client) as stub:
        for (kind, _), answer in zip(instances.items(), answers, strict=True):
            wanted = {"regionCode": REGION, "instanceName": kind, "component": "Hosting"}
            filters = [
                {"Type": "TERM_MATCH", "Field": field, "Value": value}
                for field, value in wanted.items()
            ]
            if isinstance(answer, str):
                stub.add_client_error("get_products", answer)
            else:
                stub.add_response(
                    "get_products",
                    {"PriceList": answer},
                    {"ServiceCode": "AmazonSageMaker", "Filters": filters},
                )
        return of(instances, REGION, client)


def test_a_bill_counts_all_instances() -> None:
    instances = {"ml.m5.large": 2, "ml.c5.large": 1}
    assert ask(instances, [product("0.115")], [product("0.102")]) == (
        "2 x ml.m5.large and 1 x ml.c5.large in eu-central-1: 0.332 USD an hour,"
        " 242.36 USD a month, whether it is asked or not (AWS Price List)"
    )


@pytest.mark.parametrize("answer", [[], "AccessDeniedException"])
def test_a_price_that_cannot_be_read_is_not_made_up(answer: list[str] | str) -> None:
    text = ask({"ml.m5.large": 1}, answer)
    assert "could not be read" in text
    assert "https://aws.amazon.com/sagemaker/ai/pricing/" in text
    assert "USD" not in text


def test_serverless_costs_by_use() -> None:
    assert ask({}).startswith("a serverless endpoint costs by use")
