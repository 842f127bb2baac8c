"""A container that is there already: started by the stack, not by hosting, which only asks it."""

from hosting.fleet.fleet import FleetError, Outcome


class GivenContainer:
    """The container behind a URL of the CONTAINERS setting; see `Running`."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def url(self) -> str:
        """Give its address."""
        return self._url

    async def put_model(self, name: str, model_data_url: str) -> str:
        """Refuse: its files are not within reach. Raises FleetError."""
        raise FleetError(
            f"Model {name} of {model_data_url} cannot be laid into {self._url}: that container is"
            " given (CONTAINERS). Give the model an Image and leave it out of CONTAINERS."
        )

    async def remove_model(self, name: str) -> None:
        """Refuse, as `put_model` does. Raises FleetError."""
        raise FleetError(f"Model {name} is in no container of hosting's.")

    async def exited(self) -> Outcome | None:
        """Give None: whether it answers is all that is known."""
        return None

    async def stop(self) -> None:
        """Leave it alone: whoever started it stops it."""
