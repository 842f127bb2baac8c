"""Answers as application/x-recordio-protobuf: one Record a row, the fields in its label map.

A missing number stays NaN, which a tensor can hold; the tensors are float32, as AWS's image writes
them. A list of lists is a matrix with its shape.
"""

from model_server.rows import record, recordio
from model_server.serving.answers.writer import Fields, Writer


def _records(fields: Fields) -> bytes:
    count = len(next(iter(fields.values())))
    flat = [
        (name, field.reshape(count, -1).tolist(), field.shape[1:]) for name, field in fields.items()
    ]
    frames = []
    for row in range(count):
        message = record.new()
        for name, values, shape in flat:
            tensor = message.label[name].float32_tensor
            tensor.values.extend(values[row])
            if len(shape) > 1:
                tensor.shape.extend(shape)
        frames.append(recordio.frame(message.SerializeToString()))
    return b"".join(frames)


RECORDS = Writer("application/x-recordio-protobuf", _records)
