"""The smallest texts that a classifier can be fitted to, two labeled ones per class."""

TEXTS = [
    "good fine day",
    "bad awful day",
    "good nice sun",
    "awful bad rain",
    "fine nice day",
    "rain awful 雨",
    "包裹 good",
]
LABELS = ["sun", "rain", None, "rain", "sun", None, None]
