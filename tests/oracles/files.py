"""Writes the files of data beside this script, in `files`, with NumPy, pandas, Pillow and pyarrow.

    pip install numpy pandas pillow pyarrow
    python tests/oracles/files.py

The tests in tests/data read them, and compare with the numbers that are written here.
"""

import pathlib

import numpy
import pandas
import pyarrow
import pyarrow.parquet
from PIL import Image

folder = pathlib.Path(__file__).parent / "files"
folder.mkdir(exist_ok=True)

# Arrays: counted from -3 on in steps of 1, as every dtype; and in other orders.
counted = numpy.arange(-3, 3).reshape(3, 2)
for dtype in ["f4", "f8", "i1", "i2", "i4", "i8"]:
    numpy.save(folder / f"{dtype}.npy", counted.astype(f"<{dtype}"))
for dtype in ["u1", "u2", "u4", "u8"]:
    numpy.save(folder / f"{dtype}.npy", (counted + 3).astype(f"<{dtype}"))
numpy.save(folder / "bool.npy", counted > 0)
numpy.save(folder / "big_endian.npy", counted.astype(">f4"))
numpy.save(folder / "fortran.npy", numpy.asfortranarray(counted.astype("<f8")))
numpy.save(folder / "empty.npy", numpy.zeros((0, 2), "<f4"))
numpy.save(folder / "complex.npy", counted.astype("<c8"))
numpy.savez(folder / "stored.npz", x=counted.astype("<f4"), y=numpy.arange(3))
numpy.savez_compressed(folder / "packed.npz", x=counted.astype("<f4"), y=numpy.arange(3))

# A table: quotes, commas and line breaks in texts, whole numbers, floats in several spellings.
rows = 40
table = pandas.DataFrame(
    {
        "number": numpy.arange(rows) - 7,
        "wave": numpy.sin(numpy.arange(rows) * 0.7).astype("f4"),
        "large": numpy.exp(numpy.arange(rows) * 2.0 - 40.0),
        "kind": [["plain", "with, comma", 'with "quotes"', "two\nlines"][row % 4] for row in range(rows)],
        "label": numpy.arange(rows) % 3,
    }
)
table.to_csv(folder / "table.csv", index=False)
table.to_csv(folder / "table.tsv", index=False, header=False, sep="\t", lineterminator="\r\n")
# What pandas reads back, as this framework reads it.
read = pandas.read_csv(folder / "table.csv")
assert (read["kind"] == table["kind"]).all()
numpy.save(folder / "table_floats.npy", read[["wave", "large", "number"]].to_numpy().astype("f4"))
numpy.save(folder / "table_integers.npy", read[["number", "label"]].to_numpy())

# The same table in groups of rows, with a null, packed in the ways that are common.
arrow = pyarrow.Table.from_pandas(table, preserve_index=False)
pyarrow.parquet.write_table(arrow, folder / "table.parquet", compression="snappy")
pyarrow.parquet.write_table(arrow, folder / "groups.parquet", compression="gzip", row_group_size=16)
nulls = pyarrow.table({"x": pyarrow.array([1.5, None, 2.5], pyarrow.float32()), "y": pyarrow.array([True, False, None])})
pyarrow.parquet.write_table(nulls, folder / "nulls.parquet", compression="none")

# Images: colours that say where they are; classes in folders.
height, width = 6, 8
down, right = numpy.mgrid[0:height, 0:width]
colours = numpy.stack([down * 40, right * 30, (down + right) * 15], axis=2).astype("u1")
images = folder / "images"
for name, mode, kind in [("blue", "RGB", "1.png"), ("blue", "RGB", "2.jpg"), ("grey", "L", "3.png"), ("grey", "RGBA", "4.png")]:
    (images / name).mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(colours).convert(mode)
    image.save(images / name / kind, **({"quality": 95, "subsampling": 0} if kind.endswith("jpg") else {}))
numpy.save(folder / "colours.npy", colours)
numpy.save(folder / "brightness.npy", numpy.asarray(Image.fromarray(colours).convert("L"))[:, :, None])
numpy.save(folder / "jpeg.npy", numpy.asarray(Image.open(images / "blue" / "2.jpg")))
numpy.save(folder / "smaller.npy", numpy.asarray(Image.fromarray(colours).resize((4, 3), Image.BILINEAR)))
