"""Serves the router function on this machine, with the poller of its stream."""

from riskstack.emulator.lambda_service import serve

if __name__ == "__main__":
    serve("riskstack-router")
