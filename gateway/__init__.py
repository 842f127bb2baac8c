"""API Gateway's REST API on this machine: it runs openapi.yaml, which AWS imports as it is."""
