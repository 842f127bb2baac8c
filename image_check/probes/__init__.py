"""What looks at a running image: engine, sockets and clock. Judges nothing (verdicts)."""
