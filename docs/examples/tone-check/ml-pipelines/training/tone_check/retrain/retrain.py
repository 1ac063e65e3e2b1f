"""Trains the model of Tone-Check: does a sentence praise instead of inform?"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import joblib
import pyarrow.parquet
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score
from sklearn.pipeline import Pipeline

CLASSES = [0, 1]
EPOCHS = 20


def read(path: Path) -> tuple[list[str], list[int]]:
    table = pyarrow.parquet.read_table(path)
    return table["text"].to_pylist(), table["label"].to_pylist()


def new_model() -> Pipeline:
    return Pipeline(
        [
            ("features", HashingVectorizer(n_features=2**16, ngram_range=(1, 2), lowercase=True)),
            ("classifier", SGDClassifier(loss="log_loss", random_state=7)),
        ]
    )


def retrain(model: Pipeline, texts: list[str], labels: list[int]) -> None:
    features = model.named_steps["features"].transform(texts)
    for _ in range(EPOCHS):
        model.named_steps["classifier"].partial_fit(features, labels, classes=CLASSES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-data-path", type=Path, required=True)
    parser.add_argument("--validation-data-path", type=Path, required=True)
    parser.add_argument("--output-model-path", type=Path, required=True)
    parser.add_argument("--base-model-path", type=Path, help="model of an earlier run to go on from")
    arguments = parser.parse_args()

    base = arguments.base_model_path
    model = joblib.load(base) if base is not None and base.exists() else new_model()
    retrain(model, *read(arguments.train_data_path))

    texts, labels = read(arguments.validation_data_path)
    accuracy = float(accuracy_score(labels, model.predict(texts)))
    print(f"accuracy {accuracy:.3f} on {len(texts)} sentences")

    arguments.output_model_path.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, arguments.output_model_path / "model.joblib")
    (arguments.output_model_path / "metrics.json").write_text(json.dumps({"accuracy": accuracy}))


if __name__ == "__main__":
    main()
