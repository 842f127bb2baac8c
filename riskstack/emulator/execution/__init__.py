"""The running of a function: a process for each execution environment, as AWS has a micro VM.

An environment takes one invocation at a time and is used again. One whose handler does not end in
time is killed, with all that the handler started: that is how AWS frees what a handler holds.
"""
