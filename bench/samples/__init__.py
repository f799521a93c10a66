"""Makes the sample mail that the package ships: `python -m bench.samples` writes streams/data/samples/ anew.

Everything is drawn from one seeded generator, so the same code always writes the same bytes. Nobody in it is real: the
surnames are names of places, the companies, units and operations are invented, and no subject tells of a real event.
The domains of governments and forces are those that the public knows.
"""
