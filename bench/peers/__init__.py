"""The peers that the model server is measured beside, each in an environment of its own."""
