"""What every address shares: parameters, errors as problem documents, negotiation, other sites."""
