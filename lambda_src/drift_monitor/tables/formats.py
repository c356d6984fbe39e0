"""The format of a file, by its name."""

from drift_monitor.config.formats import FormatType

NAMES: dict[FormatType, str] = {
    "parquet": "Parquet",
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "arrow": "Arrow",
    "avro": "Avro",
    "sagemaker_capture": "SageMaker data capture",
    "delta": "Delta",
    "iceberg": "Iceberg",
}
_SUFFIXES: dict[str, FormatType] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".avro": "avro",
}
_PACKED = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
KNOWN = f"{', '.join(_SUFFIXES)}, nor in {', '.join(_PACKED)} after CSV's or JSON's"


def format_of(path: str) -> FormatType | None:
    """Return what a file's name says it is; None where it says nothing known."""
    inner = unpacked_name(path)
    found = next((kind for suffix, kind in _SUFFIXES.items() if inner.endswith(suffix)), None)
    return found if packing_of(path) is None or found in ("csv", "jsonl") else None


def packing_of(path: str) -> str | None:
    """Return how a file is packed, by its name."""
    name = path.lower()
    return next((packing for suffix, packing in _PACKED.items() if name.endswith(suffix)), None)


def unpacked_name(path: str) -> str:
    """Return what a packed file would be named without its packing, in lower case."""
    name = path.lower()
    return name if packing_of(name) is None else name.rpartition(".")[0]
