from typing import Any

import pytest

from riskstack.emulator.function.targets import Target, dead_letters, destinations
from riskstack.emulator.template import TemplateError

QUEUE, TOPIC = "arn:aws:sqs:r:1:q", "arn:aws:sns:r:1:t"


def there(kind: str, arn: str) -> dict[str, str]:
    return {"Type": kind, "Destination": arn}


@pytest.mark.parametrize(
    ("kind", "arn", "service"),
    [
        ("SQS", QUEUE, "sqs"),
        ("SNS", TOPIC, "sns"),
        ("Lambda", "arn:aws:lambda:r:1:function:g", "lambda"),
        ("S3Bucket", "arn:aws:s3:::b", "s3"),
    ],
)
def test_destinations_are_read(kind: str, arn: str, service: str) -> None:
    assert destinations("f", {"OnFailure": there(kind, arn)}) == (None, Target(service, arn))


def test_dead_letters_are_read() -> None:
    assert dead_letters("f", {"Type": "SNS", "TargetArn": TOPIC}) == Target("sns", TOPIC)
    assert dead_letters("f", None) is None


@pytest.mark.parametrize(
    ("config", "cause"),
    [
        ({"OnOther": {}}, "f: not emulated: OnOther; remove it"),
        ({"OnSuccess": there("S3Bucket", "arn:aws:s3:::b")}, "f.OnSuccess: s3 is not emulated"),
        (
            {"OnFailure": there("EventBridge", "arn:aws:events:r:1:event-bus/b")},
            "f.OnFailure: events is not emulated; use one of lambda, s3, sns, sqs",
        ),
        ({"OnFailure": {"Type": "SQS"}}, "that SAM creates the resource is not emulated"),
        ({"OnFailure": there("SNS", QUEUE)}, "the Type of arn:aws:sqs:r:1:q is SQS, not SNS"),
        ({"OnFailure": there("SQS", f"{QUEUE}.fifo")}, "AWS does not deliver to .*: it is FIFO"),
    ],
)
def test_what_is_refused(config: dict[str, Any], cause: str) -> None:
    with pytest.raises(TemplateError, match=cause):
        destinations("f", config)
