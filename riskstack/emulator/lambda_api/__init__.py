"""Lambda's API for one function: Invoke, the queue of asynchronous events, what it declares."""

from riskstack.emulator.lambda_api.app import create_app
from riskstack.emulator.lambda_api.service import Service

__all__ = ["Service", "create_app"]
