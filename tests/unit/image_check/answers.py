"""Answers and starts to make observations of."""

import json

from image_check.seen import Answer, NoReply, Reply, Start


def reply(status: int = 200, body: bytes = b"", seconds: float = 0.01, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, body, seconds)


def json_reply(document: object) -> Reply:
    return reply(body=json.dumps(document).encode())


def no_reply(reason: str = "closed", *, heard: bool = True) -> NoReply:
    return NoReply(reason, 0.5, heard=heard)


def start(*, ready: bool = True, exit_code: int | None = None, last: Answer | None = None) -> Start:
    return Start(ready, 1.5, exit_code, last or reply(200 if ready else 503), "first\nlast words\n")
