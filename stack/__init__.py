"""Runs the stack on this machine: in containers, or as processes where no engine answers."""
