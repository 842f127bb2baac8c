"""Serves bench/trivial.py as the stack serves its functions: `python -m bench.function`."""

from riskstack.emulator.lambda_service import serve

NAME = "riskstack-bench"

if __name__ == "__main__":
    serve(NAME)
