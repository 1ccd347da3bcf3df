"""The record: contacts, decisions and the outbox, in one database."""
