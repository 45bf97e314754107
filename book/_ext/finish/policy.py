"""The content security policy of a page: what it may load and run.

Nothing comes from another host, and only the inline scripts that the page was built with run: they
are listed by their hashes. `blob:` is for the live figures, whose module and worker are made from
text; `file:` for browsers in which a page that was opened from a disk has no origin for 'self' to
name, and means nothing on a web server. What has no directive of its own may come from the site too,
because Firefox loads the next page (`rel="next"`) in advance under that rule.
"""

import base64
import hashlib
import html
import re

DIRECTIVES = {
    "default-src": "'self' file:",
    "object-src": "'none'",
    "frame-src": "'none'",
    "manifest-src": "'none'",
    "script-src": "'self' file: blob: 'unsafe-hashes'",
    "worker-src": "blob:",
    "style-src": "'self' file: 'unsafe-inline'",
    "img-src": "'self' file: data: blob:",
    "media-src": "'self' file: data: blob:",
    "font-src": "'self' file:",
    "connect-src": "'self' file:",
    "form-action": "'self' file:",
    "base-uri": "'none'",
}

TAG = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n?')
CHARSET = re.compile(r'<meta charset="utf-8"\s*/?>\n?')
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
HANDLER = re.compile(r'<[^>]*\son[a-z]+="([^"]*)"')


def handlers(pages):
    """Return the inline event handlers of a site.

    All pages allow them all: the search reads other pages, and a browser checks what it reads.
    """
    return {html.unescape(handler) for page in pages for handler in HANDLER.findall(page)}


def with_policy(page, allowed_handlers=()):
    """Return a page with its policy, which stands before all that it applies to."""
    page = TAG.sub("", page)
    inline = {*INLINE_SCRIPT.findall(page), *allowed_handlers}
    stated = tag(sorted(map(hashed, inline)))
    return CHARSET.sub(lambda match: f"{match.group().rstrip()}\n{stated}\n", page, count=1)


def tag(hashes):
    """Return the <meta> element that states a policy."""
    scripts = " ".join([DIRECTIVES["script-src"], *hashes])
    rules = {**DIRECTIVES, "script-src": scripts}
    content = "; ".join(f"{name} {sources}" for name, sources in rules.items())
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def hashed(script):
    """Return the source expression that allows exactly this inline script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
