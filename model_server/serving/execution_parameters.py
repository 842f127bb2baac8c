"""What the container tells a batch transform that asks how to send its records.

(AWS-2023:your-algorithms-batch-code; aws/sagemaker-xgboost-container serve.py.)
"""

MIB = 2**20
LARGEST_PRODUCT_MB = 100
"""SageMaker refuses more than this of payload times concurrency."""


def execution_parameters(cores: int, max_body_bytes: int) -> dict[str, int | str]:
    """Give the answer of GET /execution-parameters: one request at a time to each core.

    Each may be as large as both limits allow.
    """
    concurrency = min(cores, LARGEST_PRODUCT_MB)
    payload = min(max_body_bytes // MIB, LARGEST_PRODUCT_MB // concurrency)
    return {
        "MaxConcurrentTransforms": concurrency,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": max(payload, 1),
    }
