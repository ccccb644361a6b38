"""The notice of a folder of data, as that of a synthetic export; it is on every page of a run."""

from __future__ import annotations

from raw2adam.output_folder.notice import notice_file, notice_text


def test_the_first_line_of_the_file_is_the_notice(tmp_path):
    (tmp_path / "SYNTHETIC.txt").write_bytes("\ufeffSYNTHETIC DATA: invented.\r\nmore\n".encode())
    assert notice_text(notice_file(tmp_path)) == "SYNTHETIC DATA: invented."


def test_a_part_of_an_output_has_the_notice_of_the_output(tmp_path):
    adam = tmp_path / "out" / "m5" / "adam"
    adam.mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "out"):
        (folder / "SYNTHETIC.txt").write_text(f"notice of {folder.name}", "utf-8")
    assert notice_file(adam) is None  # the folders above are no output
    (tmp_path / "out" / "manifest.json").write_text("{}", "utf-8")
    assert notice_text(notice_file(adam)) == "notice of out"


def test_an_empty_undecodable_or_endless_notice_does_not_stop_a_run(tmp_path):
    file = tmp_path / "SYNTHETIC.txt"
    found = {}
    for name, content in {"empty": b"", "bytes": b"\xff\xfe data", "endless": b"a" * 5_000_000}.items():
        file.write_bytes(content)
        found[name] = notice_text(notice_file(tmp_path))
    assert found == {"empty": "", "bytes": "\ufffd\ufffd data", "endless": "a" * 197 + "..."}
    assert notice_text(None) == ""
    file.unlink()
    file.mkdir()
    assert notice_file(tmp_path) is None
