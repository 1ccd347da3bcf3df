"""A store with a month of traffic in it, so that every page has something to show.

The replies are labelled ones, so it is known what each of them wants. Everything is
decided, counted, drawn and reviewed by the code that does it in service; time, ids and
chance come from one seed.
"""
