"""The store: what was put is there after a restart, and nothing else."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from hosting.store import Store

NAMES = st.text(min_size=1, max_size=80)
DOCUMENTS = st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text()), max_size=4)


@given(st.dictionaries(NAMES, DOCUMENTS, max_size=4), st.data())
def test_documents_outlive_the_store(
    documents: dict[str, dict[str, object]], data: st.DataObject
) -> None:
    deleted = data.draw(
        st.sets(st.sampled_from(sorted(documents))) if documents else st.just(set())
    )
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for name, document in documents.items():
            store.put("model", name, {"other": "before"})
            store.put("model", name, document)
        for name in deleted:
            store.delete("model", name)
        kept = {name: document for name, document in documents.items() if name not in deleted}
        for each in (store, Store(Path(folder))):
            assert each.all("model") == [kept[name] for name in sorted(kept)]
            assert all(each.get("model", name) == document for name, document in kept.items())


def test_kinds_do_not_mix(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("model", "a", {"is": "a model"})
    store.put("endpoint", "a", {"is": "an endpoint"})
    store.delete("model", "a")
    assert store.get("model", "a") is None
    assert store.get("endpoint", "a") == {"is": "an endpoint"}


def test_what_is_not_there_is_none_and_its_deletion_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.delete("model", "a")
    assert store.get("model", "a") is None
    assert store.all("model") == []


def test_a_change_that_was_cut_short_is_no_document(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("model", "a", {"is": "whole"})
    [file] = tmp_path.glob("model/*.json")
    file.with_suffix(".new").write_text('{"kind": "mod')
    assert Store(tmp_path).all("model") == [{"is": "whole"}]
