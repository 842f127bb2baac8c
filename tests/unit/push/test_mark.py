from push.mark import as_query, is_on, tags


def test_what_is_tagged_is_known_again() -> None:
    assert is_on(tags("credit-risk"), "credit-risk")
    assert is_on([{"Key": "team", "Value": "risk"}, *tags("credit-risk")], "credit-risk")


def test_what_is_not_is_not() -> None:
    assert not is_on([], "credit-risk")
    assert not is_on(tags("other"), "credit-risk")
    assert not is_on([{"Key": "riskstack", "Value": "credit-risk"}], "credit-risk")


def test_s3_takes_it_as_a_query() -> None:
    assert as_query("credit-risk") == "riskstack%3Apush=credit-risk"
