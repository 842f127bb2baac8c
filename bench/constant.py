"""The same web server as model_server's, answering a constant: `python -m bench.constant PORT`."""

import sys

import uvicorn
from starlette.types import Receive, Scope, Send

BODY = b"0.123456789\n"
HEADERS = [
    (b"content-length", str(len(BODY)).encode()),
    (b"content-type", b"text/csv; charset=utf-8"),
    (b"x-amzn-sagemaker-custom-attributes", b"model-version=0123456789ab"),
]
"""As model_server answers, to the byte."""


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the request and answer with the constant."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    uvicorn.run(
        answer,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
