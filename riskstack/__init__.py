"""What several services share, and only that: the contract between them and the emulator of AWS."""
