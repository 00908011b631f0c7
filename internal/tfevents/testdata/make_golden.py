#!/usr/bin/env python3
"""Prints the golden bytes of tfevents_test.go as TensorBoard writes them, and, given the folder of an event file, what
TensorBoard reads in it. Needs: pip install tensorboard.

    python3 make_golden.py            the bytes
    python3 make_golden.py DIR        every scalar as "tag step value"
"""
import io
import sys

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

if len(sys.argv) == 1:
    out = io.BytesIO()
    out.close, data = lambda: None, out
    w = RecordWriter(out)
    first = event_pb2.Event(wall_time=1000.5, step=0, file_version="brain.Event:2")
    values = [summary_pb2.Summary.Value(tag=t, simple_value=v) for t, v in (("loss/train", 0.25), ("accuracy/val", 0.9))]
    for e in (first, event_pb2.Event(wall_time=1001.5, step=300, summary=summary_pb2.Summary(value=values))):
        w.write(e.SerializeToString())
    w.flush()
    print(data.getvalue().hex())
else:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    acc = EventAccumulator(sys.argv[1])
    acc.Reload()
    for tag in acc.Tags()["scalars"]:
        for e in acc.Scalars(tag):
            print(tag, e.step, round(e.value, 6))
