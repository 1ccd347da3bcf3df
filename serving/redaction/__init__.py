"""What names a person in a reply, found and replaced: pure text in, text out."""
