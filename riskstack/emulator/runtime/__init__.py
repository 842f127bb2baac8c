"""What runs inside an execution environment: the process that holds a function's handler.

It does what AWS's own client of the runtime does for Python (aws/aws-lambda-python-runtime-
interface-client), over one socket instead of HTTP. It imports little, so that what an
environment needs to start is what the function needs.
"""
