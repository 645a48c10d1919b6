"""Files of rows whose words belong to one class each."""

import csv
import random
from pathlib import Path

WORDS = {"red": "apple cherry rose ruby fire", "blue": "sea sky navy ink ice", "green": "leaf grass moss lime fern"}

# options of a benchmark that takes seconds
QUICK = [
    "--size",
    "8",
    "--vocabulary-size",
    "200",
    "--steps",
    "3",
    "--batch-size",
    "16",
    "--width",
    "8",
    "--depth",
    "1",
    "--calibration",
    "none",
]


def write_rows(path: Path, count: int, seed: int, label: bool = True) -> Path:
    """Write rows whose words belong to one class each, and return the file."""
    generator = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"] if label else ["text"])
        for number in range(count):
            name = list(WORDS)[number % 3]
            text = " ".join([*generator.choices(WORDS[name].split(), k=3), f"word{generator.randrange(40)}"])
            writer.writerow([text, name] if label else [text])
    return path
