import pytest

from riskstack.emulator.execution.invocation_log import KEPT, InvocationLog, to_stdout


class Kept:
    """What a log passed on."""

    def __init__(self, start: str = "START\n") -> None:
        self.written: list[bytes] = []
        self.metrics: list[bytes] = []
        self.log = InvocationLog(start, self.written.append, self.metrics.append)


def test_everything_is_passed_on_at_once() -> None:
    kept = Kept()
    assert kept.written == []
    kept.log.add(b"one\n")
    assert kept.written == [b"START\none\n"]
    kept.log.add(b"two")
    assert kept.log.close("END\n") == b"START\none\ntwo\nEND\n"
    assert b"".join(kept.written) == b"START\none\ntwo\nEND\n"


def test_a_silent_function_costs_one_write() -> None:
    kept = Kept()
    kept.log.close("END\n")
    assert kept.written == [b"START\nEND\n"]


def test_nothing_is_written_where_there_is_nothing() -> None:
    kept = Kept("")
    assert kept.log.close("") == b""
    assert kept.written == []


def test_the_end_is_kept() -> None:
    kept = Kept()
    kept.log.add(b"x" * KEPT)
    tail = kept.log.close("END\n")
    assert tail == b"x" * (KEPT - 5) + b"\nEND\n"


def test_lines_with_metrics_are_found_whole() -> None:
    kept = Kept()
    line = b'{"_aws": {}}'
    kept.log.add(b"other\n" + line[:5])
    kept.log.add(line[5:] + b"\nother\n" + line)
    kept.log.close("END\n")
    assert kept.metrics == [line, line]


def test_the_services_own_log_is_its_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    to_stdout("é\n".encode())
    assert capfd.readouterr().out == "é\n"
