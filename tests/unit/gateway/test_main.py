import socket

import pytest
import uvicorn

from gateway.__main__ import main

ENVIRONMENT = {
    "HOST": "127.0.0.1",
    "PORT": "8123",
    "TEMPLATES": "deploy",
    "STAGE": "v1",
    "API_KEYS": "a-key",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCOUNT_ID": "000000000000",
    "LOG_LEVEL": "INFO",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def test_it_serves_as_its_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[str, int]] = []

    def run(_: uvicorn.Server, sockets: list[socket.socket]) -> None:
        for one in sockets:
            served.append(one.getsockname())
            one.close()

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("PORT", str(port))
    monkeypatch.setattr(uvicorn.Server, "run", run)
    main()
    assert ("127.0.0.1", port) in served


def test_it_serves_the_http_api_where_that_has_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[int] = []

    def run(_: uvicorn.Server, sockets: list[socket.socket]) -> None:
        for one in sockets:
            served.append(one.getsockname()[1])
            one.close()

    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("HTTP_API_PORT", "0")
    monkeypatch.setattr(uvicorn.Server, "run", run)
    main()
    assert len(set(served)) == 2


def test_a_port_that_is_taken_ends_it_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(SystemExit, match="the gateway cannot listen: "):
            main()


def test_a_wrong_setting_ends_it_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAGE")
    with pytest.raises(SystemExit, match="the gateway needs the variable STAGE"):
        main()


def test_a_template_that_is_not_there_ends_it_with_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPLATES", "nowhere")
    with pytest.raises(SystemExit, match=r"nowhere/app\.yaml cannot be read"):
        main()
