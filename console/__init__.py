"""The auditor's workplace: the queue, one case with its reasons, and two conditional steps."""
