import pytest

from model_server.serving.execution_parameters import execution_parameters

MIB = 2**20


@pytest.mark.parametrize(
    ("cores", "max_body_bytes", "concurrency", "payload"),
    [(1, 25 * MIB, 1, 25), (8, 25 * MIB, 8, 12), (200, 25 * MIB, 100, 1), (2, 1000, 2, 1)],
)
def test_payload_times_concurrency_stays_within_sagemakers_limit(
    cores: int, max_body_bytes: int, concurrency: int, payload: int
) -> None:
    found = execution_parameters(cores, max_body_bytes)

    assert found == {
        "MaxConcurrentTransforms": concurrency,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": payload,
    }
    assert concurrency * payload <= 100
