"""Docstrings begin with a short sentence. How it is found, and how its words are counted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.many_values import together

ROOT = Path(__file__).parents[1]
FILES = (
    *(path for folder in ("src", "tests", "quality") for path in sorted((ROOT / folder).rglob("*.py"))),
    ROOT / "dev.py",
    ROOT / "docs" / "figures.py",
    ROOT / "docs" / "generate.py",
    ROOT / "docs" / "man_page.py",
)
MOST_WORDS = 12

_CODE = re.compile(r"(`+).+?\1")
_END = re.compile(r"[.?!][)\"']?(?=\s|$)")


def first_sentence(docstring: str) -> str:
    """Return the first sentence, or else the first paragraph.

    A sentence ends with a full stop, question mark or exclamation mark before a blank. Code in backticks becomes one
    word, so that neither its dots nor its blanks count.
    """
    paragraph = _CODE.sub("code", docstring.strip().split("\n\n", 1)[0])
    return _END.split(paragraph, maxsplit=1)[0]


def words(sentence: str) -> int:
    """Count the texts between blanks that have a letter or digit."""
    return sum(any(map(str.isalnum, word)) for word in sentence.split())


def docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the docstrings of modules, classes, functions and assignments."""
    for node in _bodies(tree):
        for before, statement in zip([None, *node.body], node.body, strict=False):
            match statement:
                case ast.Expr(value=ast.Constant(value=str()) as text):
                    if before is None or isinstance(before, ast.Assign | ast.AnnAssign):
                        yield text


def _bodies(node: ast.AST) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    if isinstance(node, ast.expr):  # has no body, and most nodes are expressions
        return
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _bodies(child)


@together(
    "counted",
    {
        "the first of two sentences": ("One two. Three four five.", 2),
        "a question": ("Is it so? Yes.", 3),
        "no mark": ("One two\nthree\n\nNext paragraph.", 3),
        "code with blanks and a dot": ("Runs `a b. c` twice. Then stops.", 3),
        "a dot within a word": ("Reads config.toml 3.11 times.", 4),
        "a dash is no word": ("One - two.", 2),
        "a mark in brackets": ("One (or two.) Three.", 3),
    },
)
def test_words_are_counted(counted: tuple[str, int]) -> None:
    """The first sentence of a docstring has this many words."""
    docstring, count = counted
    assert words(first_sentence(docstring)) == count


def test_docstrings_are_found() -> None:
    """Docstrings include those of attributes, but no other text."""
    tree = ast.parse(
        '"""module"""\nA = 1\n"""A"""\nclass C:\n    """C"""\n    def f(self):\n        """f"""\n"other"\n'
    )
    assert [text.value for text in docstrings(tree)] == ["module", "A", "C", "f"]


def test_first_sentences_are_short() -> None:
    """The first sentence of each docstring has at most 12 words."""
    long = [
        f"{path.relative_to(ROOT)}:{text.lineno} has {count} words: {sentence}"
        for path in FILES
        for text in docstrings(ast.parse(path.read_bytes()))
        if (count := words(sentence := first_sentence(str(text.value)))) > MOST_WORDS
    ]
    assert long == []
