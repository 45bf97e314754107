"""The figures to take hold of: what Python knows of each, beside its drawing in JavaScript."""

from specdemo.live.figures.agreement import Agreement
from specdemo.live.figures.bank import Bank
from specdemo.live.figures.cepstrum import Cepstrum
from specdemo.live.figures.em import Em
from specdemo.live.figures.excerpt import Excerpt
from specdemo.live.figures.frames import Frames
from specdemo.live.figures.integration import Integration
from specdemo.live.figures.leakage import Leakage
from specdemo.live.figures.many import Many
from specdemo.live.figures.merge import Merge
from specdemo.live.figures.phasors import Phasors
from specdemo.live.figures.probe import Probe
from specdemo.live.figures.projections import Projections
from specdemo.live.figures.speak import Speak
from specdemo.live.figures.stairs import Stairs
from specdemo.live.figures.steps import Steps
from specdemo.live.figures.tradeoff import Tradeoff

# In the order of the book.
KINDS = (
    Excerpt,
    Frames,
    Probe,
    Leakage,
    Tradeoff,
    Phasors,
    Agreement,
    Projections,
    Integration,
    Steps,
    Bank,
    Merge,
    Many,
    Em,
    Cepstrum,
    Stairs,
    Speak,
)
