"""Whether a multi-model container has room for a further model, and where models may lie."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from model_server.serving import memory


class ModelNotFoundError(LookupError):
    """No such model is loaded, or its folder is not there: load it, from where it is."""


class NoRoomError(RuntimeError):
    """There is no room for a further model: unload others."""


@dataclass(frozen=True, slots=True)
class Room:
    """The limits of one container. Memory is measured, not guessed."""

    base: Path
    """Models are loaded from folders under this one alone."""
    max_models: int | None
    max_bytes: int | None
    used_bytes: Callable[[], int] = memory.used_bytes

    def folder(self, url: str) -> Path:
        """Give the folder of a model. Raises ModelNotFoundError."""
        folder = Path(url)
        if not folder.is_dir() or not folder.resolve().is_relative_to(self.base.resolve()):
            # Multi Model Server's words
            raise ModelNotFoundError(f"Model not found in model store: {url}")
        return folder

    def check_number(self, loaded: int) -> None:
        """Raise NoRoomError where so many models are all that may be loaded."""
        if self.max_models is not None and loaded >= self.max_models:
            raise NoRoomError(f"{loaded} models are loaded, the limit is {self.max_models}")

    def check_memory(self, folder: Path | None = None) -> None:
        """Raise NoRoomError where memory is full, or would be with a folder's files in it."""
        if self.max_bytes is None:
            return
        used = self.used_bytes()
        if folder is not None:
            used += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if used > self.max_bytes:
            raise NoRoomError(f"out of memory: {used} bytes of {self.max_bytes}")
