"""API Gateway's HTTP API, payload format 2.0: a second route table, from OpenAPI of its own.

It has what is an HTTP API's own and nothing of a REST API's: no keys, no plans, no validation.
"""
