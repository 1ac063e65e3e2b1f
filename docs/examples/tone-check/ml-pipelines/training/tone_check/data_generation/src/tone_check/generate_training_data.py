"""Spark job: from sentences that editors have marked to the data that the model is trained on."""

from __future__ import annotations

import argparse

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from tone_check.split_training_data import split
from tone_check.utils import plain_text

REVISIONS = "hdfs://analytics-hadoop/wmf/data/tone_check/marked_sentences"


def read_sentences(spark: SparkSession, wiki: str, snapshot: str) -> DataFrame:
    to_plain_text = f.udf(plain_text)
    return (
        spark.read.json(f"{REVISIONS}/snapshot={snapshot}")
        .where(f.col("wiki_db") == wiki)
        .select(to_plain_text("wikitext").alias("text"), f.col("is_peacock").cast("long").alias("label"))
        .where(f.length("text") > 0)
        .dropDuplicates(["text"])
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output-path", required=True)
    parser.add_argument("--wiki-db", required=True)
    parser.add_argument("--snapshot", required=True)
    arguments = parser.parse_args()

    spark = SparkSession.builder.appName("tone_check_generate_training_data").getOrCreate()
    sentences = read_sentences(spark, arguments.wiki_db, arguments.snapshot)
    for name, part in split(sentences).items():
        part.coalesce(1).write.mode("overwrite").parquet(f"{arguments.output_path}/{name}_data.parquet")
    spark.stop()
