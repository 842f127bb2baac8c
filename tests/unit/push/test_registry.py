from base64 import b64encode

import pytest

from push.problem import PushError
from push.registry import DOCKER_MANIFEST, Login, Manifest, find
from tests.unit.push.stand import PASSWORD, MemoryRegistry

MANIFEST = Manifest("sha256:" + "1" * 64, DOCKER_MANIFEST)


@pytest.fixture
def login(memory_registry: MemoryRegistry) -> Login:
    return Login(f"http://{memory_registry.host}", "AWS", PASSWORD)


def test_ecrs_token_is_a_login() -> None:
    """The token is base64 of user and password (ECR API reference, AuthorizationData)."""
    token = b64encode(b"AWS:pass:word").decode()
    login = Login.from_token(token, "https://1.dkr.ecr.eu-central-1.amazonaws.com/")
    assert (login.user, login.password) == ("AWS", "pass:word")
    assert login.host == "1.dkr.ecr.eu-central-1.amazonaws.com"
    assert "pass:word" not in repr(login)


def test_a_manifest_is_found_by_its_tag(memory_registry: MemoryRegistry, login: Login) -> None:
    memory_registry.put(f"{login.host}/a/b:1", MANIFEST)
    assert find(login, "a/b", "1") == MANIFEST
    assert find(login, "a/b", "2") is None


def test_who_may_not_ask_is_told(memory_registry: MemoryRegistry) -> None:
    login = Login(f"http://{memory_registry.host}", "AWS", "wrong")
    with pytest.raises(PushError, match=r"answered 401 .*: allow ecr:BatchGetImage"):
        find(login, "a/b", "1")


def test_a_registry_that_does_not_answer_is_named(
    memory_registry: MemoryRegistry, login: Login
) -> None:
    memory_registry.close()
    with pytest.raises(PushError, match=rf"{login.host} does not answer"):
        find(login, "a/b", "1")
