"""The `context` that a customer's function may take as its last argument.

Its names are those of Multi Model Server's context (awslabs/multi-model-server mms/context.py), as
far as they mean something here: one request, index 0, no GPU.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any


class Context:
    """What a function may know of the request, and set of the answer."""

    def __init__(self, folder: Path, request_headers: Mapping[str, str]) -> None:
        """Take the model's folder and the request's headers, their names in small letters."""
        self.system_properties: Mapping[str, Any] = {
            "model_dir": str(folder),
            "gpu_id": None,
            "batch_size": 1,
        }
        self.request_processor = (self,)
        self.status = int(HTTPStatus.OK)
        self.response_headers: dict[str, str] = {}
        self._request_headers = request_headers

    def get_request_properties(self) -> Mapping[str, str]:
        """Give the request's headers."""
        return self._request_headers

    def get_request_header(self, _index: int, key: str) -> str | None:
        """Give one header of the request."""
        return self._request_headers.get(key.lower())

    def get_all_request_header(self, _index: int) -> Mapping[str, str]:
        """Give the request's headers."""
        return self._request_headers

    def get_request_id(self, _index: int = 0) -> str | None:
        """Give the inference id, where the client sent one."""
        return self._request_headers.get("x-amzn-sagemaker-inference-id")

    def set_response_content_type(self, _index: int, value: str) -> None:
        """Do nothing: the type is what the functions give, else what the client accepts.

        (aws/sagemaker-inference-toolkit transformer.py sets it after them.)
        """

    def set_response_status(self, code: int = 200, phrase: str = "", idx: int = 0) -> None:  # noqa: ARG002 - Multi Model Server's signature
        """Set the status of the answer; HTTP knows its phrase."""
        self.status = code

    def set_response_header(self, _index: int, key: str, value: str) -> None:
        """Set a header of the answer."""
        self.response_headers[key.lower()] = value
