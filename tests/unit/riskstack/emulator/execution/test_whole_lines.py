from riskstack.emulator.execution.whole_lines import LONGEST, WholeLines


def test_lines_of_two_environments_do_not_meet() -> None:
    written: list[bytes] = []
    one, other = WholeLines(written.append), WholeLines(written.append)
    one.add(b"one, ")
    other.add(b"other\nbegun")
    one.add(b"ended\n")
    other.flush()
    other.flush()
    assert written == [b"other\n", b"one, ended\n", b"begun\n"]


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    written: list[bytes] = []
    lines = WholeLines(written.append)
    lines.add(b"x" * LONGEST)
    assert written == []
    lines.add(b"x")
    lines.flush()
    assert written == [b"x" * (LONGEST + 1)]
