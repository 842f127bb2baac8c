from riskstack.contract.fault import place


def test_a_fault_is_told_by_place_and_not_by_its_words() -> None:
    try:
        int("Ada Park")
    except ValueError as error:
        told = place(error)
    assert told["cause"] == "ValueError"
    assert "test_a_fault_is_told" in str(told["stack"])
    assert "Ada" not in str(told)
