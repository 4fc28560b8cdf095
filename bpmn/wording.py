"""Sentences for people: an Indonesian template and the facts that fill it, so that any language can be made of it.

The template is the message id of the translation catalogues (`web/translations`); `sentence` is the keyword by which
the catalogue's extractor finds it, so call it with a literal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template with `%(name)s` places, and what goes there."""

    template: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def told(self, translate: Callable[[str], str]) -> str:
        """The sentence in the language of `translate` (a `gettext`); facts that are sentences are told too."""
        facts = {
            name: fact.told(translate) if isinstance(fact, Sentence) else fact for name, fact in self.facts.items()
        }
        return translate(self.template) % facts

    def __str__(self) -> str:
        return self.told(str)


def sentence(template: str, /, **facts: object) -> Sentence:
    """A sentence from a literal template and its facts."""
    return Sentence(template, facts)
