from image_check.probes.sample import WIDEST, find
from image_check.seen import Answer, Sample
from tests.unit.image_check.answers import no_reply, reply


def test_a_row_is_widened_until_the_model_takes_it() -> None:
    def takes_three(row: Sample) -> Answer:
        return reply(200 if row.body.count(b"0") == 3 else 400)

    assert find(takes_three) == Sample(b"0,0,0\n", "text/csv")


def test_a_model_that_takes_none_gets_one_cell() -> None:
    asked = []

    def refuses(row: Sample) -> Answer:
        asked.append(row)
        return reply(400)

    assert find(refuses) == Sample(b"0\n", "text/csv")
    assert len(asked) == WIDEST


def test_silence_is_met_once() -> None:
    asked = []

    def hangs(row: Sample) -> Answer:
        asked.append(row)
        return no_reply("timed out")

    assert find(hangs) == Sample(b"0\n", "text/csv")
    assert len(asked) == 1
