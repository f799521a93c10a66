"""Generates the sample mail that the package ships: `python -m bench.samples` writes streams/data/samples/.

Everything is drawn from one seeded generator, so the same code always writes the same bytes. Nobody in it is real: the
surnames are names of places; companies, units and operations are invented; and no subject refers to a real event. The
domains of governments and armed forces are public ones.
"""
