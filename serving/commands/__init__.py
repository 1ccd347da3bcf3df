"""What `replywise` does with a store or with files, one module a command."""
