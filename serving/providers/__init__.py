"""How providers speak: their webhooks, verified and read; no store, network, clock."""
