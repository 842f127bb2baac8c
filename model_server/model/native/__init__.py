"""Trees as native code for this machine: written as C, compiled, proven equal, then used."""
