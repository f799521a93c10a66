"""Memory: which persons at watched domains this organisation writes to, and what mail it exchanged with domains near
watched ones. Pure: days are numbers since the epoch (UTC), taken from event times; no clock, no Kafka, no metrics.

The door is `memory.Memory`:

- `learn(event, near, inbound=...)` takes what one event teaches and returns the entries that it changed, as
  `records.PackedRecord`. Whoever has read the event writes them, with `records.encode_packed`, under its source
  partition, to a compacted topic; a value is the whole entry as this memory has it, so a reader needs no other record
  of that partition. An entry changes at most twice a day (mail out, mail in) and once for each of the few senders and
  persons that it counts.
- `merge(record)` takes an entry that another memory wrote; `records.decode` reads it and checks each number. Merging is
  commutative, associative and idempotent: order, repeats and outdated writers do no harm. It returns whether the memory
  changed, and whether the record lacks something that the memory has: a partition's owner that reads that of a record
  which it did not write itself under its own partition writes the entry again.
- `person` and `correspondent` return facts as they were before a day: mail is judged by nothing of its own day or
  later.
- `forget(kind, digest)` erases an entry and bars it: it is neither learned nor merged again. It returns the record that
  bars it in every other memory; the keys of its entries get tombstones, whose `merge` erases without barring.
- `age(day)` drops entries without mail for DAYS_KEPT days. Above its bounds a memory drops those to which
  nobody of ours has written, then those with the oldest day.
"""
