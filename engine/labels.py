"""Set names and numbers as a textbook prints them: ``w_131`` as w₁₃₁, ``-0.5`` as −0.5.

A label is typed in plain letters: a letter, ``hat`` if it wears one, and after an underscore its
indices. :func:`typeset` sets such a name in Unicode, for terminals, diagrams and Markdown;
:func:`to_latex` sets it for a formula. What is not such a name stays as it was typed, whole: a
name is never half set. Both make any text safe to print on one line.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from engine.errors import ValueTypeError

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
"""The Greek letters that LaTeX has commands for; the other capitals look like Latin ones."""

_GREEK_NAMES = {letter: name for name, letter in GREEK.items()}
# The subscripts that Unicode has; there is no comma among them, so an ordinary one stands in.
SUBSCRIPTS = str.maketrans(
    "0123456789+-aehijklmnoprstuvxβγρφχ,", "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ,"
)
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_LONGEST_SET_WORD = 3  # x_max reads well in small letters, a whole word does not
_PLAIN_FROM, _PLAIN_TO = -4, 6  # powers of ten between which no person writes one

_GREEK_CLASS = "".join(_GREEK_NAMES)
# An index is a number, letters, both (1j), or a step from a letter (t-1); commas part several.
_INDEX = rf"(?:[A-Za-z{_GREEK_CLASS}][+-][0-9]+|[A-Za-z0-9]+|[{_GREEK_CLASS}])"
_INDICES = rf"{_INDEX}(?:,{_INDEX})*"
NAME = (
    rf"(?P<base>[A-Za-z]+?|[{_GREEK_CLASS}])(?P<hat>_?hat)?"
    rf"(?:_(?P<indices>{_INDICES}|\{{{_INDICES}\}}))?"
)
"""The pattern of a name, to be found in a text; :func:`parse_symbol` says whether it is one."""

_NAME = re.compile(NAME)
_WORD = re.compile(rf"[A-Za-z]+|[{_GREEK_CLASS}]")
_ENDS_IN_HAT = {"chat", "that", "what"}
# What a terminal would obey or XML 1.0 cannot hold: control characters, lone surrogates.
_UNPRINTABLE = re.compile("[^ -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Symbol(NamedTuple):
    """A name taken apart: ``yhat_1`` is the base y, wears a hat, and has the index 1."""

    base: str
    hat: bool
    indices: str

    @property
    def letter(self) -> str:
        """The base in Unicode, with its hat."""
        letter = GREEK.get(self.base, self.base)
        if self.hat:
            letter = unicodedata.normalize("NFC", letter + "\N{COMBINING CIRCUMFLEX ACCENT}")
        return letter

    @property
    def subscript(self) -> str:
        """The indices in Unicode, not yet lowered."""
        return _WORD.sub(lambda word: GREEK.get(word[0], word[0]), self.indices)


def parse_symbol(label: str) -> Symbol | None:
    """Take a label apart, or return None if it is not a name of the textbook's kind.

    Example:
        >>> parse_symbol("yhat_1"), parse_symbol("w_1,13,2")
        (Symbol(base='y', hat=True, indices='1'), Symbol(base='w', hat=False, indices='1,13,2'))
        >>> parse_symbol("hidden_size") is None
        True
    """
    match = _NAME.fullmatch(label)
    if match is None:
        return None
    base, hat = match["base"], match["hat"]
    indices = (match["indices"] or "").strip("{}")
    if hat == "hat" and (not is_letter(base) or label in _ENDS_IN_HAT):
        base, hat = base + hat, None
    # In snake_case the second word is no index: only a number is one after a whole word.
    if not is_letter(base) and (hat or _WORD.search(indices)):
        return None
    return Symbol(base, bool(hat), indices)


def is_letter(word: str) -> bool:
    """Tell whether a word stands for one letter: it is one, or spells a Greek one."""
    return len(word) == 1 or word in GREEK


def one_line(text: str) -> str:
    r"""Make a text safe to print on one line, in a terminal as in XML.

    What cannot be printed becomes U+FFFD, as does a text of white space alone.

    Example:
        >>> one_line("  two\n lines and a bell\a ")
        'two lines and a bell�'
    """
    if text.isspace():
        return "\ufffd"  # nothing would be seen
    return _UNPRINTABLE.sub("\ufffd", " ".join(text.split()))


def typeset(label: str) -> str:
    """Set a name in Unicode, as a textbook prints it; what cannot be set whole stays as typed.

    Example:
        >>> [typeset(label) for label in ("w_131", "w_1,13,2", "yhat_1", "eta", "x_t-1")]
        ['w₁₃₁', 'w₁,₁₃,₂', 'ŷ₁', 'η', 'xₜ₋₁']
        >>> [typeset(label) for label in ("dL", "w_Q", "hidden_size")]
        ['dL', 'w_Q', 'hidden_size']
    """
    label = one_line(label)
    name = parse_symbol(label)
    if name is None:
        return label
    subscript = name.subscript
    is_long = any(map(_is_long, _WORD.findall(name.indices)))
    if is_long or not SUBSCRIPTS.keys() >= set(map(ord, subscript)):
        return label
    return name.letter + subscript.translate(SUBSCRIPTS)


def to_latex(label: str) -> str:
    r"""Set a name for math mode, understood alike by LaTeX, MathJax and KaTeX.

    What is not a name is set upright as it was typed; nothing in it acts as a command.

    Example:
        >>> print(to_latex("w_131"), to_latex("yhat_1"), to_latex("eta"), to_latex("x_max"))
        w_{131} \hat{y}_{1} \eta x_{\mathrm{max}}
        >>> print(to_latex("hidden_size"), to_latex("$x"))
        \text{hidden}\_\text{size} \$\text{x}
    """
    label = one_line(label)
    name = parse_symbol(label)
    if name is None:
        return _verbatim(label)
    symbol = _word_latex(name.base)
    if name.hat:
        symbol = rf"\hat{{{symbol}}}"
    if not name.indices:
        return symbol
    indices = _WORD.sub(lambda word: _word_latex(word[0], upright_from=3), name.indices)
    return f"{symbol}_{{{indices}}}"


def number(x: float, digits: int = 4) -> str:
    """Write a number as a person does: at most so many significant digits, no trailing zeros.

    Digits before the decimal point are never replaced by zeros; a power of ten stands only below
    0.0001 and from a million on.

    Example:
        >>> [number(x) for x in (0.7703359891, -0.4593280218, 2.0, -0.0, 12345.6)]
        ['0.7703', '−0.4593', '2', '0', '12346']
        >>> number(1.2e-7), number(-float("inf"))
        ('1.2×10⁻⁷', '−∞')
    """
    if digits < 1:
        raise ValueTypeError(f"digits={digits!r}: a number is written with at least 1")
    # A Decimal holds every float and every whole number exactly, so it rounds but once.
    exact = Decimal(x)
    if not exact.is_finite():
        return "nan" if exact.is_nan() else f"{'−' if exact < 0 else ''}∞"
    sign = "−" if exact < 0 else ""
    mantissa, exponent = f"{abs(exact):.{digits - 1}e}".split("e")
    power = int(exponent) if exact else 0
    if _PLAIN_FROM <= power < max(_PLAIN_TO, digits):
        return sign + _trimmed(f"{abs(exact):.{max(digits - 1 - power, 0)}f}")
    return f"{sign}{_trimmed(mantissa)}×10{str(power).translate(SUPERSCRIPTS)}"


def _is_long(word: str) -> bool:
    """Tell whether a word is hard to read in small letters."""
    return word not in GREEK and len(word) > _LONGEST_SET_WORD


def _word_latex(word: str, upright_from: int = 2) -> str:
    """Set a Greek letter by its command, fewer letters than ``upright_from`` in italics."""
    name = _GREEK_NAMES.get(word, word)
    if name in GREEK:
        return rf"\{name}"
    return word if len(word) < upright_from else rf"\mathrm{{{word}}}"


# MathJax shows commands inside \text as they are typed, so each special character stands outside.
_SPECIAL = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "_": r"\_",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "$": r"\$",
    "^": r"\hat{\ }",
    "~": r"{\sim}",
    "<": "{<}",
    ">": "{>}",
} | {letter: rf"\{name} " for letter, name in _GREEK_NAMES.items()}
_PIECE = re.compile("[{0}]|[^{0}]+".format(re.escape("".join(_SPECIAL))))


def _verbatim(text: str) -> str:
    """Set a text upright in math mode, character by character what it is."""
    return "".join(_SPECIAL.get(piece, rf"\text{{{piece}}}") for piece in _PIECE.findall(text))


def _trimmed(figure: str) -> str:
    """Drop the zeros at the end of a decimal fraction."""
    return figure.rstrip("0").rstrip(".") if "." in figure else figure
