"""Delta and Iceberg tables with rows deleted as Spark deletes them: beside files that stay."""

import base64
import json
import struct
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet as pq
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.table import Table
from pyiceberg.typedef import Record
from pyroaring import BitMap64

_RFC_1924 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_Z85 = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_MAGIC = struct.pack("<I", 1681511377)


def delete_from_delta(table: Path, rows: list[int]) -> None:
    """Commit version 1, in which rows of the first file are deleted by a deletion vector."""
    log = table / "_delta_log"
    first = (log / f"{0:020}.json").read_text("utf-8").splitlines()
    added = next(action["add"] for action in map(json.loads, first) if "add" in action)
    vector = _MAGIC + bytes(BitMap64(rows).serialize())
    vector += bytes(-len(vector) % 4)
    text = base64.b85encode(vector).translate(bytes.maketrans(_RFC_1924, _Z85)).decode()
    deleted = {
        "storageType": "i",
        "pathOrInlineDv": text,
        "sizeInBytes": len(vector),
        "cardinality": len(rows),
    }
    removed = {name: added[name] for name in ("path", "partitionValues", "size")}
    actions = [
        {"commitInfo": {"timestamp": 1_700_000_000_000, "operation": "DELETE"}},
        {"remove": {**removed, "deletionTimestamp": 1, "dataChange": True}},
        {"add": {**added, "deletionVector": deleted, "dataChange": True}},
    ]
    (log / f"{1:020}.json").write_text("\n".join(map(json.dumps, actions)), "utf-8")


class _DeletesWriter(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


def delete_from_iceberg(table: Table, rows: list[int], content: DataFileContent) -> str:
    """Commit a snapshot in which rows of the first file are deleted; return its metadata's place.

    Args:
        table: has one snapshot.
        rows: their places in the file.
        content: by position, or as equality deletes.
    """
    (task,) = table.scan().plan_files()
    before, io = table.current_snapshot(), table.io
    assert before is not None
    place, snapshot_id = table.location(), before.snapshot_id + 1
    deletes = pa.table(
        {"file_path": [task.file.file_path] * len(rows), "pos": rows},
        pa.schema(
            [
                pa.field("file_path", pa.string(), metadata={"PARQUET:field_id": "2147483546"}),
                pa.field("pos", pa.int64(), metadata={"PARQUET:field_id": "2147483545"}),
            ]
        ),
    )
    with io.new_output(f"{place}/data/deletes.parquet").create() as stream:
        pq.write_table(deletes, stream)
    file = DataFile.from_args(
        content=content,
        file_path=f"{place}/data/deletes.parquet",
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=len(rows),
        file_size_in_bytes=1,
        equality_ids=[1] if content == DataFileContent.EQUALITY_DELETES else None,
    )
    manifest = io.new_output(f"{place}/metadata/deletes.avro")
    with _DeletesWriter(table.spec(), table.schema(), manifest, snapshot_id, "null") as writer:
        entry = ManifestEntry.from_args(
            status=ManifestEntryStatus.ADDED, snapshot_id=snapshot_id, data_file=file
        )
        writer.add_entry(entry)
    listed = io.new_output(f"{place}/metadata/snap.avro")
    with write_manifest_list(2, listed, snapshot_id, before.snapshot_id, 2, "null") as manifests:
        manifests.add_manifests([*before.manifests(io), writer.to_manifest_file()])
    return _commit(table, snapshot_id, listed.location)


def _commit(table: Table, snapshot_id: int, manifest_list: str) -> str:
    """Write a table's next metadata; return where it is."""
    metadata = json.loads(table.metadata.model_dump_json())
    (before,) = metadata["snapshots"]
    moment = before["timestamp-ms"] + 1000
    metadata["snapshots"].append(
        {
            **before,
            "snapshot-id": snapshot_id,
            "parent-snapshot-id": before["snapshot-id"],
            "sequence-number": 2,
            "timestamp-ms": moment,
            "manifest-list": manifest_list,
            "summary": {"operation": "delete"},
        }
    )
    metadata["snapshot-log"].append({"snapshot-id": snapshot_id, "timestamp-ms": moment})
    metadata |= {
        "current-snapshot-id": snapshot_id,
        "last-sequence-number": 2,
        "last-updated-ms": moment,
        "refs": {"main": {"snapshot-id": snapshot_id, "type": "branch"}},
    }
    place = f"{table.location()}/metadata/00002-deleted.metadata.json"
    with table.io.new_output(place).create() as stream:
        stream.write(json.dumps(metadata).encode())
    return place
