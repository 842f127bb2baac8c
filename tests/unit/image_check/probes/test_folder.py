from pathlib import Path

from image_check.probes.folder import write_broken


def test_every_file_has_its_name_and_no_meaning(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "code").mkdir(parents=True)
    (source / "model").write_text("1,2\n")
    (source / "code" / "inference.py").write_text("pass\n")

    write_broken(source, target)

    copies = {str(f.relative_to(target)): f for f in target.rglob("*") if f.is_file()}
    assert copies.keys() == {"model", "code/inference.py"}
    for copy in copies.values():
        content = copy.read_bytes()
        assert content.decode("utf-8", "replace").encode() != content
        assert (source / copy.relative_to(target)).read_bytes() != content
