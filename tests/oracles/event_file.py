"""Writes the event file beside this script with the messages and the record writer of TensorBoard, and reads it back.

    pip install tensorboard
    python tests/oracles/event_file.py

The test `the_file_is_the_one_that_tensorboard_writes` in runtime/src/train/events.rs writes the same bytes.
"""

import pathlib

from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING
from tensorboard.summary.writer.record_writer import RecordWriter

BUCKETS = 30


def histogram(numbers):
    low, high = min(numbers), max(numbers)
    width = (high - low) / BUCKETS
    counts = [0.0] * BUCKETS
    total = squares = 0.0
    for number in numbers:
        counts[min(int((number - low) / width), BUCKETS - 1)] += 1.0
        total += number
        squares += number * number
    limits = [low + width * (index + 1) for index in range(BUCKETS - 1)] + [high]
    return HistogramProto(
        min=low, max=high, num=len(numbers), sum=total, sum_squares=squares, bucket_limit=limits, bucket=counts
    )


events = [Event(wall_time=1000.5, file_version="brain.Event:2")]
for step in [1, 300]:
    text = TensorProto(
        dtype=DT_STRING,
        tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
        string_val=["a | b\n--- | ---\nä | ü".encode()],
    )
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    values = [
        Summary.Value(tag="loss", simple_value=0.5 / step),
        Summary.Value(tag="weights", histo=histogram([number / 10 for number in range(1, 101)])),
        Summary.Value(tag="summary", tensor=text, metadata=metadata),
    ]
    events.append(Event(wall_time=1000.5 + step, step=step, summary=Summary(value=values)))

path = pathlib.Path(__file__).with_name("event_file.tfevents")
with path.open("wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
assert [Event.FromString(record) for record in RawEventFileLoader(str(path)).Load()] == events
print(f"{path}: {len(events)} events, {path.stat().st_size} bytes")
