"""What the control API has created, kept in files so that a restart goes on from there.

One JSON document a resource, replaced as a whole. Not: what a document means.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

Document: TypeAlias = Mapping[str, object]


class Store:
    """Documents by kind and name; every change is on the disk when the call returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._documents: dict[str, dict[str, Document]] = {}
        for file in sorted(folder.glob("*/*.json")):
            content = json.loads(file.read_text(encoding="utf-8"))
            self._documents.setdefault(content["kind"], {})[content["name"]] = content["document"]

    def get(self, kind: str, name: str) -> Document | None:
        """Give a document, or None where there is none."""
        return self._documents.get(kind, {}).get(name)

    def all(self, kind: str) -> list[Document]:
        """Give the documents of a kind in the order of their names."""
        return [document for _, document in sorted(self._documents.get(kind, {}).items())]

    def put(self, kind: str, name: str, document: Document) -> None:
        """Create or replace a document; it holds what JSON can hold."""
        content = {"kind": kind, "name": name, "document": document}
        file = self._file(kind, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")
        os.replace(fresh, file)  # noqa: PTH105 - the atomic call by its own name
        self._documents.setdefault(kind, {})[name] = document

    def delete(self, kind: str, name: str) -> None:
        """Remove a document; nothing happens where there is none."""
        self._file(kind, name).unlink(missing_ok=True)
        self._documents.get(kind, {}).pop(name, None)

    def _file(self, kind: str, name: str) -> Path:
        digest = hashlib.sha256(name.encode()).hexdigest()[:24]
        return self._folder / kind / f"{digest}.json"
