"""Files made to hurt: each is refused with a sentence, in bounded time and memory, never an exception."""

from __future__ import annotations

import io
import json
import resource
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from review.evidence import Reading, json_text, read

MIB = 1024 * 1024
HEADER = {"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "results": {"scores": []}}


def refusal(path: Path, data: bytes, name: str = "log.eval") -> Reading:
    """The reading of these bytes, which must be a refusal with one clear sentence."""
    file = path / name
    file.write_bytes(data)
    reading = read(file)
    assert reading.refused
    assert reading.runs == ()
    (problem,) = reading.problems
    assert problem.severity == "error"
    assert problem.code != "reader-failed"
    assert problem.message.endswith(".")
    assert "Traceback" not in problem.message
    assert str(path) not in json.dumps(reading.document(), allow_nan=False)
    return reading


def code(path: Path, data: bytes, name: str = "log.eval") -> str:
    return refusal(path, data, name).problems[0].code


def packed(data: bytes, method: int) -> bytes:
    if method == 8:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        return squeeze.compress(data) + squeeze.flush()
    return zstandard.ZstdCompressor(level=3).compress(data) if method == 93 else data


class Entry:
    """One entry of a hand-made zip, where every field may lie."""

    def __init__(self, name: str, data: bytes, method: int = 0, **lies: int) -> None:
        self.name, self.method = name.encode(), method
        self.body = packed(data, method)
        self.size = lies.get("size", len(data))
        self.crc = lies.get("crc", zlib.crc32(data))
        self.flags = lies.get("flags", 0)
        self.attributes = lies.get("attributes", 0)

    def sizes(self) -> tuple[int, int, int]:
        return self.crc, len(self.body), self.size

    def local(self) -> bytes:
        fields = struct.pack(
            "<4s5H3I2H", b"PK\3\4", 20, self.flags, self.method, 0, 0, *self.sizes(), len(self.name), 0
        )
        return fields + self.name + self.body

    def central(self, offset: int) -> bytes:
        return (
            struct.pack("<4s6H", b"PK\1\2", 0x0314, 20, self.flags, self.method, 0, 0)
            + struct.pack("<3I5H2I", *self.sizes(), len(self.name), 0, 0, 0, 0, self.attributes, offset)
            + self.name
        )


def hand_made_zip(*entries: Entry, offsets: dict[int, int] | None = None) -> bytes:
    body, places = b"", []
    for entry in entries:
        places.append(len(body))
        body += entry.local()
    directory = b"".join(entry.central((offsets or {}).get(i, places[i])) for i, entry in enumerate(entries))
    count = len(entries)
    return (
        body
        + directory
        + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    )


def header_entry(**lies: int) -> Entry:
    return Entry("header.json", json.dumps(HEADER).encode(), **lies)


def test_the_hand_made_zip_without_lies_is_read(tmp_path: Path) -> None:
    for method in (0, 8, 93):
        file = tmp_path / f"{method}.eval"
        file.write_bytes(hand_made_zip(Entry("header.json", json.dumps(HEADER).encode(), method)))
        assert read(file).runs[0].status == "complete"


@pytest.mark.parametrize("method", [0, 8, 93])
def test_entry_that_unpacks_to_more_than_it_declares(tmp_path: Path, method: int) -> None:
    bomb = Entry("header.json", b" " * (300 * MIB if method else MIB), method, size=100)
    archive = hand_made_zip(bomb)
    (tmp_path / "log.eval").write_bytes(archive)
    del bomb
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code(tmp_path, archive) == "zip-size-lie"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024, "unpacking stopped at once"


@pytest.mark.parametrize("method", [8, 93])
def test_honest_bomb_is_refused_by_its_size(tmp_path: Path, method: int) -> None:
    assert code(tmp_path, hand_made_zip(Entry("header.json", b" " * (80 * MIB), method))) == "zip-too-large"


def test_entries_that_together_declare_too_much(tmp_path: Path) -> None:
    entries = [Entry(f"samples/{i}.json", b"x", size=0xFFFFFFF0) for i in range(20)]
    assert code(tmp_path, hand_made_zip(header_entry(), *entries)) == "zip-bomb"


def test_overlapping_entries(tmp_path: Path) -> None:
    kernel = Entry("header.json", b"{}" * 1000)
    inside = hand_made_zip(Entry("a.json", kernel.local(), 0), kernel, offsets={1: 30 + len("a.json")})
    assert code(tmp_path, inside) == "zip-overlap"


@pytest.mark.parametrize(
    "name", ["../header.json", "/etc/passwd", "a/../../b", "..\\windows", "C:\\x", "samples/\0.json"]
)
def test_names_that_leave_the_folder(tmp_path: Path, name: str) -> None:
    assert code(tmp_path, hand_made_zip(header_entry(), Entry(name, b"{}"))) == "zip-traversal"


def test_symlink_in_a_zip(tmp_path: Path) -> None:
    link = Entry("samples/x.json", b"/etc/passwd", attributes=0o120777 << 16)
    assert code(tmp_path, hand_made_zip(header_entry(), link)) == "zip-symlink"


def test_encrypted_entry(tmp_path: Path) -> None:
    assert code(tmp_path, hand_made_zip(header_entry(flags=1))) == "zip-encrypted"


def test_the_same_name_twice(tmp_path: Path) -> None:
    assert code(tmp_path, hand_made_zip(header_entry(), header_entry())) == "zip-duplicate-name"


def test_directory_and_local_header_that_disagree(tmp_path: Path) -> None:
    data = hand_made_zip(header_entry()).replace(b"header.json", b"hidden.json", 1)
    assert code(tmp_path, data) == "zip-damaged"


def test_unknown_compression_method(tmp_path: Path) -> None:
    assert code(tmp_path, hand_made_zip(Entry("header.json", b"{}", 97))) == "zip-method"


def test_wrong_checksum(tmp_path: Path) -> None:
    assert code(tmp_path, hand_made_zip(header_entry(crc=1))) == "zip-damaged"


@pytest.mark.parametrize("kept", [4, 30, 100, -1, -22])
def test_zip_that_was_cut_off(tmp_path: Path, kept: int) -> None:
    whole = hand_made_zip(header_entry())
    assert code(tmp_path, whole[:kept]) == "zip-damaged"


def test_empty_zip(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    assert code(tmp_path, buffer.getvalue()) == "unknown-format"


def test_zip_with_nothing_that_a_reader_knows(tmp_path: Path) -> None:
    assert code(tmp_path, hand_made_zip(Entry("notes.txt", b"hello"))) == "unknown-format"


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "1" + closing * depth


@pytest.mark.parametrize("depth", [65, 10_000, 1_000_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_json(tmp_path: Path, depth: int, opening: str, closing: str) -> None:
    text = json.dumps(HEADER)[:-1] + ', "plan": ' + nested(opening, closing, depth) + "}"
    assert code(tmp_path, text.encode(), "log.json") == "too-deep"


def test_json_just_deep_enough_is_read(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    file.write_text(json.dumps(HEADER)[:-1] + ', "samples": [' + nested("[", "]", 62) + "]}")
    assert not read(file).refused


def test_deep_json_inside_a_zip(tmp_path: Path) -> None:
    deep = nested("[", "]", 100_000).encode()
    assert code(tmp_path, hand_made_zip(Entry("header.json", deep, 8))) == "too-deep"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n",
            "lfs-pointer",
        ),
        (bytes(range(256)) * 40, "unknown-format"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "unknown-format"),
        (b"# A report\n\nAll is well.\n", "unknown-format"),
        (b"[1, 2, 3]", "unknown-format"),
        (b"{}", "unknown-format"),
        (b'{"results": {"results": [], "timestamp": null}}', "unknown-format"),
        (b'{"status": "success", "eval": {"task": "t"', "truncated"),
        (b'{"status": "success", "eval": {"task": "t', "truncated"),
        (b'{"status": "success" "eval": 1}', "not-json"),
        (b'{"status": [}, "eval": 1}', "not-json"),
        (b'{"status": "success", "eval": {"task": nonsense}}', "not-json"),
        (b'{"status": "success", "eval": {"task": "t"}} trailing', "not-json"),
        (b'{"status": "error", "status": "success", "eval": {"task": "t"}}', "duplicate-key"),
        (b'{"status": "success", "eval": {"task": "t", "model": "a", "model": "b"}}', "duplicate-key"),
        (b'{"status": "success", "eval": {"task": "\xff\xfe"}}', "not-utf8"),
        ('{"status": "success", "eval": {"task": "t"}}'.encode("utf-16"), "unknown-format"),
        (b'{"version": 4, "status": "success", "eval": {"task": "t"}}', "log-version"),
        (b'{"version": "two", "status": "success", "eval": {"task": "t"}}', "log-version"),
        (b'{"config_general": {}, "results": {"mmlu:x|5": {"acc": 0.5}}}', "lighteval"),
        (b'{"results": {}, "versions": {}}', "no-results"),
    ],
)
def test_text_that_is_no_evidence(tmp_path: Path, text: bytes, why: str) -> None:
    assert code(tmp_path, text, "upload.json") == why


def test_duplicate_key_is_named(tmp_path: Path) -> None:
    text = b'{"results": {"t": {"acc": 0.1, "acc": 0.9}}, "versions": {}}'
    assert '"acc"' in refusal(tmp_path, text).problems[0].message


def test_quotes_that_never_close_take_linear_time(tmp_path: Path) -> None:
    assert code(tmp_path, b'{"status": "' + b'\\"' * (8 * MIB), "log.json") == "truncated"


def test_huge_number_costs_nothing(tmp_path: Path) -> None:
    digits = b"9" * 1_000_000
    text = b'{"status": "success", "eval": {"task": "t", "task_version": ' + digits + b"}}"
    (tmp_path / "log.json").write_bytes(text)
    run = read(tmp_path / "log.json").runs[0]
    assert run.task_version is not None
    assert len(run.task_version) < 10_000


def test_header_of_many_megabytes_is_refused(tmp_path: Path) -> None:
    text = json.dumps(HEADER)[:-1] + ', "plan": [' + "[]," * (6 * MIB) + "[]]}"
    assert code(tmp_path, text.encode(), "log.json") == "part-too-large"


def test_work_is_bounded_however_the_bytes_are_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_STEPS", 1_000_000)
    for part in (b"[],", b"1,", b'"",'):
        text = json.dumps(HEADER).encode()[:-1] + b', "samples": [' + part * 1_100_000 + b"1]}"
        assert code(tmp_path, text, "log.json") == "too-many-parts"


def test_too_many_numbers_are_refused(tmp_path: Path) -> None:
    row = {f"m{i},none": 0.5 for i in range(20_001)}
    text = json.dumps({"results": {"t": row}, "versions": {}})
    assert code(tmp_path, text.encode(), "r.json") == "too-many-numbers"


def test_name_of_many_characters_is_refused(tmp_path: Path) -> None:
    text = json.dumps({"results": {"t" * 10_000: {"acc": 0.5}}, "versions": {}})
    assert code(tmp_path, text.encode(), "r.json") == "name-too-long"


def test_doubts_are_listed_up_to_a_limit(tmp_path: Path) -> None:
    row = {"acc,none": 0.5} | {f"m{i},none": "odd" for i in range(1_000)}
    (tmp_path / "r.json").write_text(json.dumps({"results": {"t": row}, "versions": {}}))
    problems = read(tmp_path / "r.json").problems
    assert len(problems) == 201
    assert problems[-1].code == "more-problems"


def test_large_log_is_walked_not_loaded(tmp_path: Path) -> None:
    """A log of 48 MB, most of it transcripts, costs a few megabytes."""
    sample = {"id": 1, "epoch": 1, "messages": ["said " * 400] * 20, "scores": {"match": {"value": "C"}}}
    text = json.dumps(sample)
    file = tmp_path / "log.json"
    with file.open("w") as out:
        out.write(json.dumps(HEADER)[:-1] + ', "samples": [' + text)
        for _ in range(1_200):
            out.write("," + text)
        out.write("]}")
    assert file.stat().st_size > 48 * 1_000_000
    tracemalloc.start()
    run = read(file).runs[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert run.conditions["samples_in_file"] == 1_201
    assert peak < 8 * MIB


def test_json_over_the_limit_is_refused_by_size(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    with file.open("wb") as out:
        out.write(b'{"status": "success"')
        out.truncate(513 * MIB)  # a sparse file: no disk is used
    problem = read(file).problems[0]
    assert problem.code == "too-large"
    assert "536,870,912" in problem.message


def _directory_with_link(path: Path) -> Path:
    (path / "run_spec.json").write_text("{}")
    (path / "stats.json").symlink_to("/etc/passwd")
    return path


def _directory_without_run(path: Path) -> Path:
    (path / "notes.txt").write_text("nothing")
    return path


def _stats_alone(path: Path) -> Path:
    (path / "stats.json").write_text("[]")
    return path


def _spec_of_another_shape(path: Path) -> Path:
    (path / "run_spec.json").write_text("[1]")
    (path / "stats.json").write_text("{}")
    return path


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (_directory_with_link, "not-a-file"),
        (_directory_without_run, "unknown-format"),
        (_stats_alone, "helm-incomplete"),
        (_spec_of_another_shape, "not-a-run"),
    ],
)
def test_directory_that_is_no_run(tmp_path: Path, build: Callable[[Path], Path], why: str) -> None:
    reading = read(build(tmp_path))
    assert reading.refused
    assert reading.problems[0].code == why


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert read(tmp_path / "nothing.json").problems[0].code == "not-found"


def test_text_that_no_database_can_hold_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    file.write_text('{"status": "success", "eval": {"task": "a\\ud800b\\u0000c", "model": "m"}}')
    assert read(file).runs[0].benchmark == "a\ufffdb\ufffdc"
