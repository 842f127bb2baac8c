"""What the processes of one test run share out: files; all that needs the whole stack is one."""

from xdist.scheduler import LoadScopeScheduling

_STACK = ("tests/e2e/", "tests/faults/")


class SideBySide(LoadScopeScheduling):  # type: ignore[misc] # it ships no types
    """Gives each process a file at a time."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "stack" if path.startswith(_STACK) else path
