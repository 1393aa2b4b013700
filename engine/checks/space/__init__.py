"""The projects that a table may meet, cut into regions; what the table checks reckon with.

The values of each field are cut where the tests of the table cut them (``lines``, ``dimensions``,
``derived``). A set of values is a bit mask, and a box is one mask for each field (``boxes``).
``conditions`` turns what a row says into boxes, ``scenes`` does so for whole tables. ``projects``
looks for a project inside a box (of ``candidates``, and of numbers around which ``wishes`` turn)
that the engine bears out; ``opposites`` are conditions that exclude each other; ``clashes`` and
``tiers`` find rows that stand in each other's way or side by side; ``wording`` says what a box is.
``readers`` knows what a policy reads at all.
"""
