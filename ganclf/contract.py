"""Names and limits that training, serving and the page share. Imports nothing of the project."""

from dataclasses import dataclass

DEFAULT_MODEL = "classifier"  # saved_models/<name>, and the name under which a server serves it
DEFAULT_ADDRESS = "127.0.0.1:8500"

# text: string [batch] -> label, probabilities, classes, confidence, in_scope; with several labels a text also labels
PREDICT_SIGNATURE = "serving_default"
CLASSIFY_SIGNATURE = "classify"  # tf.Example with the feature `text`, for TF Serving's Classify
TEXT = "text"
LABEL = "label"  # the most likely class, string [batch]
LABELS = "labels"  # which classes a text has, bool [batch, classes]; only of models with several labels a text
PROBABILITIES = "probabilities"
CLASSES = "classes"
CONFIDENCE = "confidence"  # probability of the label, calibrated
IN_SCOPE = "in_scope"  # 0 to 1: share of texts like the training texts that look less like the classes

# of a text generator; prefix, label: string [batch], seed: int64 [batch], temperature: float [batch],
# candidates: int32 [batch] -> text, label: string [batch], log_probability, realness: float [batch],
# classes: string [batch, classes]
DEFAULT_GENERATOR = "texts"  # saved_models/<name>
PREFIX = "prefix"
SEED = "seed"
TEMPERATURE = "temperature"
CANDIDATES = "candidates"
LOG_PROBABILITY = "log_probability"  # of the whole text, natural logarithm
REALNESS = "realness"  # 0 to 1: probability that a text is real and not generated, by the discriminator
# of a model of replies; text: string [batch], seed: int64 [batch], temperature: float [batch] -> reply: string, score:
# float, retrieved: bool, each [batch, replies], the best first
REPLY = "reply"
SCORE = "score"
RETRIEVED = "retrieved"  # whether a reply is one of the training file
# of a model of styles; text, target: string [batch], strength: float [batch] -> text: string [batch],
# style_probability: float [batch], classes: string [batch, styles]
TARGET = "target"  # label of the style in which a text is rewritten; "": of one that it does not have
STRENGTH = "strength"  # 0 keeps the content, 1 takes the style at any price
STYLE_PROBABILITY = "style_probability"  # of the target, by the discriminator
DEFAULT_STRENGTH = 0.5
# of models of pictures; png: string [batch], a PNG, JPEG, WebP or BMP each. The same for floats from 0 to 1 by
# PIXELS_SIGNATURE: pixels: float [batch, height, width, channels]
PIXELS_SIGNATURE = "pixels"
PNG = "png"
PIXELS = "pixels"
SHARPNESS = "sharpness"  # of an enlarger, 0 to 1: float [batch]
# of a model that draws pictures; label: string [batch], seed: int64 [batch], truncation: float [batch] -> png, label:
# string [batch], classes: string [batch, classes]; by PIXELS_SIGNATURE pixels instead of png
TRUNCATION = "truncation"  # 1 is what was learned; lower is more usual, 0 the same picture for every seed
DEFAULT_TRUNCATION = 1.0
MAX_DRAWN = 64  # pictures of one request: bounds its memory
# of a model that draws texts; text: string [batch], seed: int64 [batch], candidates: int32 [batch] -> png: string
# [batch], match: float [batch]; by PIXELS_SIGNATURE pixels instead of png
MATCH = "match"  # 0 to 1: how likely the picture goes with the text, by the discriminator
MAX_PICTURE_CANDIDATES = 16
# of a translator; also target: string [batch], name of the kind that a picture becomes, "" for the second
KINDS = "kinds"  # names of both kinds of pictures: string [batch, 2]
MAX_PICTURES = 16  # of one request: bounds its memory
MAX_PICTURE_BYTES = 32_000_000  # of the file of one picture
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
DEFAULT_SHARPNESS = 0.5
MIN_TEMPERATURE, MAX_TEMPERATURE, MAX_CANDIDATES = 0.05, 10.0, 64

ASSETS_EXTRA = "assets.extra"  # TF Serving ignores what it does not know there, and copies travel with the model
WARMUP_FILE = "tf_serving_warmup_requests"  # the name for which TF Serving looks in assets.extra
REPORT_FILE = "report.json"
HTML_REPORT_FILE = "report.html"  # the same for a reader, in one file
MODEL_CARD_FILE = "model_card.md"
CONFUSION_PLOT_FILE = "confusion_matrix.png"
CLASSES_PLOT_FILE = "classes.png"  # instead of it, with several labels a text
CURVES_PLOT_FILE = "learning_curves.png"
SAMPLES_PLOT_FILE = "samples.png"  # of a text generator: quality against variety of its texts
SHEET_FILE = "pictures.png"  # of a model of pictures: some of them, by several methods
INTERPOLATION_FILE = "interpolation.png"  # of a model that draws pictures: from one drawn picture to another
TRADE_PLOT_FILE = "sharpness.png"  # of an enlarger: what sharpness costs and brings
LABEL_ISSUES_FILE = "label_issues.csv"  # row numbers of the user's file, and no texts
SAMPLE_GRID_FILE = "sample_grids/step_{:06d}.png"  # what a generator in pixels drew by that step

MAX_VERSION = 2**63 - 1  # an int64 in the protocol
MAX_VERSION_DIGITS = 64  # zeros in front included

MAX_REQUEST_TEXTS = 1024  # texts in one request of our client; longer lists travel as several requests
MAX_TEXT_CHARACTERS = 100_000  # characters of one text that our client sends; encoders read fewer still


def version_number(name: str) -> int | None:
    """The version that a folder's name means to TF Serving: digits, whatever their zeros. None: it means none."""
    if not name.isascii() or not name.isdigit() or len(name) > MAX_VERSION_DIGITS:
        return None
    number = int(name)
    return number if number <= MAX_VERSION else None


@dataclass(frozen=True)
class Prediction:
    """The prediction for one text.

    Attributes:
        label: the most likely class.
        probabilities: by class, from most to least likely; they sum to 1 only where a text has one label.
        in_scope: share of the training texts that are less like the classes, 0 to 1; None: the model has none.
        labels: the classes that reached their threshold, most likely first; `()`: none did; None: the model gives
            one label a text.
    """

    label: str
    probabilities: dict[str, float]
    in_scope: float | None = None
    labels: tuple[str, ...] | None = None

    @property
    def probability(self) -> float:
        """Probability of the label, calibrated."""
        return self.probabilities[self.label]


@dataclass(frozen=True, kw_only=True)
class GenerationRequest:
    """What a text generator is asked for one text.

    Attributes:
        prefix: with which the text begins; "" for nothing.
        label: of the text; "" for any.
        seed: the same seed gives the same text, whatever else is asked with it; an int64.
        temperature: 1 is what was learned, lower is more usual; from MIN_TEMPERATURE to MAX_TEMPERATURE.
        candidates: texts that are written, of which the discriminator chooses one; from 1 to MAX_CANDIDATES.
    """

    prefix: str = ""
    label: str = ""
    seed: int = 0
    temperature: float = 1.0
    candidates: int = 1


@dataclass(frozen=True, kw_only=True)
class PictureRequest:
    """What a model that draws pictures is asked for one picture.

    Attributes:
        label: of the picture; "" for any.
        seed: the same seed gives the same picture, whatever else is asked with it; an int64.
        truncation: 1 is what was learned, lower is more usual; from 0 to 1.
    """

    label: str = ""
    seed: int = 0
    truncation: float = DEFAULT_TRUNCATION


@dataclass(frozen=True)
class DrawnPicture:
    """A picture that was drawn.

    Attributes:
        png: the file.
        label: with which it was drawn; "" where the model has none.
        classes: that the model can be asked for.
    """

    png: bytes
    label: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class GeneratedText:
    """A text that was generated.

    Attributes:
        text: with its prefix.
        log_probability: of the whole text, natural logarithm.
        realness: 0 to 1: probability that it is real and not generated, by the discriminator.
        label: with which it was written; "" where the model has none.
        classes: that the model can be asked for.
    """

    text: str
    log_probability: float
    realness: float
    label: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """A reply to a text.

    Attributes:
        reply: its text.
        score: how well it fits, beside the other replies to the same text; higher is better.
        retrieved: whether it is a reply of the training file; else it was generated.
    """

    reply: str
    score: float
    retrieved: bool


@dataclass(frozen=True)
class Restyled:
    """A text that was rewritten in another style.

    Attributes:
        text: as it was rewritten.
        style_probability: 0 to 1: that it has the style, by the discriminator.
        classes: labels of the styles that there are.
    """

    text: str
    style_probability: float
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class IllustrationRequest:
    """What a model that draws is asked for one picture.

    Attributes:
        text: what to draw.
        seed: the same seed gives the same picture, whatever else is asked with it; an int64.
        candidates: pictures that are drawn, of which the discriminator chooses one; 1 to MAX_PICTURE_CANDIDATES.
    """

    text: str
    seed: int = 0
    candidates: int = 1


@dataclass(frozen=True)
class Illustration:
    """A picture that was drawn.

    Attributes:
        png: the file.
        match: 0 to 1: how likely it goes with its text, by the discriminator.
    """

    png: bytes
    match: float
