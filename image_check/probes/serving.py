"""What is asked of a container that came up: health, invocations, load, optional paths."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from image_check.engine import Container, EngineError
from image_check.exchange import Address, Request, call, connect_seconds
from image_check.probes import sample as samples
from image_check.probes.launch import PATIENCE, PORT
from image_check.probes.stopping import stop
from image_check.seen import Answer, NoReply, Sample, Served, is_ok
from image_check.verdicts.invocations import INVOCATION_SECONDS, LARGE_MIB
from image_check.verdicts.ping import in_time

PINGS = 5
PINGS_UNDER_LOAD = 20
BETWEEN_PINGS_SECONDS = 0.05
CLIENTS = 4
CONNECTIONS = 16
CONNECT_SECONDS = 5.0
UNREADABLE = b"\xff\xfe\x00this can be read as no row\n"
UNKNOWN_HEADERS = {
    "X-Amzn-SageMaker-Of-Tomorrow": "1",
    "X-Riskstack-Unknown": "true",
    "Accept-Nothing": "*/*",
}


def observe(container: Container, sample: Sample | None) -> Served:
    """Ask everything, and end the container with SIGTERM. Raises EngineError where it has left."""
    address = container.address(PORT)
    if address is None:
        raise EngineError(f"the container left right after its first 200: {container.log()[-200:]}")
    pings = [_ping(address) for _ in range(PINGS)]
    connects = _connect_at_once(address)
    sample = sample or samples.find(lambda row: invoke(address, row))
    invocation = invoke(address, sample)
    unknown_headers = invoke(address, sample, UNKNOWN_HEADERS)
    unreadable = invoke(address, Sample(UNREADABLE, sample.content_type))
    large = invoke(address, Sample(b"x" * (LARGE_MIB * 2**20), sample.content_type))
    loadable = is_ok(invocation) and in_time(pings)
    under_load = _pings_under_load(address, sample) if loadable else ()
    ping_post = call(address, Request("POST", "/ping"), PATIENCE)
    parameters = call(address, Request("GET", "/execution-parameters"), PATIENCE)
    metrics = call(address, Request("GET", "/metrics"), PATIENCE)
    died = container.exit_code()
    stopped = stop(container, address, sample)
    return Served(
        sample=sample,
        pings=pings,
        ping_post=ping_post,
        connects=connects,
        invocation=invocation,
        unknown_headers=unknown_headers,
        unreadable=unreadable,
        large=large,
        pings_under_load=under_load,
        execution_parameters=parameters,
        metrics=metrics,
        logged=bool(container.log().strip()),
        died=died,
        stop=stopped,
    )


def invoke(
    address: Address,
    sample: Sample,
    headers: dict[str, str] | None = None,
    path: str = "/invocations",
) -> Answer:
    """Send a body."""
    content = {"Content-Type": sample.content_type, **(headers or {})}
    return call(address, Request("POST", path, sample.body, content), INVOCATION_SECONDS)


def _ping(address: Address) -> Answer:
    return call(address, Request("GET", "/ping"), PATIENCE)


def _connect_at_once(address: Address) -> Sequence[float | None]:
    """Open many connections together, and hold each until all are open."""
    with ThreadPoolExecutor(CONNECTIONS) as pool, ExitStack() as opened:
        tries = pool.map(lambda _: connect_seconds(address, CONNECT_SECONDS), range(CONNECTIONS))
        seconds = []
        for taken, connection in tries:
            seconds.append(taken)
            if connection is not None:
                opened.enter_context(connection)
        return seconds


def _pings_under_load(address: Address, sample: Sample) -> Sequence[Answer]:
    """Ask /ping while several clients invoke without a pause."""
    enough = threading.Event()

    def invoke_on() -> None:
        while not enough.is_set():
            if isinstance(invoke(address, sample), NoReply):
                # do not spin on a server that has closed
                enough.wait(BETWEEN_PINGS_SECONDS)

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(invoke_on) for _ in range(CLIENTS)]
        pings = []
        try:
            for _ in range(PINGS_UNDER_LOAD):
                time.sleep(BETWEEN_PINGS_SECONDS)
                pings.append(_ping(address))
        finally:
            enough.set()
        for client in clients:
            client.result()
    return pings
