from __future__ import annotations

import re

LINK = re.compile(r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]")
MARKUP = re.compile(r"'{2,}|<ref[^>]*>.*?</ref>|\{\{[^}]*\}\}")


def plain_text(wikitext: str | None) -> str:
    """What a reader sees of a sentence: `the [[Danube|river]]` is `the river`."""
    without_links = LINK.sub(r"\1", wikitext or "")
    return " ".join(MARKUP.sub("", without_links).split())
