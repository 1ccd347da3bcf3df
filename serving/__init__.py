"""The world around a decision: HTTP, store, outbox, console, command line."""
