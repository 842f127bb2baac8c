"""Script mode: invocations answered by a customer's own functions, as AWS's images run them."""
