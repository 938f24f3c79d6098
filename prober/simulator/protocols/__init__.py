"""How each AI API is spoken, from the server's side: one file a protocol."""
