"""Serves the ETL function on this machine."""

from riskstack.emulator.lambda_service import serve

if __name__ == "__main__":
    serve("riskstack-etl")
