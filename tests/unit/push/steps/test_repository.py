from push.design import REPOSITORY
from push.steps.repository import Repository
from tests.unit.push.stand import Stand


def test_it_is_scanned_and_its_tags_stay_and_it_is_tagged(stand: Stand) -> None:
    ecr = stand.clients.ecr
    step = Repository(stand.undertaking)
    assert step.look().done is False
    step.do()
    (made,) = ecr.describe_repositories(repositoryNames=[REPOSITORY])["repositories"]
    assert made["imageScanningConfiguration"] == {"scanOnPush": True}
    assert made["imageTagMutability"] == "IMMUTABLE"
    tags = ecr.list_tags_for_resource(resourceArn=made["repositoryArn"])["tags"]
    assert tags == [{"Key": "riskstack:push", "Value": "credit-risk"}]
    step.undo()
    assert ecr.describe_repositories()["repositories"] == []


def test_one_that_is_there_is_used_and_stays(stand: Stand) -> None:
    stand.clients.ecr.create_repository(repositoryName=REPOSITORY)
    step = Repository(stand.undertaking)
    assert step.look().done is True
    step.undo()
    assert len(stand.clients.ecr.describe_repositories()["repositories"]) == 1
