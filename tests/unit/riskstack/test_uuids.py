from uuid import RFC_4122, UUID

from riskstack.uuids import random_uuid


def test_each_is_another_uuid_of_version_4() -> None:
    made = [random_uuid() for _ in range(100)]
    assert len(set(made)) == 100
    for one in made:
        parsed = UUID(one)
        assert (str(parsed), parsed.version, parsed.variant) == (one, 4, RFC_4122)
