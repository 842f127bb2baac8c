"""All jobs together, as hosting wires them: their operations, and what begins and ends with it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hosting.control.json_protocol import Operations
from hosting.jobs.training.operations import TrainingJobs
from hosting.jobs.transform.operations import TransformJobs
from hosting.jobs.workplace import Workplace


class Jobs:
    """Training and transform jobs."""

    def __init__(self, workplace: Workplace) -> None:
        self._folder = workplace.folder
        self._training = TrainingJobs(workplace)
        self._transform = TransformJobs(workplace)

    def operations(self) -> Operations:
        """Give the operations of SageMaker on jobs."""
        return {**self._training.operations(), **self._transform.operations()}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work on jobs from here to the end of hosting; the fleet is to outlast it.

        What a former hosting left unfinished is marked so first, and its files are removed.
        """
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        self._training.resume()
        self._transform.resume()
        try:
            yield
        finally:
            await asyncio.gather(self._training.close(), self._transform.close())
