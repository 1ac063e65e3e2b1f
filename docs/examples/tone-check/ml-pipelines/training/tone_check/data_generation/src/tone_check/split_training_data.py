from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

#: Of a hundred sentences, for validation.
VALIDATION = 20


def split(sentences: DataFrame) -> dict[str, DataFrame]:
    """The same sentence is always on the same side, so that runs can be compared."""
    numbered = sentences.withColumn("number", f.abs(f.hash("text")) % 100)
    return {
        "train": numbered.where(f.col("number") >= VALIDATION).drop("number"),
        "validation": numbered.where(f.col("number") < VALIDATION).drop("number"),
    }
