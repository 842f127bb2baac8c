import pytest
from botocore.exceptions import ClientError

from push.problem import PushError
from push.steps.account import Account
from push.steps.artifact import Artifact
from push.steps.bucket import Bucket
from push.undertaking import Undertaking
from tests.unit.push.stand import Stand


def begun(stand: Stand, **settings: object) -> Undertaking:
    push = stand.again(**settings)
    Account(push).look()
    return push


def make(stand: Stand, name: str) -> None:
    stand.clients.s3.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
    )


def test_it_is_created_encrypted_and_closed_and_tagged(stand: Stand) -> None:
    step = Bucket(begun(stand))
    assert step.look().done is False
    step.do()
    s3, name = stand.clients.s3, "riskstack-models-123456789012-eu-central-1"
    closed = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    assert len(closed) == 4
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    assert tags == [{"Key": "riskstack:push", "Value": "credit-risk"}]
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-central-1"
    assert Bucket(begun(stand)).look().done is True
    step.undo()
    assert s3.list_buckets()["Buckets"] == []


def test_one_that_is_given_is_used_and_stays(stand: Stand) -> None:
    make(stand, "mine")
    step = Bucket(begun(stand, bucket="mine"))
    assert step.look().done is True
    step.undo()
    assert len(stand.clients.s3.list_buckets()["Buckets"]) == 1


def test_one_that_is_given_and_not_there_is_named(stand: Stand) -> None:
    with pytest.raises(PushError, match="BUCKET=mine is not there"):
        Bucket(begun(stand, bucket="mine")).look()


def test_one_in_another_region_is_refused(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    make(stand, "mine")
    # moto does not say which
    monkeypatch.setattr(stand.clients.s3, "head_bucket", lambda **_: {"BucketRegion": "eu-west-1"})
    with pytest.raises(PushError, match="in another region than eu-central-1"):
        Bucket(begun(stand, bucket="mine")).look()

    def redirected(**_: object) -> None:
        raise ClientError({"Error": {"Code": "301", "Message": "Moved"}}, "HeadBucket")

    monkeypatch.setattr(stand.clients.s3, "head_bucket", redirected)
    with pytest.raises(PushError, match="in another region than eu-central-1"):
        Bucket(begun(stand, bucket="mine")).look()


def test_a_model_in_a_bucket_with_versions_is_undone_without_a_trace(stand: Stand) -> None:
    make(stand, "mine")
    s3 = stand.clients.s3
    s3.put_bucket_versioning(Bucket="mine", VersioningConfiguration={"Status": "Enabled"})
    step = Artifact(begun(stand, bucket="mine"))
    assert step.look().done is False
    step.do()
    assert step.look().done is True
    step.undo()
    left = s3.list_object_versions(Bucket="mine")
    assert "Versions" not in left
    assert "DeleteMarkers" not in left
