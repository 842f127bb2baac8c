"""The services of docker-compose.yml, and how each runs as a process of this machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

import yaml

from stack.settings import BUILD, ROOT, Settings

ONE_SHOT = "service_completed_successfully"


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its process on this machine."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    port: int | None
    """On 127.0.0.1; `None` for a job."""
    health: str | None
    """The URL that answers 200 when the service works."""
    needs: Mapping[str, str]
    """The condition of each service that must come first."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port on 127.0.0.1 that a service is reached at, and the setting that it comes from."""

    service: str
    setting: str
    number: int


class Composition:
    """docker-compose.yml with its variables filled in."""

    def __init__(self, settings: Settings) -> None:
        text = (ROOT / "docker-compose.yml").read_text()
        self.folder = BUILD / settings.name
        """Where the processes of the embedded stack keep what is theirs."""
        self._services = yaml.safe_load(Template(text).substitute(settings.values))["services"]
        self._published = [
            Port(name, setting, int(settings.values[setting]))
            for name, service in yaml.safe_load(text)["services"].items()
            for entry in service.get("ports", ())
            for setting in re.findall(r"\$\{(\w+)\}", entry)
        ]
        self._ports = {
            name: _ports(service) for name, service in self._services.items() if "ports" in service
        }

    def published(self) -> list[Port]:
        """Give every port that a service is reached at."""
        return self._published

    def job(self, name: str) -> Service:
        """Give a service that is started by hand, such as `train`."""
        return self._service(name, self._services[name])

    def in_order(self) -> list[Service]:
        """Give the services that `up` starts, each behind what it needs."""
        waiting = [
            self._service(name, service)
            for name, service in self._services.items()
            if "profiles" not in service
        ]
        ordered: list[Service] = []
        while waiting:
            ready = [s for s in waiting if not s.needs.keys() - {done.name for done in ordered}]
            ordered += ready
            waiting = [service for service in waiting if service not in ready]
        return ordered

    def jobs(self) -> set[str]:
        """Give the names of the services that others wait for to end."""
        return {
            name
            for service in self.in_order()
            for name, condition in service.needs.items()
            if condition == ONE_SHOT
        }

    def _service(self, name: str, service: dict[str, Any]) -> Service:
        own = service.get("x-embedded", {})
        ports = self._ports.get(name, {})
        port = next(iter(ports.values()), None)
        volumes = {
            target: str(self.folder / "volumes" / source)
            for source, target in (volume.split(":")[:2] for volume in service.get("volumes", ()))
            if not source.startswith(".")
        }
        environment = {
            key: self._local(volumes.get(value, value))
            for key, value in (
                (key, str(value)) for key, value in service.get("environment", {}).items()
            )
        }
        if port:
            environment |= {"HOST": "127.0.0.1", "PORT": str(port)}
        test = service.get("healthcheck", {}).get("test", [""])
        health = own.get("health", test[-1] if test[-1].startswith("http") else None)
        needs = service.get("depends_on", {})
        return Service(
            name=name,
            command=tuple(own.get("command", service.get("command", ()))),
            environment=environment | own.get("environment", {}),
            port=port,
            health=self._local(health.replace("127.0.0.1", name)) if health else None,
            needs=dict.fromkeys(needs, "service_started")
            if isinstance(needs, list)
            else {need: how["condition"] for need, how in needs.items()},
        )

    def _local(self, value: str) -> str:
        """Turn an address in the network of containers into the one on this machine."""

        def published(address: re.Match[str]) -> str:
            service, port = address[1], int(address[2])
            if service not in self._ports:
                return address[0]
            return f"http://127.0.0.1:{self._ports[service][port]}"

        return re.sub(r"http://(\w+):(\d+)", published, value)


def _ports(service: dict[str, Any]) -> dict[int, int]:
    """Give the published port of each of a service's own."""
    pairs = (entry.split(":")[-2:] for entry in service["ports"])
    return {int(inside): int(outside) for outside, inside in pairs}
