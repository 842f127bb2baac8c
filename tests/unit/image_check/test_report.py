import io
import json
from dataclasses import replace

from rich.console import Console

from image_check import report, verdicts
from image_check.seen import Seen
from tests.unit.image_check.answers import reply


def table(seen: Seen) -> str:
    console = Console(file=io.StringIO(), width=200)
    report.print_table(console, "some/image", seen.image, verdicts.judge(seen))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def status(seen: Seen) -> int:
    groups = verdicts.judge(seen)
    return report.exit_status(finding for group in groups.values() for finding in group)


def unfit(seen: Seen) -> Seen:
    return replace(seen, image=replace(seen.image, user="1000"))


def with_a_should_that_fails(seen: Seen) -> Seen:
    assert seen.served is not None
    return replace(seen, served=replace(seen.served, ping_post=reply(405)))


def with_a_claim_that_fails(seen: Seen) -> Seen:
    assert seen.served is not None
    return replace(seen, served=replace(seen.served, metrics=reply(500)))


def test_a_must_and_a_claim_decide_a_should_does_not(seen: Seen) -> None:
    assert status(seen) == 0
    assert status(with_a_should_that_fails(seen)) == 0
    assert status(with_a_claim_that_fails(seen)) == 1
    assert status(unfit(seen)) == 1


def test_the_table_has_a_row_for_each_check_and_a_verdict(seen: Seen) -> None:
    text = table(seen)

    for checks in verdicts.GROUPS.values():
        for check in checks:
            assert f" {check.id} " in text
    assert "some/image (linux/amd64)" in text
    assert "On SageMaker" not in text
    assert text.rstrip().endswith("fit for SageMaker: 35 hold")


def test_a_failure_says_what_it_means_on_sagemaker(seen: Seen) -> None:
    text = table(with_a_should_that_fails(unfit(seen)))

    assert text.count("On SageMaker: ") == 2
    assert "On SageMaker: SageMaker expects root" in text
    assert "not fit for SageMaker: 33 hold; 2 fail; must: root-user; should: ping-post" in text


def test_a_group_that_is_not_claimed_is_one_row(seen: Seen) -> None:
    text = table(replace(seen, training=None, failed_training=None))

    assert "train-failure" not in text
    assert "no input for a job" in text


def test_json_has_every_finding(seen: Seen) -> None:
    changed = unfit(seen)
    document = json.loads(report.as_json("some/image", changed.image, verdicts.judge(changed)))

    assert (document["image"], document["platform"]) == ("some/image", "linux/amd64")
    assert document["fit"] is False
    assert len(document["findings"]) == 35
    first, second = document["findings"][:2]
    assert first == {
        "id": "root-user",
        "group": "image",
        "outcome": "fails",
        "level": "must",
        "demand": "runs as root: no other USER is set",
        "source": "AWS-hosting",
        "seen": "USER 1000",
        "meaning": first["meaning"],
    }
    assert first["meaning"].startswith("SageMaker expects root")
    assert second["meaning"] is None
