from stack.services import Composition
from stack.settings import Settings

SETTINGS = Settings({**Settings.read().values, "STACK_NAME": "made-up", "ETL_PORT": "9003"})
COMPOSITION = Composition(SETTINGS)


def test_every_service_comes_behind_what_it_needs() -> None:
    names = [service.name for service in COMPOSITION.in_order()]
    for service in COMPOSITION.in_order():
        assert all(names.index(need) < names.index(service.name) for need in service.needs)
    assert "train" not in names
    assert COMPOSITION.jobs() == {"seed"}


def test_addresses_between_containers_become_ports_of_this_machine() -> None:
    services = {service.name: service for service in COMPOSITION.in_order()}
    gateway = services["gateway"]
    assert gateway.environment["AWS_ENDPOINT_URL_LAMBDA"] == "http://127.0.0.1:9003"
    assert gateway.environment["HOST"] == "127.0.0.1"
    assert services["etl"].environment["PORT"] == "9003"
    assert services["etl"].health == "http://127.0.0.1:9003/health"
    assert services["hosting"].environment["CONTAINERS"] == "credit-risk=http://127.0.0.1:8080"
    assert services["localstack"].command[-2:] == ("stack.aws_in_memory", "4566")


def test_every_published_port_is_known_by_its_setting() -> None:
    ports = {port.setting: (port.service, port.number) for port in COMPOSITION.published()}
    assert ports["ETL_PORT"] == ("etl", 9003)
    assert ports["GATEWAY_PORT"] == ("gateway", 8000)
    assert ports["HTTP_API_PORT"] == ("gateway", 8005)
    assert ports["EMULATOR_PORT"] == ("localstack", 4566)


def test_a_volume_becomes_a_folder_of_the_stack() -> None:
    (router,) = (s for s in COMPOSITION.in_order() if s.name == "router")
    assert router.environment["STATE"] == str(COMPOSITION.folder / "volumes" / "router")
    assert COMPOSITION.folder.name == "made-up"


def test_the_training_job_is_the_image_s_own() -> None:
    job = COMPOSITION.job("train")
    assert job.command[-2:] == ("model_server", "train")
    assert job.environment["SAGEMAKER_BASE_DIR"] == "build/model"
