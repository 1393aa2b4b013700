"""The projects that a table may meet, cut into regions; what the table checks reckon with.

The values of each field are cut where the tests of the table cut them (``lines``, ``dimensions``,
``derived``). A set of values is a bit mask, and a box is one mask for each field (``boxes``).
``conditions`` turns what a row says into boxes, ``scenes`` does so for whole tables, ``projects``
looks for a project inside a box that the tables bear out, ``wording`` says what a box is.
"""
