"""Which words of a model card answer which question of a filing."""

import re

A, B = ("capability_disclosure", "A"), ("capability_disclosure", "B")
MODEL = ("cover_sheet", "model")

Place = tuple[str, str, str]
NAME: Place = (*MODEL, "model_name")
VERSION: Place = (*MODEL, "model_version")
FAMILY: Place = (*A, "model_family")
DERIVED: Place = (*A, "derived")
BASES: Place = (*A, "base_model_dependencies")
ARCHITECTURE: Place = (*B, "architecture_summary")
INPUT: Place = (*B, "input_modalities")
OUTPUT: Place = (*B, "output_modalities")
LANGUAGES: Place = (*B, "languages")
CONTEXT: Place = (*B, "max_context_tokens")
COMPUTE: Place = (*B, "training_compute_flop")
COMPUTE_NOTE: Place = (*B, "estimate_note")
PARAMETERS: Place = (*B, "parameter_count_total")
ACTIVE: Place = (*B, "parameter_count_active")
DATA: Place = (*B, "training_data_summary")
CUTOFF: Place = (*B, "training_data_cutoff")
USE: Place = (*B, "model_specification")
LICENSE: Place = (*B, "limits_weights")
ORDER = (
    *(NAME, VERSION, FAMILY, DERIVED, BASES, ARCHITECTURE, INPUT, OUTPUT, LANGUAGES, CONTEXT),
    *(COMPUTE, COMPUTE_NOTE, PARAMETERS, ACTIVE, DATA, CUTOFF, USE, LICENSE),
)
"""The questions that a card may answer, in the order of the forms."""

LABELS: tuple[tuple[str, Place], ...] = (
    (r"model name|name", NAME),
    (r"(?:model )?version", VERSION),
    (r"model family", FAMILY),
    (r"licen[sc]es?", LICENSE),
    (r"(?:supported )?languages?(?: ?\(s\))?(?: \(nlp\))?", LANGUAGES),
    (r"inputs?(?: modalit(?:y|ies))?|modalit(?:y|ies), input", INPUT),
    (r"outputs?(?: modalit(?:y|ies))?|modalit(?:y|ies), output", OUTPUT),
    (r"(?:model )?architecture", ARCHITECTURE),
    (r"(?:max(?:imum)? )?context(?: length| window| size)?|sequence length", CONTEXT),
    (r"#?(?:total |number of |model )?param(?:s|eters)?(?: count)?|model size|size", PARAMETERS),
    (r"#?activ(?:e|ated) param(?:s|eters)?", ACTIVE),
    (
        r"(?:training |pretraining )?(?:data |knowledge )(?:cut-?off|freshness)(?: date)?|cut-?off(?: date)?",
        CUTOFF,
    ),
    (r"training compute(?: \(flops?\))?|compute", COMPUTE),
    (r"training energy use|gpu hours|training time(?: \(gpu hours\))?|hardware", COMPUTE_NOTE),
    (r"(?:base model|fine-?tuned from(?: model)?|parent model)(?: ?\[optional\])?", BASES),
    (r"intended uses?(?: cases?)?|primary intended uses?", USE),
)
KNOWN_LABELS = tuple((re.compile(pattern), place) for pattern, place in LABELS)
LABEL_LINE = re.compile(
    r"\s*(?:[-*+]\s+)?\*\*(?:<[^<>]{0,200}>)?([^*<>]{1,60})(?:<[^<>]{0,200}>)?\*\*:?\s*(.*)$"
)
FAMILY_LINE = re.compile(r"([A-Z][\w .-]{1,40}?) family of models")
NUMBER = re.compile(
    r"(?<![\w.])(\d[\d,]{0,20}(?:\.\d{1,6})?)\s?([kKmMbBtT]|thousand|million|billion|trillion)?(?![\w])"
)
PARAMETERS_SAID = re.compile(
    r"(?<![\w.])(\d[\d,.]{0,20}\s?(?:[mMbBtT]|million|billion|trillion))\s+(?:total )?param(?:eter)?s?\b"
)
CONTEXT_SAID = re.compile(
    r"(?:context|sequence)(?: length| window| size)?s? of (?:up to )?(\d[\d,.]{0,12}\s?[kKmM]?)(?: tokens)?"
    r"|(?<![\w.])(\d[\d,.]{0,12}\s?[kKmM]?)[ -]tokens? context"
    r"|sequences of (?:up to )?(\d[\d,.]{0,12}\s?[kKmM]?) tokens"
)
FLOP = re.compile(
    r"(?<![\w.])(\d{1,6}(?:\.\d{1,6})?)\s?(?:(?:[x×*]|\\times)\s?10\s?(?:\^|\*\*)?\s?\{?(\d{1,2})\}?|[eE]\+?(\d{1,2}))\s?FLOPs?\b(?!/)"
)
SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
GPU_HOURS = re.compile(r"\bGPU[ -]hours\b")
MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
MONTH = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,?\s(?:\d{1,2},?\s)?(\d{4})\b",
    re.IGNORECASE,
)
ISO_MONTH = re.compile(r"\b((?:19|20)\d\d)-(0[1-9]|1[0-2])\b")
CUTOFF_SAID = re.compile(r"cut-?off", re.IGNORECASE)
BASE = re.compile(
    r"(?:trained based on|fine-?tuned (?:from|version of|on top of)|initiali[sz]ed from)\s+(?:the\s+)?"
    r"([A-Z][\w./-]{1,60}[\w])"
)
ABSENT = re.compile(
    r"\[?more information needed\]?|n/?a|none|unknown|tbd|forthcoming.*|see .{0,60}", re.IGNORECASE
)
GENERIC = re.compile(
    r"deprecated|model card$|https?:|table of contents|model (?:details|information)|introduction|overview"
)

MODALITIES = (
    ("TEXT", r"text|prompts?\b"),
    ("IMAGE", r"image|vision|picture"),
    ("AUDIO", r"audio|speech|voice"),
    ("VIDEO", r"video"),
    ("CODE", r"code\b"),
    ("TOOL_CALL", r"tool[ -]?calls?|function[ -]?calls?"),
)
PIPELINES: dict[str, tuple[list[str], list[str]]] = {
    "text-generation": (["TEXT"], ["TEXT"]),
    "text2text-generation": (["TEXT"], ["TEXT"]),
    "image-text-to-text": (["TEXT", "IMAGE"], ["TEXT"]),
    "audio-text-to-text": (["TEXT", "AUDIO"], ["TEXT"]),
    "video-text-to-text": (["TEXT", "VIDEO"], ["TEXT"]),
    "automatic-speech-recognition": (["AUDIO"], ["TEXT"]),
    "text-to-speech": (["TEXT"], ["AUDIO"]),
    "text-to-image": (["TEXT"], ["IMAGE"]),
    "text-to-video": (["TEXT"], ["VIDEO"]),
    "image-to-text": (["IMAGE"], ["TEXT"]),
}
TONGUES = dict(
    pair.split(":")
    for pair in [
        "ar:Arabic",
        "bn:Bengali",
        "cs:Czech",
        "da:Danish",
        "de:German",
        "el:Greek",
        "en:English",
        "es:Spanish",
        "fa:Persian",
        "fi:Finnish",
        "fr:French",
        "he:Hebrew",
        "hi:Hindi",
        "hu:Hungarian",
        "id:Indonesian",
        "it:Italian",
        "ja:Japanese",
        "ko:Korean",
        "nl:Dutch",
        "no:Norwegian",
        "pl:Polish",
        "pt:Portuguese",
        "ro:Romanian",
        "ru:Russian",
        "sv:Swedish",
        "sw:Swahili",
        "th:Thai",
        "tr:Turkish",
        "uk:Ukrainian",
        "ur:Urdu",
        "vi:Vietnamese",
        "zh:Chinese",
    ]
)
"""Names of common language codes. Others are proposed as the card writes them."""


IN_COLUMNS = frozenset({INPUT, OUTPUT, CONTEXT, PARAMETERS, ACTIVE, CUTOFF, COMPUTE, COMPUTE_NOTE, BASES})
"""What a column of a table may state for each model; other heads mean other things as often."""
