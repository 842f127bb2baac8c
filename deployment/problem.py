"""What keeps a deployment from going on."""


class DeploymentError(Exception):
    """The deployment cannot go on; the text says why and what to do."""
